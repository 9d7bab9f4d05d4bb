import { deniedPush, refusedEventKey, refusedEventMessage, refusedEventName } from '../../access/refused-event.ts'
import type { AuditEvent, AuditTrail } from '../../core/audit.ts'
import { credentialName } from '../../core/credential.ts'
import type { RefusalWatch, RefusedUse } from '../../core/refused-use.ts'
import type { Store } from '../sqlite.ts'
import { type Fold, FoldedUses } from './folded-uses.ts'
import { partiesOf } from './refused-parties.ts'

const messageOf = (name: string, use: RefusedUse, fold: Fold): string =>
  `${refusedEventMessage(name, use)}${fold === 'last' ? '; further ones within this minute are in the log alone' : ''}`

/** Looks up whose a credential was and records the event, away from the request that was refused. */
export class StoredRefusalWatch implements RefusalWatch {
  readonly #store: Pick<Store, 'read'>
  readonly #trail: AuditTrail
  readonly #report: (fault: unknown, use: RefusedUse) => void
  readonly #folded = new FoldedUses()
  readonly #pending = new Set<Promise<void>>()

  constructor(store: Pick<Store, 'read'>, trail: AuditTrail, report: (fault: unknown, use: RefusedUse) => void) {
    this.#store = store
    this.#trail = trail
    this.#report = report
  }

  refused(use: RefusedUse): void {
    const name = refusedEventName(use)
    if (name === undefined || use.credential === undefined) return
    const fold = this.#folded.ask(credentialName(use.credential), refusedEventKey(name, use), use.at)
    if (fold === 'folded') return
    const told = this.#tell(name, use, fold).catch((fault: unknown) => this.#report(fault, use))
    this.#pending.add(told)
    void told.finally(() => this.#pending.delete(told))
  }

  async settled(): Promise<void> {
    await Promise.all(this.#pending)
  }

  async #tell(name: string, use: RefusedUse, fold: Fold): Promise<void> {
    const parties = await partiesOf(this.#store.read, use, name === deniedPush)
    if (parties === undefined) return
    const event: AuditEvent = {
      name,
      ...parties,
      message: messageOf(name, use, fold),
      reason: use.reason,
      address: use.address,
      at: use.at,
    }
    this.#trail.record([event])
  }
}
