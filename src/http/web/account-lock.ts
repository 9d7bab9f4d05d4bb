import type { FailedTries } from '../../access/ban.ts'
import type { UserId } from '../../core/ids.ts'

/** GitLab's bounds of wrong sign-ins (`maximum_attempts`, `unlock_in`), in numbers and milliseconds. */
const most = 10
const locked = 600_000
/** Wrong tries are remembered for a day, or until a right one. */
const remembered = 86_400_000

/** What is tried: to sign in to an account, or to find the code of somebody's device. */
type Tried = 'account' | 'device'

/** After some wrong tries an account rests, wherever they come from. Its tokens and keys go on. */
export class AccountLock {
  readonly #tries: FailedTries
  readonly #tried: Tried

  constructor(tries: FailedTries, tried: Tried = 'account') {
    this.#tries = tries
    this.#tried = tried
  }

  isLocked(user: UserId, now: number): boolean {
    return (this.#tries.bannedUntil(this.#keyOf(user)) ?? 0) > now
  }

  /** Counts a wrong try. True where it is the one that locks. */
  fail(user: UserId, now: number): boolean {
    const key = this.#keyOf(user)
    return this.#tries.add(key, now, now + remembered) >= most && this.#tries.ban(key, now, now + locked)
  }

  /** After a sign-in that went right to its end: before that, a known password would allow any number of codes. */
  forget(user: UserId, now: number): void {
    this.#tries.forget(this.#keyOf(user), now)
  }

  #keyOf(user: UserId): string {
    return `${this.#tried}:${user}`
  }
}
