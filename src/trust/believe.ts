import type { JSONWebKeySet } from 'jose'
import type { Clock } from '../core/clock.ts'
import type { IssuerKeys, KeySource } from './issuer-keys.ts'
import { CallFailed } from './outbound.ts'
import type { Claims, OutsideToken } from './outside-token.ts'
import { untimelyReason, verifiedClaims } from './verify.ts'

export interface BeliefParts {
  readonly issuerKeys: Pick<IssuerKeys, 'of' | 'anew'>
  /** This server itself, whose jobs have tokens too: its keys are at hand, and nobody is called for them. */
  readonly own: { readonly issuer: () => string; readonly keys: () => Promise<JSONWebKeySet> }
  readonly clock: Clock
}

export type Belief =
  | { readonly kind: 'believed'; readonly claims: Claims }
  | {
      readonly kind: 'disbelieved'
      readonly reason: string
      readonly detail?: string
      /** One of the issuer's keys has signed it; else anybody may have made it up. */
      readonly signed: boolean
    }

/** Different sources of keys that are asked about one token: trusts of one issuer have the same, as a rule. */
const mostSources = 4

/** What one token proves, by each source of keys that a trust names; each is asked once. */
export class Beliefs {
  readonly #parts: BeliefParts
  readonly #token: OutsideToken
  readonly #found = new Map<string, Promise<Belief>>()

  constructor(parts: BeliefParts, token: OutsideToken) {
    this.#parts = parts
    this.#token = token
  }

  by(source: KeySource): Promise<Belief> {
    const key = JSON.stringify([source.issuer, source.jwksUri])
    const known = this.#found.get(key)
    if (known !== undefined) return known
    if (this.#found.size >= mostSources)
      return Promise.resolve(unsigned('keys_unreachable', 'too many sources of keys for one issuer'))
    const asked = this.#ask(source)
    this.#found.set(key, asked)
    return asked
  }

  async #ask(source: KeySource): Promise<Belief> {
    try {
      const claims = await this.#verified(source)
      if (typeof claims === 'string') return unsigned(claims)
      const untimely = untimelyReason(claims, this.#parts.clock())
      return untimely === undefined ? { kind: 'believed', claims } : { kind: 'disbelieved', reason: untimely, signed: true }
    } catch (fault) {
      if (fault instanceof CallFailed) return unsigned('keys_unreachable', fault.message)
      throw fault
    }
  }

  /** An issuer that has a new key signs with it before we know of it: then its keys are fetched again. */
  async #verified(source: KeySource): Promise<Awaited<ReturnType<typeof verifiedClaims>>> {
    const { issuerKeys, own } = this.#parts
    if (source.jwksUri === undefined && source.issuer === own.issuer()) return verifiedClaims(this.#token, await own.keys())
    const found = await verifiedClaims(this.#token, await issuerKeys.of(source))
    if (found !== 'key_unknown') return found
    const anew = await issuerKeys.anew(source)
    return anew === undefined ? found : verifiedClaims(this.#token, anew)
  }
}

const unsigned = (reason: string, detail?: string): Belief => ({
  kind: 'disbelieved',
  reason,
  ...(detail !== undefined && { detail }),
  signed: false,
})
