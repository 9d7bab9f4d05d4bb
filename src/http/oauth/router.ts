import express from 'express'
import { authorizeDevice } from './authorize-device.ts'
import { endpoint, type OauthParts } from './call.ts'
import { allowOtherSites } from './cors.ts'
import { discovery, discoveryPaths } from './discovery.ts'
import { introspect } from './introspect.ts'
import { revoke } from './revoke.ts'
import { token } from './token.ts'
import { tokenInfo } from './token-info.ts'
import { userinfo } from './userinfo.ts'

/** The endpoints of OAuth2 and OpenID Connect that programs ask; people's pages are in `http/web`. */
export const makeOauthRouter = (parts: OauthParts): express.Router => {
  const router = express.Router({ caseSensitive: true })
  router.use(allowOtherSites)
  router.post('/oauth/token', endpoint(parts, token))
  router.post('/oauth/authorize_device', endpoint(parts, authorizeDevice))
  router.get('/oauth/token/info', endpoint(parts, tokenInfo))
  router.post('/oauth/introspect', endpoint(parts, introspect))
  router.post('/oauth/revoke', endpoint(parts, revoke))
  router.get('/oauth/userinfo', endpoint(parts, userinfo))
  router.post('/oauth/userinfo', endpoint(parts, userinfo))
  router.get([...discoveryPaths], discovery(parts))
  return router
}
