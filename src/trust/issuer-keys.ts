import type { JSONWebKeySet, JWK } from 'jose'
import type { Clock } from '../core/clock.ts'
import { CallFailed } from './outbound.ts'

/** Where the keys of an issuer are: at an address of their own, or where its discovery document says. */
export interface KeySource {
  readonly issuer: string
  readonly jwksUri: string | undefined
}

/** How long keys are used before they are fetched again, in milliseconds. */
const fresh = 600_000
/** How long they are used while they cannot be fetched. */
const usable = 3_600_000
/** The least time between two calls to one issuer, whoever asks and whatever for. */
const pause = 30_000
const mostSources = 500
const mostKeys = 100

interface Known {
  keys: JSONWebKeySet | undefined
  fetched: number
  asked: number
  pending: Promise<void> | undefined
  failure: CallFailed | undefined
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Of a key set (RFC 7517) the keys that have a type; what else stands there is not looked at. */
const readKeySet = (value: unknown): JSONWebKeySet => {
  const found = isObject(value) ? value['keys'] : undefined
  if (!Array.isArray(found)) throw new CallFailed('the answer is no key set')
  if (found.length > mostKeys) throw new CallFailed(`the key set has more than ${mostKeys} keys`)
  return { keys: found.filter((key): key is JWK => isObject(key) && typeof key['kty'] === 'string') }
}

/** Where the keys are, by a discovery document (OpenID Connect Discovery 1.0, section 4.3), which must name this very issuer. */
const readDiscovery = (value: unknown, issuer: string): string => {
  if (!isObject(value) || value['issuer'] !== issuer) throw new CallFailed('the discovery document is of another issuer')
  const { jwks_uri: uri } = value
  if (typeof uri !== 'string') throw new CallFailed('the discovery document names no keys')
  return uri
}

/**
 * The keys of outside issuers. They are fetched when a token comes, again after ten minutes, and when a token names a key
 * that is not among them; but never twice within half a minute, so that nobody makes us a hammer.
 */
export class IssuerKeys {
  readonly #fetch: (url: string) => Promise<unknown>
  readonly #clock: Clock
  readonly #known = new Map<string, Known>()

  /** @param fetch rejects with `CallFailed` */
  constructor(fetch: (url: string) => Promise<unknown>, clock: Clock) {
    this.#fetch = fetch
    this.#clock = clock
  }

  /** The keys as they are known. Throws `CallFailed` where there are none. */
  async of(source: KeySource): Promise<JSONWebKeySet> {
    const known = this.#entry(source)
    if (this.#age(known) >= fresh) await this.#refresh(source, known)
    return this.#keysOf(known)
  }

  /** The keys, fetched again where that is due for a token that names one that is unknown; undefined where it is not. */
  async anew(source: KeySource): Promise<JSONWebKeySet | undefined> {
    const known = this.#entry(source)
    const before = known.keys
    await this.#refresh(source, known)
    return known.keys === before ? undefined : this.#keysOf(known)
  }

  #age({ fetched }: Known): number {
    return this.#clock() - fetched
  }

  #keysOf(known: Known): JSONWebKeySet {
    if (known.keys !== undefined && this.#age(known) < usable) return known.keys
    throw known.failure ?? new CallFailed('the keys were asked for a moment ago')
  }

  #entry({ issuer, jwksUri }: KeySource): Known {
    const key = JSON.stringify([issuer, jwksUri])
    const never = Number.NEGATIVE_INFINITY
    const known = this.#known.get(key) ?? {
      keys: undefined,
      fetched: never,
      asked: never,
      pending: undefined,
      failure: undefined,
    }
    this.#known.delete(key)
    this.#known.set(key, known)
    const [oldest] = this.#known.keys()
    if (this.#known.size > mostSources && oldest !== undefined) this.#known.delete(oldest)
    return known
  }

  async #refresh(source: KeySource, known: Known): Promise<void> {
    if (known.pending === undefined) {
      if (this.#clock() - known.asked < pause) return
      known.asked = this.#clock()
      known.pending = this.#load(source, known).finally(() => {
        known.pending = undefined
      })
    }
    await known.pending
  }

  async #load({ issuer, jwksUri }: KeySource, known: Known): Promise<void> {
    try {
      known.keys = readKeySet(await this.#fetch(jwksUri ?? (await this.#discovered(issuer))))
      known.fetched = this.#clock()
      known.failure = undefined
    } catch (fault) {
      if (!(fault instanceof CallFailed)) throw fault
      known.failure = fault
    }
  }

  async #discovered(issuer: string): Promise<string> {
    return readDiscovery(await this.#fetch(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`), issuer)
  }
}
