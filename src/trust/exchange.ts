import { createHash, randomUUID } from 'node:crypto'
import type { TrustGrantId, TrustId } from '../core/ids.ts'
import type { DeployTokenHome } from '../core/principal.ts'
import type { Store } from '../store/sqlite.ts'
import { addGrant, isBacked, type NewGrant } from '../store/trust-grants.ts'
import { addTrustRefusals } from '../store/trust-refusals.ts'
import { claimsOf, stringsOf, type TrustPlace, type TrustRow, trustsIn } from '../store/trusts.ts'
import { type BeliefParts, Beliefs } from './believe.ts'
import { misfitOf } from './fits.ts'
import type { KeySource } from './issuer-keys.ts'
import type { Claims, OutsideToken } from './outside-token.ts'
import { endOf } from './verify.ts'

export interface ExchangeParts extends BeliefParts {
  readonly store: Store
}

/** What is asked for a token. */
export interface Asked {
  readonly token: OutsideToken
  /** Undefined where there is no such project or group. */
  readonly place: TrustPlace | undefined
  readonly given: NewGrant['given']
  /** Undefined: all that the trust gives. */
  readonly scopes: readonly string[] | undefined
}

export interface Granted {
  readonly id: TrustGrantId
  readonly trust: TrustRow
  readonly home: DeployTokenHome
  readonly scopes: readonly string[]
  readonly subject: string
}

export interface Refused {
  /** For the log. */
  readonly reason: string
  /** Under which it stands in the log, and at the trusts that were asked. */
  readonly refusalId: string
  readonly trusts: readonly TrustId[]
}

interface Fit {
  readonly trust: TrustRow
  readonly claims: Claims
  readonly subject: string
  readonly scopes: readonly string[]
}

/** Why one trust gives nothing. */
interface Misgiving {
  readonly trust: TrustRow
  readonly reason: string
  readonly details: Readonly<Record<string, unknown>>
  /** The issuer's signature was good. */
  readonly verified: boolean
}

/** How often refusals are written down at one trust, in milliseconds: of tokens that the issuer signed, and of any others. */
const pause = { signed: 100, unsigned: 1_000 } as const
const mostRemembered = 1_000
const longestSubject = 500

const isOfRepository = (scope: string): boolean => scope.endsWith('_repository')

/** Which scopes what is given could make use of. */
const isUsable: Record<NewGrant['given']['kind'], (scope: string) => boolean> = {
  token: () => true,
  certificate: isOfRepository,
  registry: (scope) => !isOfRepository(scope),
}

const sourceOf = ({ issuer, jwks_uri }: TrustRow): KeySource => ({ issuer, jwksUri: jwks_uri ?? undefined })

/** Under which a token is taken once: its own id where it has one, else all that was signed. */
const useOf = ({ trust, claims }: Fit, { signedPart }: OutsideToken): NewGrant['use'] => {
  if (trust.single_use === 0) return undefined
  const { issuer, jwksUri } = sourceOf(trust)
  const named = JSON.stringify([issuer, jwksUri, claims['jti'] ?? signedPart])
  return { token: createHash('sha256').update(named).digest('hex'), expiresAt: endOf(claims) }
}

/** The scopes that a trust gives of those that are asked for; undefined where one is not its own, or none is left. */
const scopesFor = (trust: TrustRow, { given, scopes: asked }: Asked): readonly string[] | undefined => {
  const offered = stringsOf(trust.scopes).filter(isUsable[given.kind])
  const scopes = asked ?? offered
  return scopes.length > 0 && scopes.every((scope) => offered.includes(scope)) ? [...new Set(scopes)] : undefined
}

const subjectOf = ({ sub }: Claims): string | undefined => (typeof sub === 'string' && sub !== '' ? sub : undefined)

/** Holds the claims of a token that was signed against what a trust names. */
const fitOf = (trust: TrustRow, claims: Claims, asked: Asked): Fit | Misgiving => {
  const subject = subjectOf(claims)?.slice(0, longestSubject)
  const told = {
    ...(subject !== undefined && { subject }),
    ...(typeof claims['jti'] === 'string' && { token_id: claims['jti'].slice(0, 100) }),
  }
  const misgiving = (reason: string, details: Misgiving['details'] = {}): Misgiving => ({
    trust,
    reason,
    details: { ...told, ...details },
    verified: true,
  })
  const misfit = misfitOf(claims, { audience: trust.audience, claims: claimsOf(trust) })
  if (misfit !== undefined) return misgiving(misfit.reason, { claim: misfit.claim, ...(misfit.found && { found: misfit.found }) })
  if (subject === undefined) return misgiving('claim_missing', { claim: 'sub' })
  const scopes = scopesFor(trust, asked)
  return scopes === undefined ? misgiving('scope_refused', { asked: asked.scopes ?? [] }) : { trust, claims, subject, scopes }
}

/** Turns tokens of outside issuers into what the trusts of a project or group give for them (RFC 8693). */
export class TokenExchange {
  readonly #parts: ExchangeParts
  /** When each trust last kept a refusal. */
  readonly #kept = new Map<string, number>()

  constructor(parts: ExchangeParts) {
    this.#parts = parts
  }

  /** The first trust that names the token gives; where none does, each keeps why, for whoever may see it. */
  async exchange(asked: Asked): Promise<Granted | Refused> {
    const trusts = asked.place === undefined ? [] : await trustsIn(this.#parts.store.read, asked.place, asked.token.issuer)
    const beliefs = new Beliefs(this.#parts, asked.token)
    const misgivings: Misgiving[] = []
    for (const trust of trusts) {
      const judged = await this.#judge(trust, beliefs, asked)
      const given = 'claims' in judged ? await this.#give(judged, asked) : judged
      if ('id' in given) return given
      misgivings.push(given)
    }
    return this.#refuse(misgivings)
  }

  async #judge(trust: TrustRow, beliefs: Beliefs, asked: Asked): Promise<Fit | Misgiving> {
    const belief = await beliefs.by(sourceOf(trust))
    if (belief.kind === 'disbelieved') {
      const details = belief.detail === undefined ? {} : { detail: belief.detail }
      return { trust, reason: belief.reason, details, verified: belief.signed }
    }
    const fit = fitOf(trust, belief.claims, asked)
    if (!('claims' in fit) || (await isBacked(this.#parts.store.read, trust, this.#parts.clock()))) return fit
    return { trust, reason: 'trust_withdrawn', details: { subject: fit.subject }, verified: true }
  }

  async #give(fit: Fit, asked: Asked): Promise<Granted | Misgiving> {
    const { trust, scopes, subject } = fit
    if (asked.place === undefined) throw new Error('nothing is given for no place')
    const now = this.#parts.clock()
    const { home } = asked.place
    const ends = now + trust.life * 1000
    const grant: NewGrant = { trust, given: asked.given, home, scopes, subject, expiresAt: ends, use: useOf(fit, asked.token) }
    const id = await this.#parts.store.write.transaction().execute((transaction) => addGrant(transaction, grant, now))
    if (typeof id === 'number') return { id, trust, home, scopes, subject }
    return { trust, reason: id === 'replayed' ? 'token_replayed' : 'trust_withdrawn', details: { subject }, verified: true }
  }

  async #refuse(misgivings: readonly Misgiving[]): Promise<Refused> {
    const now = this.#parts.clock()
    const refusalId = randomUUID()
    const kept = misgivings.filter((misgiving) => this.#isDue(misgiving, now))
    const rows = kept.map(({ trust, ...rest }) => ({ ...rest, trust: trust.id, refusalId }))
    if (rows.length > 0) await addTrustRefusals(this.#parts.store, rows, now)
    const reasons = [...new Set(misgivings.map(({ reason }) => reason))]
    return {
      reason: reasons.length === 0 ? 'no_trust' : reasons.join(' '),
      refusalId,
      trusts: misgivings.map(({ trust }) => trust.id),
    }
  }

  /** Whoever sends token after token does not make us write as often. */
  #isDue({ trust, verified }: Misgiving, now: number): boolean {
    const kind = verified ? 'signed' : 'unsigned'
    const key = `${kind} ${trust.id}`
    if (now - (this.#kept.get(key) ?? Number.NEGATIVE_INFINITY) < pause[kind]) return false
    if (this.#kept.size >= mostRemembered) this.#kept.clear()
    this.#kept.set(key, now)
    return true
  }
}
