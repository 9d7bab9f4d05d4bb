import type { Clock } from '../core/clock.ts'
import { countedAs, parseIp } from '../core/ip-address.ts'
import type { RequestCounts } from '../store/limits.ts'
import type { ThrottleSettings } from '../store/throttle-settings.ts'

/** By whom a request is counted: whom its credential names, else where it comes from. */
export type Requester =
  | { readonly kind: 'user' | 'deploy_token'; readonly id: number }
  | { readonly kind: 'address'; readonly address: string | undefined }

/** A request beyond a limit, and what its sender is told. */
export interface Throttled {
  /** GitLab's name of the limit. */
  readonly name: string
  readonly text: string
  readonly headers: Readonly<Record<string, string>>
}

export interface ThrottleParts {
  readonly settings: () => Promise<ThrottleSettings>
  readonly requests: RequestCounts
  readonly clock: Clock
}

type Group = 'api' | 'git_http' | 'web'
type Name = `throttle_${'' | 'un'}authenticated_${Group}`

interface Bound {
  readonly limit: number
  /** Seconds. */
  readonly period: number
}

const boundOf = (settings: ThrottleSettings, name: Name): Bound | undefined =>
  settings[`${name}_enabled`]
    ? { limit: settings[`${name}_requests_per_period`], period: settings[`${name}_period_in_seconds`] }
    : undefined

const keyOf = (requester: Requester): string => {
  if (requester.kind !== 'address') return `${requester.kind}:${requester.id}`
  const address = parseIp(requester.address ?? '')
  return address === undefined ? 'unknown' : countedAs(address)
}

/** GitLab's headers (`lib/gitlab/rack_attack.rb`, `throttled_response_headers`); the limit is told as that of a minute. */
const headersOf = (name: Name, { limit, period }: Bound, observed: number, resetAt: number, now: number) => ({
  'RateLimit-Name': name,
  'RateLimit-Limit': String(Math.ceil((limit * 60) / period)),
  'RateLimit-Observed': String(observed),
  'RateLimit-Remaining': String(Math.max(0, limit - observed)),
  'RateLimit-Reset': String(resetAt),
  'RateLimit-ResetTime': new Date(resetAt * 1_000).toUTCString(),
  'Retry-After': String(resetAt - now),
})

/** The end, in seconds, of the period that holds a moment. Periods begin at multiples of their length, as in Rack::Attack. */
const endOfPeriod = (now: number, period: number): number => now + period - (now % period)

/** Devices that may ask to be let in from one address in a minute. */
const mostDevices = 30

/** GitLab's limits on how often one may ask. A limit that is off costs a look at the epoch. */
export class Throttles {
  readonly #parts: ThrottleParts

  constructor(parts: ThrottleParts) {
    this.#parts = parts
  }

  /** Counts a request, and says where it is beyond the limit of its kind. */
  async take(group: Group, requester: Requester): Promise<Throttled | undefined> {
    const settings = await this.#parts.settings()
    const name: Name = `throttle_${requester.kind === 'address' ? 'un' : ''}authenticated_${group}`
    const bound = boundOf(settings, name)
    if (bound === undefined) return undefined
    const now = this.#seconds()
    const resetAt = endOfPeriod(now, bound.period)
    const observed = this.#count(`${name} ${keyOf(requester)}`, resetAt)
    if (observed <= bound.limit) return undefined
    const text = `${settings.rate_limiting_response_text || 'Retry later'}\n`
    return { name, text, headers: headersOf(name, bound, observed, resetAt, now) }
  }

  /** Whether one more removal of a member is too many for this minute (gitlab `lib/gitlab/application_rate_limiter.rb`). */
  async isRemovalTooMuch(source: string, userId: number): Promise<boolean> {
    const { members_delete_limit: limit } = await this.#parts.settings()
    if (limit === 0) return false
    return this.#count(`members_delete ${source} ${userId}`, endOfPeriod(this.#seconds(), 60)) > limit
  }

  /** Whether one more device is too many from an address for this minute: each is a row, and nobody signs in for it. */
  isDeviceTooMuch(address: string | undefined): boolean {
    const counted = `authorize_device ${keyOf({ kind: 'address', address })}`
    return this.#count(counted, endOfPeriod(this.#seconds(), 60)) > mostDevices
  }

  #count(counted: string, resetAt: number): number {
    const { requests, clock } = this.#parts
    return requests.count(counted, resetAt * 1_000, clock())
  }

  #seconds(): number {
    return Math.floor(this.#parts.clock() / 1_000)
  }
}
