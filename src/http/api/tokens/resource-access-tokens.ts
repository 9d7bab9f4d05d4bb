import { z } from 'zod'
import { mayHandleLevel, mayOnGroup, mayOnProject, type Standing } from '../../../access/policy.ts'
import type { AuditEntity } from '../../../core/audit.ts'
import type { AccessTokenId } from '../../../core/ids.ts'
import { revokeToken } from '../../../store/access-tokens.ts'
import {
  type BotHome,
  createResourceToken,
  type ResourceToken,
  resourceTokenById,
  selectResourceTokens,
  withLevels,
} from '../../../store/bots.ts'
import { tokenTarget } from '../../../store/token-notes.ts'
import { userById } from '../../../store/users.ts'
import { resourceTokenScopes } from '../../../tokens/kinds.ts'
import { type LifeRules, usualExpiry } from '../../../tokens/lifetime.ts'
import { makeToken } from '../../../tokens/make.ts'
import { type Answer, created, noContent, ok } from '../answer.ts'
import { groupEntity, projectEntity } from '../audit-words.ts'
import { type Call, type Route, route } from '../call.ts'
import { requireUser } from '../caller.ts'
import { badRequest, notFound, unauthorized } from '../errors.ts'
import { objects, oneNumberOf, oneOf, optional } from '../input.ts'
import { paginate } from '../pagination.ts'
import { reachGroup, reachProject } from '../reach.ts'
import { publicHost } from '../urls.ts'
import { unused, useOf, usesOf } from './last-use.ts'
import { requireOffered } from './offered-scopes.ts'
import { auditBirth, failedNote, tokenStory } from './token-audit.ts'
import { expiryProblem, newTokenFields } from './token-input.ts'
import { filterTokens, tokenFilters } from './token-list.ts'
import { newResourceTokenEntity, resourceTokenEntity, resourceTokenShape, withSecret } from './token-shape.ts'
import { tokenTerms } from './token-terms.ts'

/** The project or group in question, and whether the caller may handle its tokens. */
export interface Place {
  readonly home: BotHome
  readonly entity: AuditEntity
  readonly standing: Standing
  readonly allowed: boolean
}

type Kind = BotHome['kind']

export const placeOf: Record<Kind, (call: Call) => Promise<Place>> = {
  async project(call) {
    const { project, standing } = await reachProject(call)
    const allowed = mayOnProject('manage_access_tokens', standing, project)
    return { home: { kind: 'project', id: project.id }, entity: projectEntity(project), standing, allowed }
  },
  async group(call) {
    const { group, standing } = await reachGroup(call)
    const allowed = mayOnGroup('manage_access_tokens', standing, group, false)
    return { home: { kind: 'group', id: group.id }, entity: groupEntity(group), standing, allowed }
  },
}

const readable = async (kind: Kind, call: Call): Promise<BotHome> => {
  const { home, allowed } = await placeOf[kind](call)
  if (!allowed) throw unauthorized('permission_missing')
  return home
}

const named = async (home: BotHome, call: Call): Promise<ResourceToken> => {
  const word = call.word('token_id')
  const id = /^\d{1,15}$/.test(word) ? (Number(word) as AccessTokenId) : undefined
  const token = id === undefined ? undefined : await resourceTokenById(call.parts.store.read, home, id)
  if (token === undefined) throw notFound(`Could not find ${home.kind} access token with token_id: ${word}`)
  return token
}

const listTokens =
  (kind: Kind) =>
  async (call: Call): Promise<Answer> => {
    const filter = call.read(tokenFilters)
    const home = await readable(kind, call)
    const { read } = call.parts.store
    await call.parts.activity.usage.settled()
    return paginate(call, filterTokens(selectResourceTokens(read, home), filter, call.now), async (rows) => {
      const tokens = await withLevels(read, home, rows)
      const use = await usesOf(call, 'access-token', tokens)
      return tokens.map((token) => resourceTokenShape(token, home, use(token), call.now))
    })
  }

const show =
  (kind: Kind) =>
  async (call: Call): Promise<Answer> => {
    const home = await readable(kind, call)
    const token = await named(home, call)
    return ok(resourceTokenShape(token, home, await useOf(call, 'access-token', token), call.now))
  }

const newToken = z.object({
  ...newTokenFields,
  scopes: objects(oneOf(resourceTokenScopes)),
  access_level: optional(oneNumberOf([10, 15, 20, 30, 40, 50])),
})

type Input = z.output<typeof newToken>

/** Bots of such tokens make none; nobody gives a token more than the own role (gitlab `ResourceAccessTokens::CreateService`). */
const refusalOf = (call: Call, { home, standing, allowed }: Place, input: Input, life: LifeRules): string | undefined => {
  const { user } = requireUser(call.caller)
  if (!allowed || user.kind === 'project_bot') return `User does not have permission to create ${home.kind} access token`
  if (!mayHandleLevel(standing, input.access_level ?? 40)) {
    return 'Access level of the token contains permissions not held by the creating user'
  }
  if (input.name.trim() === '') return "Name can't be blank"
  if (input.scopes.length === 0) return "Scopes can't be blank"
  const expiry = expiryProblem(input.expires_at, life, call.now)
  return expiry === undefined ? undefined : `Expiration date ${expiry}`
}

const make = (call: Call, home: BotHome, input: Input, digest: string, life: LifeRules) => {
  const { user, account } = requireUser(call.caller)
  return createResourceToken(
    call.parts.store,
    {
      home,
      level: input.access_level ?? 40,
      isExternal: account.is_external,
      host: publicHost(call.parts.settings),
      name: input.name,
      description: input.description ?? null,
      digest,
      scopes: input.scopes,
      expiresOn: input.expires_at ?? usualExpiry(life, call.now),
      createdBy: user.id,
    },
    call.now,
  )
}

const create =
  (kind: Kind) =>
  async (call: Call): Promise<Answer> => {
    const input = call.read(newToken)
    requireOffered(call, input.scopes)
    const place = await placeOf[kind](call)
    const { prefix, life } = await tokenTerms(call)
    const refusal = refusalOf(call, place, input, life)
    if (refusal !== undefined) {
      const target = { type: 'PersonalAccessToken', id: null, details: input.name }
      call.audit(failedNote(place.home, place.entity, 'creation', target, refusal))
      throw badRequest(refusal)
    }
    const { digest, secret } = makeToken(prefix)
    const row = await make(call, place.home, input, digest, life)
    if (row === undefined) throw notFound(kind === 'project' ? 'Project' : 'Group')
    await auditBirth(call, row)
    const token = { ...row, access_level: input.access_level ?? 40 }
    return created(withSecret(resourceTokenShape(token, place.home, unused, call.now), secret))
  }

const cannotDelete = async (call: Call, token: ResourceToken): Promise<string> => {
  const bot = await userById(call.parts.store.read, token.user_id)
  return `${requireUser(call.caller).account.name} cannot delete ${bot?.name ?? token.name}`
}

const revoke =
  (kind: Kind) =>
  async (call: Call): Promise<Answer> => {
    const { home, entity, allowed } = await placeOf[kind](call)
    const token = await named(home, call)
    if (!allowed) {
      const refusal = await cannotDelete(call, token)
      call.audit(failedNote(home, entity, 'deletion', tokenTarget(token), refusal))
      throw badRequest(refusal)
    }
    const story = await tokenStory(call, token.user_id)
    await revokeToken(call.parts.store, token, call.now)
    story.ended(token)
    return noContent
  }

const routesOf = (kind: Kind): readonly Route[] => {
  const path = `/${kind}s/:id/access_tokens`
  return [
    route('GET', path, { input: [tokenFilters], output: resourceTokenEntity, paged: true, handler: listTokens(kind) }),
    route('POST', path, { input: [newToken], output: newResourceTokenEntity, handler: create(kind) }),
    route('GET', `${path}/:token_id`, { output: resourceTokenEntity, handler: show(kind) }),
    route('DELETE', `${path}/:token_id`, { handler: revoke(kind) }),
  ]
}

/** Tokens of projects and groups, each held by a bot of its own (gitlab `lib/api/resource_access_tokens.rb`). */
export const resourceAccessTokenRoutes: readonly Route[] = [...routesOf('project'), ...routesOf('group')]
