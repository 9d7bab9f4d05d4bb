import type { RequestHandler } from 'express'

interface Opened {
  readonly methods: string
  readonly headers: string
}

const fromScripts: Opened = { methods: 'POST, OPTIONS', headers: 'X-Requested-With, X-CSRF-Token, Content-Type' }
const withToken: Opened = { methods: 'GET, HEAD, POST, OPTIONS', headers: 'Authorization, Content-Type' }
const readOnly: Opened = { methods: 'GET, HEAD', headers: 'Content-Type' }

/**
 * What scripts of other sites may ask, without cookies (gitlab `config/application.rb`, Rack::Cors): applications that run
 * in a browser change their code for tokens by themselves.
 */
const opened: ReadonlyMap<string, Opened> = new Map([
  ['/oauth/token', fromScripts],
  ['/oauth/revoke', fromScripts],
  ['/oauth/userinfo', withToken],
  ['/oauth/discovery/keys', readOnly],
  ['/.well-known/openid-configuration', readOnly],
  ['/.well-known/oauth-authorization-server', readOnly],
])

/** For how long a browser remembers the answer, in seconds. */
const remembered = '7200'

export const allowOtherSites: RequestHandler = (request, response, next) => {
  const found = request.headers.origin === undefined ? undefined : opened.get(request.path)
  if (found === undefined) {
    next()
    return
  }
  response.setHeader('Access-Control-Allow-Origin', '*')
  response.setHeader('Access-Control-Allow-Methods', found.methods)
  response.setHeader('Access-Control-Max-Age', remembered)
  if (request.method !== 'OPTIONS') {
    next()
    return
  }
  response.setHeader('Access-Control-Allow-Headers', found.headers)
  response.status(200).end()
}
