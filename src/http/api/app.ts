import express from 'express'
import { clientAddressBy } from '../client-address.ts'
import { adminTokenRoutes } from './admin-token.ts'
import { admit, bodyDeadline } from './admission.ts'
import { applicationSettingRoutes } from './application-settings.ts'
import { auditEventRoutes } from './audit-events.ts'
import type { Method, Route } from './call.ts'
import { deployKeyRoutes } from './deploy-keys.ts'
import { deployTokenRoutes } from './deploy-tokens.ts'
import { ApiError } from './errors.ts'
import { groupServiceAccountRoutes } from './group-service-accounts.ts'
import { groupTransferRoutes } from './group-transfer.ts'
import { groupRoutes } from './groups.ts'
import { impersonationTokenRoutes } from './impersonation-tokens.ts'
import { instanceDeployKeyRoutes } from './instance-deploy-keys.ts'
import { invitationRoutes } from './invitations.ts'
import { keyRoutes } from './keys.ts'
import { memberRoutes } from './members.ts'
import { namespaceRoutes } from './namespaces.ts'
import { openApiRoute } from './openapi.ts'
import { ownAccessTokenRoutes } from './own-access-tokens.ts'
import type { ApiParts } from './parts.ts'
import { personalAccessTokenRoutes } from './personal-access-tokens.ts'
import { projectPeopleRoutes } from './project-people.ts'
import { projectRoutes } from './projects.ts'
import { protectedBranchRoutes } from './protected-branches.ts'
import { protectedTagRoutes } from './protected-tags.ts'
import { blobRoutes } from './repository/blobs.ts'
import { branchRoutes } from './repository/branches.ts'
import { commitRoutes } from './repository/commits.ts'
import { fileRoutes } from './repository/files.ts'
import { mergeBaseRoutes } from './repository/merge-base.ts'
import { tagRoutes } from './repository/tags.ts'
import { treeRoutes } from './repository/tree.ts'
import { logRequest } from './request-log.ts'
import { resourceAccessTokenRoutes } from './resource-access-tokens.ts'
import { sallyportTokenRoutes } from './sallyport-tokens.ts'
import { serve, writeError } from './serve.ts'
import { serviceAccountTokenRoutes } from './service-account-tokens.ts'
import { serviceAccountRoutes } from './service-accounts.ts'
import { tokenAssociationRoutes } from './token-associations.ts'
import { tokenRotationRoutes } from './token-rotation.ts'
import { triggerRoutes } from './triggers.ts'
import { currentUserRoutes } from './user.ts'
import { userKeyRoutes } from './user-keys.ts'
import { userPlaceRoutes } from './user-places.ts'
import { userStateRoutes } from './user-states.ts'
import { userStatusRoutes } from './user-status.ts'
import { userTokenRoutes } from './user-tokens.ts'
import { userRoutes } from './users.ts'
import { versionRoutes } from './version.ts'

export type { ApiParts } from './parts.ts'

/** Every resource; where two paths fit a request, the first that stands here answers. */
const resources: readonly (readonly Route[])[] = [
  versionRoutes,
  [openApiRoute(() => routes)],
  currentUserRoutes,
  userRoutes,
  userStateRoutes,
  userStatusRoutes,
  userPlaceRoutes,
  userKeyRoutes,
  keyRoutes,
  auditEventRoutes,
  personalAccessTokenRoutes,
  impersonationTokenRoutes,
  resourceAccessTokenRoutes,
  tokenRotationRoutes,
  ownAccessTokenRoutes,
  tokenAssociationRoutes,
  serviceAccountRoutes,
  groupServiceAccountRoutes,
  serviceAccountTokenRoutes,
  deployTokenRoutes,
  triggerRoutes,
  userTokenRoutes,
  adminTokenRoutes,
  deployKeyRoutes,
  instanceDeployKeyRoutes,
  projectRoutes,
  projectPeopleRoutes,
  groupRoutes,
  groupTransferRoutes,
  memberRoutes,
  invitationRoutes,
  namespaceRoutes,
  protectedBranchRoutes,
  protectedTagRoutes,
  branchRoutes,
  tagRoutes,
  commitRoutes,
  treeRoutes,
  fileRoutes,
  blobRoutes,
  mergeBaseRoutes,
  applicationSettingRoutes,
  sallyportTokenRoutes,
]

/** All of them, in the order in which they are tried. */
export const routes: readonly Route[] = resources.flat()

const standardHeaders: express.RequestHandler = (_request, response, next) => {
  response.setHeader('Cache-Control', 'no-store')
  response.setHeader('X-Content-Type-Options', 'nosniff')
  next()
}

const mount = (router: express.Router, parts: ApiParts, route: Route): void => {
  const handlers = [admit(parts, route), serve(parts, route)]
  const add: Record<Method, () => unknown> = {
    GET: () => router.get(route.path, serve(parts, route)),
    POST: () => router.post(route.path, handlers),
    PUT: () => router.put(route.path, handlers),
    PATCH: () => router.patch(route.path, handlers),
    DELETE: () => router.delete(route.path, handlers),
  }
  add[route.method]()
}

const unknownMethod =
  (known: readonly string[]): express.RequestHandler =>
  () => {
    const details = { headers: { Allow: known.join(', ') }, log: { 'meta.refusal_reason': 'method_not_allowed' } }
    throw new ApiError(405, { error: '405 Not Allowed' }, details)
  }

const unknownRoute: express.RequestHandler = () => {
  throw new ApiError(404, { error: '404 Not Found' }, { log: { 'meta.refusal_reason': 'unknown_route' } })
}

const routerOf = (parts: ApiParts): express.Router => {
  const router = express.Router({ caseSensitive: true })
  for (const route of routes) mount(router, parts, route)
  for (const [path, known] of Map.groupBy(routes, (route) => route.path)) {
    router.all(path, unknownMethod(known.map(({ method }) => method)))
  }
  return router
}

/** For the body of a request to arrive, in milliseconds. */
const bodyTime = 30_000

/** The REST API below `/api/v4`: GitLab's paths, parameters, JSON keys and status codes. */
export const makeApi = (parts: ApiParts, limits = { bodyTime }): express.Express => {
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  app.set('query parser', false)
  app.set('case sensitive routing', true)
  app.use(logRequest(parts.log, clientAddressBy(parts.settings.trustedProxies)), standardHeaders, bodyDeadline(limits.bodyTime))
  app.use('/api/v4', routerOf(parts))
  app.use(unknownRoute, writeError(parts))
  return app
}
