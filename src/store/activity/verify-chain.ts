import { type Selectable, sql } from 'kysely'
import type { Store } from '../sqlite.ts'
import { chainDigest, chainStart } from './chain.ts'
import { type Suspect, settleSuspects } from './chain-suspects.ts'
import type { AuditEventsTable } from './schema.ts'

/** An event by its number, and the digest that stands for it and all before it. */
export interface ChainHead {
  readonly id: number
  readonly digest: string
}

export type ChainFault =
  /** What it says, or its digest, is not what was written; or that of the one before is not. */
  | { readonly kind: 'changed'; readonly id: number }
  /** It was written as another one in the order. */
  | { readonly kind: 'moved'; readonly id: number; readonly from: number }
  /** These were written and are gone. */
  | { readonly kind: 'missing'; readonly from: number; readonly to: number }
  /** It has another digest than the one that was noted elsewhere: it, or one before it, was written anew. */
  | { readonly kind: 'rewritten'; readonly id: number }

export interface ChainReport {
  readonly events: number
  /** The last one; number 0 where there is none. */
  readonly head: ChainHead
  /** The first ones, in their order. */
  readonly faults: readonly ChainFault[]
}

type Row = Selectable<AuditEventsTable>

/** Rows that are held at a time. */
const atOnce = 1000

/** Then it is clear enough that the file was tampered with. */
const mostFaults = 200

const nextRows = (store: Pick<Store, 'activity'>, after: number): Promise<Row[]> =>
  store.activity.selectFrom('audit_events').selectAll().where('id', '>', after).orderBy('id').limit(atOnce).execute()

/** The highest number that was ever given: SQLite remembers it where the row is gone. */
const highestGiven = async (store: Pick<Store, 'activity'>): Promise<number> => {
  const { rows } = await sql<{ seq: number }>`select seq from sqlite_sequence where name = 'audit_events'`.execute(store.activity)
  return rows[0]?.seq ?? 0
}

/** Walks along the chain, and keeps what does not fit. */
class Walk {
  readonly #noted: ChainHead | undefined
  readonly #missing: ChainFault[] = []
  readonly #suspects: Suspect[] = []
  readonly #rewritten: ChainFault[] = []
  events = 0
  head: ChainHead = { id: 0, digest: chainStart }

  constructor(noted: ChainHead | undefined) {
    this.#noted = noted
  }

  take(row: Row): void {
    this.events += 1
    if (chainDigest(this.head.digest, row) !== row.digest) this.#suspect(row)
    if (row.id === this.#noted?.id && row.digest !== this.#noted.digest) this.#rewritten.push({ kind: 'rewritten', id: row.id })
    this.head = { id: row.id, digest: row.digest }
  }

  #suspect(row: Row): void {
    if (this.#suspects.length + this.#missing.length >= mostFaults) return
    if (row.id === this.head.id + 1) this.#suspects.push({ row, before: this.head.digest })
    else this.#missing.push({ kind: 'missing', from: this.head.id + 1, to: row.id - 1 })
  }

  /** @param highest the number that the last event has to have at least */
  end(highest: number): readonly ChainFault[] {
    const last = Math.max(highest, this.#noted?.id ?? 0)
    if (last > this.head.id) this.#missing.push({ kind: 'missing', from: this.head.id + 1, to: last })
    const faults = [...settleSuspects(this.#suspects), ...this.#missing, ...this.#rewritten]
    return faults.sort((one, other) => placeOf(one) - placeOf(other))
  }
}

const placeOf = (fault: ChainFault): number => (fault.kind === 'missing' ? fault.from : fault.id)

/**
 * Follows the chain from the first event to the last; others may write meanwhile.
 * @param noted a head that an earlier run told, and that was kept elsewhere: who may write the file can make a whole
 * chain anew, and only this shows it
 */
export const verifyChain = async (store: Pick<Store, 'activity'>, noted?: ChainHead): Promise<ChainReport> => {
  const highest = await highestGiven(store)
  const walk = new Walk(noted)
  for (;;) {
    const rows = await nextRows(store, walk.head.id)
    if (rows.length === 0) break
    for (const row of rows) walk.take(row)
  }
  return { events: walk.events, head: walk.head, faults: walk.end(highest) }
}
