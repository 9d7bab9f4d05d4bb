import type { Insertable, Transaction } from 'kysely'
import type { AuditEntity, AuditEvent } from '../../core/audit.ts'
import { instantOf } from '../instant.ts'
import { chainDigest, chainStart } from './chain.ts'
import type { ActivitySchema, AuditEventsTable } from './schema.ts'

/** The instance has no number of its own; GitLab gives it 1. */
const entityColumns = (entity: AuditEntity) =>
  entity.kind === 'Instance'
    ? { entity_id: 1, entity_path: 'gitlab_instance' }
    : { entity_id: entity.id, entity_path: entity.path }

type Row = Insertable<AuditEventsTable>

const rowOf = (event: AuditEvent): Omit<Row, 'id' | 'digest'> => ({
  created_at: instantOf(event.at),
  name: event.name,
  author_kind: event.author.kind,
  author_id: event.author.id ?? null,
  author_name: event.author.name,
  author_email: event.author.email ?? null,
  acted_by: event.actedBy ?? null,
  entity_kind: event.entity.kind,
  ...entityColumns(event.entity),
  target_type: event.target.type,
  target_id: JSON.stringify(event.target.id),
  target_details: event.target.details,
  message: event.message,
  change_field: event.change?.field ?? null,
  change_from: event.change?.from ?? null,
  change_to: event.change?.to ?? null,
  reason: event.reason ?? null,
  ip_address: event.address ?? null,
})

/** Rows of one statement: SQLite takes 32,766 parameters, and each row has 21. */
const atOnce = 500

/** Each row with its number, and chained to the one before it. */
const chained = (events: readonly AuditEvent[], last: Pick<Row, 'id' | 'digest'>): Row[] => {
  const rows: Row[] = []
  for (const event of events) {
    const before = rows.at(-1) ?? last
    const row = { ...rowOf(event), id: before.id + 1 }
    rows.push({ ...row, digest: chainDigest(before.digest, row) })
  }
  return rows
}

/**
 * The one way in which events come into the table, in their order. The transaction holds the write lock from its
 * beginning, so that no other process chains an event to the same one.
 */
export const appendEvents = async (transaction: Transaction<ActivitySchema>, events: readonly AuditEvent[]): Promise<void> => {
  const found = await transaction
    .selectFrom('audit_events')
    .select(['id', 'digest'])
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst()
  const rows = chained(events, found ?? { id: 0, digest: chainStart })
  for (let start = 0; start < rows.length; start += atOnce) {
    await transaction
      .insertInto('audit_events')
      .values(rows.slice(start, start + atOnce))
      .execute()
  }
}
