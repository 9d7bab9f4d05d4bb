import type { Clock } from '../core/clock.ts'
import type { Authenticated, Presented } from '../core/credential.ts'
import { countedAs, type IpAddress, type IpRange, isInRanges, parseIp } from '../core/ip-address.ts'
import type { Refusal } from '../core/refusal.ts'
import { isAuthenticated } from './authenticate.ts'

/** So many failures within so many seconds ban for so many seconds (GitLab's `maxretry`, `findtime`, `bantime`). */
export interface BanRule {
  readonly failures: number
  readonly within: number
  readonly banned: number
}

/** Counts failures exactly, also where several processes count the same address at once. Times in milliseconds. */
export interface FailedTries {
  /** Until when an address is banned, 0 where it is not; undefined where nothing is kept of it. */
  bannedUntil(from: string): number | undefined
  /** Counts one more; the first begins a window that lasts until the time given. Returns how many there are in it. */
  add(from: string, now: number, until: number): number
  /** Bans, and lets the failures go. False where the address is banned already. */
  ban(from: string, now: number, until: number): boolean
  /** Lets the failures go; a ban stays. */
  forget(from: string, now: number): void
}

/** What is shown, and where it comes from. */
export interface Try {
  readonly presented: Presented
  /** Of the client, in its one written form. */
  readonly address: string | undefined
  /** Of a request over HTTP, for the log: the path alone. */
  readonly request?: { readonly method: string; readonly path: string }
}

/** An address was banned, by this try. */
export interface Banned {
  /** The address, or the network, that is shut out. */
  readonly from: string
  readonly by: Try
  readonly at: number
  readonly until: number
}

/** One try under watch. */
export interface Watched {
  /** Nothing of it may be looked up. */
  readonly isBanned: boolean
  /** What became of it. */
  end(who: Authenticated | Refusal): void
}

export interface BanParts {
  readonly rule: BanRule | 'off'
  readonly exempt: readonly IpRange[]
  readonly tries: FailedTries
  readonly clock: Clock
  readonly onBan: (banned: Banned) => void
}

/** The login of CI jobs is left out of it: it is neither counted nor shut out (gitlab `lib/gitlab/auth.rb`, `skip_rate_limit?`). */
const jobLogin = 'gitlab-ci-token'

const unwatched: Watched = { isBanned: false, end() {} }
const banned: Watched = { isBanned: true, end() {} }

/** Whoever has lost its address is counted with all of those. */
const addressless = 'unknown'

/** That a password could not be looked at says nothing of it. */
const isFailure = (who: Authenticated | Refusal): boolean => !isAuthenticated(who) && who.reason !== 'password_checks_busy'

/**
 * GitLab's ban of addresses from which too many wrong credentials came (`lib/gitlab/auth/ip_rate_limiter.rb`). It
 * concerns HTTP Basic alone. Any success lets an address begin anew.
 */
export class LoginBan {
  readonly #parts: BanParts

  constructor(parts: BanParts) {
    this.#parts = parts
  }

  watch(by: Try): Watched {
    const { rule, tries, clock } = this.#parts
    const { presented } = by
    if (rule === 'off' || presented.kind !== 'basic' || presented.login === jobLogin) return unwatched
    const address = by.address === undefined ? undefined : parseIp(by.address)
    if (address !== undefined && this.#isExempt(address)) return unwatched
    const from = address === undefined ? addressless : countedAs(address)
    const until = tries.bannedUntil(from)
    if (until !== undefined && until > clock()) return banned
    return {
      isBanned: false,
      end: (who) => {
        if (isFailure(who)) this.#fail(rule, from, by)
        else if (until !== undefined && isAuthenticated(who)) tries.forget(from, clock())
      },
    }
  }

  #isExempt(address: IpAddress): boolean {
    return isInRanges(address, this.#parts.exempt)
  }

  /** Asks for "at least": should a process die between counting and banning, the next failure bans. */
  #fail({ failures, within, banned }: BanRule, from: string, by: Try): void {
    const { tries, clock, onBan } = this.#parts
    const at = clock()
    if (tries.add(from, at, at + within * 1_000) < failures) return
    const until = at + banned * 1_000
    if (tries.ban(from, at, until)) onBan({ from, by, at, until })
  }
}
