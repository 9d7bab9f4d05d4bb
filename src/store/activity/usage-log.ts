import { setImmediate as nextTurn } from 'node:timers/promises'
import type { CredentialKind, CredentialRef } from '../../core/credential.ts'
import type { UsageLog } from '../../core/usage.ts'
import type { Store } from '../sqlite.ts'
import type { UsedKind } from './schema.ts'
import { minute, saveUses, timeEvery, type Use } from './usage-rows.ts'

/** How long a note waits for others, in milliseconds. */
const patience = 50
/** Uses of one transaction. */
const batch = 200
/** After a write that failed, in milliseconds. */
const pauseAfterFault = 5000
/** Credentials that one process remembers, and uses that wait to be written: an unwritten note is lost beyond that. */
const mostRemembered = 20_000
const mostWaiting = 20_000
/** Addresses remembered for one credential. */
const mostAddresses = 16

/** Whose numbers are counted together. Of passwords and what is not stored yet no use is kept. */
const usedKinds: Readonly<Partial<Record<CredentialKind, UsedKind>>> = {
  'personal-access-token': 'access-token',
  'impersonation-token': 'access-token',
  'project-access-token': 'access-token',
  'group-access-token': 'access-token',
  'service-account-token': 'access-token',
  'oauth-token': 'oauth-token',
  'deploy-token': 'deploy-token',
  'user-key': 'key',
  'deploy-key': 'key',
  'trigger-token': 'trigger',
}

interface Remembered {
  at: number
  readonly addresses: Map<string, number>
}

/** Adds at the end, and lets the oldest go where there are too many. */
const remember = <Value>(map: Map<string, Value>, key: string, value: Value, most: number): void => {
  map.delete(key)
  map.set(key, value)
  const oldest = map.keys().next()
  if (map.size > most && !oldest.done) map.delete(oldest.value)
}

/** A process writes of a credential only what is news to it; whether it is news to the file, the write itself asks. */
export class StoredUsageLog implements UsageLog {
  readonly #store: Pick<Store, 'activity'>
  readonly #report: (fault: unknown) => void
  readonly #remembered = new Map<string, Remembered>()
  readonly #waiting: Use[] = []
  #timer: NodeJS.Timeout | undefined
  #writing: Promise<boolean> | undefined

  constructor(store: Pick<Store, 'activity'>, report: (fault: unknown) => void) {
    this.#store = store
    this.#report = report
  }

  note(credential: CredentialRef, address: string | undefined, at: number): void {
    const kind = usedKinds[credential.kind]
    if (kind === undefined) return
    const news = this.#newsOf(`${kind}/${credential.id}`, address, at)
    if (!news.time && !news.address) return
    if (this.#waiting.length >= mostWaiting) return
    this.#waiting.push({ kind, id: credential.id, at, time: news.time, address: news.address ? address : undefined })
    this.#schedule(patience)
  }

  async settled(): Promise<void> {
    let written = await (this.#writing ?? true)
    while (written && this.#waiting.length > 0) written = await this.#write()
  }

  /** Writes what waits. What cannot be written now is let go. */
  async stop(): Promise<void> {
    await this.settled()
    clearTimeout(this.#timer)
  }

  #newsOf(key: string, address: string | undefined, at: number): { time: boolean; address: boolean } {
    const known = this.#remembered.get(key) ?? { at: Number.NEGATIVE_INFINITY, addresses: new Map<string, number>() }
    remember(this.#remembered, key, known, mostRemembered)
    const time = at - known.at >= timeEvery
    if (time) known.at = at
    if (address === undefined) return { time, address: false }
    const isNews = at - (known.addresses.get(address) ?? Number.NEGATIVE_INFINITY) >= minute
    if (isNews) remember(known.addresses, address, at, mostAddresses)
    return { time, address: isNews }
  }

  #schedule(milliseconds: number): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      void this.settled()
    }, milliseconds).unref()
  }

  #write(): Promise<boolean> {
    this.#writing ??= this.#writeBatch().finally(() => {
      this.#writing = undefined
    })
    return this.#writing
  }

  /**
   * A fault is told, and tried again later: nobody is refused because his use could not be noted. Between two batches
   * others have their turn.
   */
  async #writeBatch(): Promise<boolean> {
    const uses = this.#waiting.splice(0, batch)
    try {
      await saveUses(this.#store, uses)
      if (this.#waiting.length > 0) await nextTurn()
      return true
    } catch (fault) {
      this.#report(fault)
      this.#waiting.unshift(...uses)
      this.#schedule(pauseAfterFault)
      return false
    }
  }
}
