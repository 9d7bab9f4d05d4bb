import express from 'express'
import { clientAddressBy } from '../client-address.ts'
import { makeOauthRouter } from '../oauth/router.ts'
import { makeRegistryRouter } from '../registry/token.ts'
import { makeWebRouter } from '../web/router.ts'
import { bodyDeadline } from './admission.ts'
import type { Route } from './call.ts'
import { artifactUploadRoutes } from './ci/artifact-upload.ts'
import { groupVariableRoutes } from './ci/group-variables.ts'
import { jobArtifactRoutes } from './ci/job-artifacts.ts'
import { jobLeaseRoutes } from './ci/job-leases.ts'
import { jobRequestRoutes } from './ci/job-request.ts'
import { jobStateRoutes } from './ci/job-state.ts'
import { jobTokenAllowlistRoutes } from './ci/job-token-allowlist.ts'
import { jobTokenScopeRoutes } from './ci/job-token-scope.ts'
import { jobTraceRoutes } from './ci/job-trace.ts'
import { jobRoutes } from './ci/jobs.ts'
import { lintRoutes } from './ci/lint.ts'
import { ownJobRoutes } from './ci/own-job.ts'
import { pipelineRoutes } from './ci/pipelines.ts'
import { projectVariableRoutes } from './ci/project-variables.ts'
import { runnerJobRoutes } from './ci/runner-jobs.ts'
import { runnerRegistrationRoutes } from './ci/runner-registration.ts'
import { runnerTokenRoutes } from './ci/runner-token.ts'
import { runnerRoutes } from './ci/runners.ts'
import { triggerPipelineRoutes } from './ci/trigger.ts'
import { discoveryKeyPaths, discoveryKeys } from './discovery-keys.ts'
import { ApiError } from './errors.ts'
import { groupTransferRoutes } from './groups/group-transfer.ts'
import { groupRoutes } from './groups/groups.ts'
import { namespaceRoutes } from './groups/namespaces.ts'
import { applicationSettingRoutes } from './instance/application-settings.ts'
import { auditEventRoutes } from './instance/audit-events.ts'
import { versionRoutes } from './instance/version.ts'
import { deployKeyRoutes } from './keys/deploy-keys.ts'
import { instanceDeployKeyRoutes } from './keys/instance-deploy-keys.ts'
import { keyRoutes } from './keys/keys.ts'
import { userKeyRoutes } from './keys/user-keys.ts'
import { invitationRoutes } from './members/invitations.ts'
import { memberRoutes } from './members/members.ts'
import { applicationRoutes } from './oauth/applications.ts'
import { ownApplicationRoutes } from './oauth/own-applications.ts'
import { openApiRoute } from './openapi.ts'
import type { ApiParts } from './parts.ts'
import { projectPeopleRoutes } from './projects/project-people.ts'
import { projectRoutes } from './projects/projects.ts'
import { pushShieldRoutes } from './projects/push-shield.ts'
import { protectedBranchRoutes } from './protection/protected-branches.ts'
import { protectedTagRoutes } from './protection/protected-tags.ts'
import { blobRoutes } from './repository/blobs.ts'
import { branchRoutes } from './repository/branches.ts'
import { commitRoutes } from './repository/commits.ts'
import { compareRoutes } from './repository/compare.ts'
import { fileRoutes } from './repository/files.ts'
import { mergeBaseRoutes } from './repository/merge-base.ts'
import { tagRoutes } from './repository/tags.ts'
import { treeRoutes } from './repository/tree.ts'
import { logRequest } from './request-log.ts'
import { routing } from './routing.ts'
import { writeError } from './serve.ts'
import { adminTokenRoutes } from './tokens/admin-token.ts'
import { deployTokenRoutes } from './tokens/deploy-tokens.ts'
import { impersonationTokenRoutes } from './tokens/impersonation-tokens.ts'
import { ownAccessTokenRoutes } from './tokens/own-access-tokens.ts'
import { personalAccessTokenRoutes } from './tokens/personal-access-tokens.ts'
import { resourceAccessTokenRoutes } from './tokens/resource-access-tokens.ts'
import { sallyportTokenRoutes } from './tokens/sallyport-tokens.ts'
import { serviceAccountTokenRoutes } from './tokens/service-account-tokens.ts'
import { tokenAssociationRoutes } from './tokens/token-associations.ts'
import { tokenRotationRoutes } from './tokens/token-rotation.ts'
import { triggerRoutes } from './tokens/triggers.ts'
import { userTokenRoutes } from './tokens/user-tokens.ts'
import { tokenExchangeRoutes } from './trusts/token-exchange.ts'
import { trustRoutes } from './trusts/trusts.ts'
import { groupServiceAccountRoutes } from './users/group-service-accounts.ts'
import { serviceAccountRoutes } from './users/service-accounts.ts'
import { currentUserRoutes } from './users/user.ts'
import { userPlaceRoutes } from './users/user-places.ts'
import { userStateRoutes } from './users/user-states.ts'
import { userStatusRoutes } from './users/user-status.ts'
import { userTwoFactorRoutes } from './users/user-two-factor.ts'
import { userRoutes } from './users/users.ts'

/** Every resource; where two paths fit a request, the first that stands here answers. */
const resources: readonly (readonly Route[])[] = [
  versionRoutes,
  [openApiRoute(() => routes)],
  currentUserRoutes,
  userRoutes,
  userStateRoutes,
  userStatusRoutes,
  userTwoFactorRoutes,
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
  triggerPipelineRoutes,
  lintRoutes,
  pipelineRoutes,
  jobRoutes,
  projectVariableRoutes,
  groupVariableRoutes,
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
  compareRoutes,
  runnerRegistrationRoutes,
  runnerTokenRoutes,
  runnerRoutes,
  runnerJobRoutes,
  jobRequestRoutes,
  jobStateRoutes,
  jobTraceRoutes,
  artifactUploadRoutes,
  jobArtifactRoutes,
  pushShieldRoutes,
  jobTokenScopeRoutes,
  jobTokenAllowlistRoutes,
  jobLeaseRoutes,
  ownJobRoutes,
  applicationSettingRoutes,
  applicationRoutes,
  ownApplicationRoutes,
  sallyportTokenRoutes,
  trustRoutes,
  tokenExchangeRoutes,
]

/** All of them, in the order in which they are tried. */
export const routes: readonly Route[] = resources.flat()

const standardHeaders: express.RequestHandler = (_request, response, next) => {
  response.setHeader('Cache-Control', 'no-store')
  response.setHeader('X-Content-Type-Options', 'nosniff')
  // For a browser that is led here: nothing of it is a page, and nothing in it runs or is framed.
  response.setHeader('Content-Security-Policy', "default-src 'none'; frame-ancestors 'none'")
  response.setHeader('X-Frame-Options', 'DENY')
  next()
}

const unknownRoute: express.RequestHandler = () => {
  throw new ApiError(404, { error: '404 Not Found' }, { log: { 'meta.refusal_reason': 'unknown_route' } })
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
  app.use('/api/v4', routing(parts, routes))
  app.use(makeOauthRouter(parts))
  app.get([...discoveryKeyPaths], discoveryKeys(parts))
  app.use(makeWebRouter(parts))
  app.use(makeRegistryRouter(parts))
  app.use(unknownRoute, writeError(parts))
  return app
}
