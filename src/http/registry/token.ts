import express, { type Request, type Response } from 'express'
import { isAuthenticated } from '../../access/authenticate.ts'
import type { Gate } from '../../access/gate.ts'
import { refuseAccess } from '../../access/refuse.ts'
import { refusedUse } from '../../access/refused-use.ts'
import { carriesImages } from '../../access/rules/registry.ts'
import { inactiveReason } from '../../access/rules/user-state.ts'
import type { Settings } from '../../config.ts'
import type { Activity } from '../../core/activity.ts'
import type { Clock } from '../../core/clock.ts'
import type { Authenticated } from '../../core/credential.ts'
import { userBehind } from '../../core/principal.ts'
import { whoFields } from '../../log.ts'
import { type Granted, grant } from '../../registry/grant.ts'
import { holderOf } from '../../registry/holder.ts'
import type { RegistryKeys } from '../../registry/keys.ts'
import { type AskedScope, projectPaths, readScopes } from '../../registry/scopes.ts'
import { registryService, signRegistryToken } from '../../registry/sign.ts'
import { readImages } from '../../store/registry-facts.ts'
import { readSetting } from '../../store/settings.ts'
import type { Store } from '../../store/sqlite.ts'
import { tooManyRequests } from '../api/errors.ts'
import { addressIn, noteFields, noteMessage } from '../api/request-log.ts'
import { baseUrl } from '../api/urls.ts'
import { presentedBy } from '../git/credentials.ts'
import { requesterOf } from '../git/throttle.ts'
import type { Throttles } from '../throttles.ts'
import { noteGranted } from './notes.ts'
import { accessForbidden, accountForbidden, badScopes, notLetIn, registryOff, unknownService } from './refusals.ts'

interface Parts {
  readonly store: Store
  readonly settings: Settings
  readonly clock: Clock
  readonly activity: Activity
  readonly throttles: Throttles
  /** Tells who a credential belongs to, by the same ways and bans as over git. */
  readonly gate: Pick<Gate, 'identify'>
  readonly registryKeys: RegistryKeys
}

const pathAndQuery = (request: Request): readonly [path: string, query: URLSearchParams] => {
  const mark = request.originalUrl.indexOf('?')
  if (mark < 0) return [request.originalUrl, new URLSearchParams()]
  return [request.originalUrl.slice(0, mark), new URLSearchParams(request.originalUrl.slice(mark))]
}

/**
 * Who asks. Throws what the client is told where the credential is not good, or asked too often: GitLab counts these requests
 * with those for pages.
 */
const identify = async (parts: Parts, request: Request, response: Response): Promise<Authenticated> => {
  const { clock, activity, settings, gate, throttles } = parts
  const address = addressIn(response)
  const [path] = pathAndQuery(request)
  const presented = presentedBy(request.headers.authorization)
  const who = await gate.identify(presented, { address, request: { method: request.method, path } })
  const throttled = await throttles.take('web', requesterOf(isAuthenticated(who) ? who : undefined, address))
  if (throttled !== undefined) throw tooManyRequests(throttled)
  if (!isAuthenticated(who)) {
    noteMessage(response, who.reason === 'address_banned' ? 'Rack_Attack' : 'JWT authentication failed')
    activity.refusals.refused(refusedUse(who, undefined, { door: 'http', push: false, address, at: clock() }))
    throw notLetIn(who, baseUrl(settings))
  }
  noteFields(response, whoFields(who))
  if (who.principal.kind === 'job') noteMessage(response, 'successful job token auth')
  if (who.credential !== undefined) activity.usage.note(who.credential, address, clock())
  return who
}

/** Throws where nothing is for this caller, whatever is asked. */
const refuseUseless = (who: Authenticated): void => {
  const user = userBehind(who.principal)
  const reason = user && inactiveReason(user)
  if (reason !== undefined) throw accountForbidden(refuseAccess(reason), who)
  if (!carriesImages(who)) throw accessForbidden('registry_ability_missing')
}

const grantAll = async (
  { store, clock }: Parts,
  who: Authenticated,
  asked: readonly AskedScope[],
): Promise<readonly Granted[]> => {
  const names = asked.map(({ type, name }) => (type === 'repository' ? projectPaths(name) : []))
  const places = await readImages(store, who.principal, names, clock())
  return asked.map((scope, index) => grant(who, scope, places[index]))
}

/** Seconds of a token's life that a client is not told of: a registry whose clock is ahead takes it for so much older. */
const unsaid = 60

/**
 * Clients ask for the next token when this one is over by their own clock. When it was made they are not told: by a
 * clock that is off they would find it over at once, or never.
 */
const answerWith = (token: string, life: number) => ({ token, access_token: token, expires_in: Math.max(60, life - unsaid) })

const tokenFor = async (parts: Parts, request: Request, response: Response): Promise<object> => {
  const who = await identify(parts, request, response)
  const [, query] = pathAndQuery(request)
  const services = query.getAll('service')
  if (services.length === 0 || services.some((service) => service !== registryService)) throw unknownService()
  if (parts.settings.registry === undefined) throw registryOff()
  refuseUseless(who)
  const asked = readScopes(query.getAll('scope'))
  if (typeof asked === 'string') throw badScopes(asked)
  const granted = await grantAll(parts, who, asked)
  noteGranted(response, granted)
  const access = granted.flatMap((one) => one.access ?? [])
  if (who.principal.kind === 'anonymous' && access.length === 0) throw accessForbidden('registry_nothing_granted')
  const life = 60 * (await readSetting(parts.store.read, 'container_registry_token_expire_delay'))
  const issued = { issuer: baseUrl(parts.settings), ...holderOf(who), access, now: parts.clock(), life }
  return answerWith(await signRegistryToken(parts.registryKeys, issued), life)
}

/** Tokens for a container registry (gitlab `JwtController#auth`). Other methods than GET find nothing here. */
export const makeRegistryRouter = (parts: Parts): express.Router => {
  const router = express.Router({ caseSensitive: true })
  router.get('/jwt/auth', async (request, response) => {
    const answer = JSON.stringify(await tokenFor(parts, request, response))
    response.setHeader('Content-Type', 'application/json')
    response.end(answer)
  })
  return router
}
