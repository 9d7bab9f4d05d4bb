import { z } from 'zod'
import type { DeployTokenId } from '../../../core/ids.ts'
import type { DeployTokenHome } from '../../../core/principal.ts'
import { deployTokenScopes } from '../../../core/scope.ts'
import {
  createDeployToken,
  type DeployTokenQuery,
  type DeployTokenRow,
  deleteDeployToken,
  deployTokenById,
  deployTokensOf,
  selectDeployTokens,
  workingDeployTokens,
} from '../../../store/deploy-tokens.ts'
import { scopesOf } from '../../../store/lookups.ts'
import { makeToken } from '../../../tokens/make.ts'
import { type Answer, created, noContent, ok } from '../answer.ts'
import { type Call, type Route, route } from '../call.ts'
import { requireAdmin, requireUser } from '../caller.ts'
import { maybeMoment, wholeNumber, words, yesNo } from '../entity-words.ts'
import { ApiError, plainNotFound } from '../errors.ts'
import { filledText, flag, list, moment, numberIn, oneOf, optional, text } from '../input.ts'
import { paginate } from '../pagination.ts'
import { reachGroup, reachProject } from '../reach.ts'
import { auditDeployToken } from './deploy-token-audit.ts'
import { secretField, withSecret } from './token-shape.ts'

/** gitlab `API::Entities::DeployToken`. */
export const deployTokenEntity = z
  .object({
    id: wholeNumber,
    name: words,
    username: words,
    expires_at: maybeMoment,
    scopes: z.array(words),
    revoked: yesNo,
    expired: yesNo,
  })
  .meta({ id: 'DeployToken' })

const newDeployTokenEntity = deployTokenEntity.extend(secretField).meta({ id: 'NewDeployToken' })

export const deployTokenShape = (token: DeployTokenRow, now: number): z.output<typeof deployTokenEntity> => ({
  id: token.id,
  name: token.name,
  username: token.username,
  expires_at: token.expires_at,
  scopes: scopesOf(token.scopes),
  revoked: token.revoked === 1,
  expired: token.expires_at !== null && Date.parse(token.expires_at) <= now,
})

type Kind = DeployTokenHome['kind']
type Doing = 'read' | 'write'

/** Throws 404 and 403. In a group Maintainers look, Owners make and delete. */
const homeOf: Record<Kind, (call: Call, doing: Doing) => Promise<DeployTokenHome>> = {
  async project(call) {
    const { project } = await reachProject(call, 'manage_deploy_tokens')
    return { kind: 'project', id: project.id }
  },
  async group(call, doing) {
    const { group } = await reachGroup(call, doing === 'read' ? 'read_deploy_tokens' : 'manage_deploy_tokens')
    return { kind: 'group', id: group.id }
  },
}

const activity = z.object({ active: optional(flag()) })

const listed = (call: Call, query: DeployTokenQuery): Promise<Answer> => {
  const { active } = call.read(activity)
  const found = active === true ? workingDeployTokens(query, call.now) : query
  return paginate(call, found.orderBy('id'), (rows) => rows.map((row) => deployTokenShape(row, call.now)))
}

const listAll = async (call: Call): Promise<Answer> => {
  requireAdmin(call.caller)
  return listed(call, selectDeployTokens(call.parts.store.read))
}

const listOf =
  (kind: Kind) =>
  async (call: Call): Promise<Answer> =>
    listed(call, deployTokensOf(call.parts.store.read, await homeOf[kind](call, 'read')))

const newToken = z.object({
  name: filledText(),
  scopes: list(oneOf(deployTokenScopes)),
  username: optional(text()),
  expires_at: optional(moment()),
})

const problemOf = ({ scopes, username }: z.output<typeof newToken>): string | undefined => {
  if (scopes.length === 0) return "Scopes can't be blank"
  if (username === undefined || /^[a-zA-Z0-9._+-]+$/.test(username)) return undefined
  return "Username can contain only letters, digits, '_', '-', '+', and '.'"
}

const create =
  (kind: Kind) =>
  async (call: Call): Promise<Answer> => {
    const home = await homeOf[kind](call, 'write')
    const input = call.read(newToken)
    const problem = problemOf(input)
    if (problem !== undefined) throw new ApiError(400, { message: problem })
    const { digest, secret } = makeToken('gldt-')
    const { name, username, scopes, expires_at } = input
    const createdBy = requireUser(call.caller).user.id
    const fields = { home, name, username, digest, secret, scopes, expiresAt: expires_at ?? null, createdBy }
    const token = await createDeployToken(call.parts.store, fields, call.parts.sealer, call.now)
    await auditDeployToken(call, token, 'created', 'Created deploy token')
    return created(withSecret(deployTokenShape(token, call.now), secret))
  }

const named = async (kind: Kind, call: Call, doing: Doing): Promise<DeployTokenRow> => {
  const home = await homeOf[kind](call, doing)
  const id = numberIn(call.word('token_id'), 'token_id') as DeployTokenId
  const token = await deployTokenById(call.parts.store.read, home, id)
  if (token === undefined) throw plainNotFound('404 Not found')
  return token
}

const remove =
  (kind: Kind) =>
  async (call: Call): Promise<Answer> => {
    const token = await named(kind, call, 'write')
    await deleteDeployToken(call.parts.store, token.id)
    await auditDeployToken(call, token, 'destroyed', 'Destroyed deploy token')
    return noContent
  }

const ofMany = { input: [activity], output: deployTokenEntity, paged: true } as const

/** GitLab asks for the role only, not for a login first: nobody in particular gets 403, or 404 for what is hidden. */
const routesOf = (kind: Kind): readonly Route[] => {
  const path = `/${kind}s/:id/deploy_tokens`
  return [
    route('GET', path, { ...ofMany, open: true, handler: listOf(kind) }),
    route('POST', path, { open: true, input: [newToken], output: newDeployTokenEntity, handler: create(kind) }),
    route('GET', `${path}/:token_id`, {
      open: true,
      output: deployTokenEntity,
      handler: async (call) => ok(deployTokenShape(await named(kind, call, 'read'), call.now)),
    }),
    route('DELETE', `${path}/:token_id`, { open: true, handler: remove(kind) }),
  ]
}

export const deployTokenRoutes: readonly Route[] = [
  route('GET', '/deploy_tokens', { ...ofMany, handler: listAll }),
  ...routesOf('project'),
  ...routesOf('group'),
]
