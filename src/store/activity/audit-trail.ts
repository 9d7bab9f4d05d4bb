import type { AuditEvent, AuditTrail } from '../../core/audit.ts'
import type { Store } from '../sqlite.ts'
import { appendEvents } from './audit-rows.ts'

/** How long an event may wait for others, in milliseconds; nobody waits for it. */
const patience = 200
/** So many are written without more waiting. */
const batch = 500
/** After a write that failed, in milliseconds. */
const pauseAfterFault = 1000
/** Events that wait while nothing can be written; what comes beyond goes to the log alone. */
const mostWaiting = 50_000
/** At an orderly stop a write that fails is tried so often. */
const lastTries = 3

/** What the trail tells of itself, for the log. */
export interface TrailReport {
  fault(fault: unknown, waiting: number): void
  /** Events that no file will have. */
  lost(events: readonly AuditEvent[]): void
}

/** One queue for each process; a batch is one transaction, and one wait for the disk for all who ask `settled`. */
export class StoredAuditTrail implements AuditTrail {
  readonly #store: Pick<Store, 'activity'>
  readonly #report: TrailReport
  #waiting: AuditEvent[] = []
  #timer: NodeJS.Timeout | undefined
  #writing: Promise<void> | undefined
  /** Counts of events that came, and of those that are on disk. */
  #recorded = 0
  #kept = 0
  #overflowed = false

  constructor(store: Pick<Store, 'activity'>, report: TrailReport) {
    this.#store = store
    this.#report = report
  }

  record(events: readonly AuditEvent[]): void {
    if (events.length === 0) return
    if (this.#waiting.length + events.length > mostWaiting) {
      this.#overflowed = true
      this.#report.lost(events)
      return
    }
    this.#waiting.push(...events)
    this.#recorded += events.length
    this.#schedule(this.#waiting.length >= batch ? 0 : patience)
  }

  async settled(): Promise<void> {
    const goal = this.#recorded
    if (this.#overflowed) throw new Error('too many audit events wait to be written')
    while (this.#kept < goal) await this.#write()
  }

  /** Writes what waits, and lets go of what cannot be written after some tries: into the log. */
  async stop(): Promise<void> {
    for (let tries = 0; tries < lastTries && this.#waiting.length > 0; tries += 1) {
      await this.settled().catch(() => {})
    }
    clearTimeout(this.#timer)
    if (this.#waiting.length > 0) this.#report.lost(this.#waiting.splice(0))
    this.#kept = this.#recorded
  }

  #schedule(milliseconds: number): void {
    if (this.#timer !== undefined && milliseconds > 0) return
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      this.settled().catch(() => this.#schedule(pauseAfterFault))
    }, milliseconds).unref()
  }

  /** One batch. Those who ask while one is being written wait for it, and then for the next. */
  #write(): Promise<void> {
    this.#writing ??= this.#writeBatch().finally(() => {
      this.#writing = undefined
    })
    return this.#writing
  }

  async #writeBatch(): Promise<void> {
    const events = this.#waiting
    this.#waiting = []
    try {
      await this.#store.activity.transaction().execute((transaction) => appendEvents(transaction, events))
      this.#kept += events.length
      this.#overflowed = false
    } catch (fault) {
      this.#waiting = [...events, ...this.#waiting]
      this.#report.fault(fault, this.#waiting.length)
      throw fault
    }
  }
}
