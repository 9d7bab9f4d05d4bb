import type { Insertable, Transaction } from 'kysely'
import type { AuditEntity, AuditEvent } from '../../core/audit.ts'
import { instantOf } from '../instant.ts'
import type { ActivitySchema, AuditEventsTable } from './schema.ts'

/** The instance has no number of its own; GitLab gives it 1. */
const entityColumns = (entity: AuditEntity) =>
  entity.kind === 'Instance'
    ? { entity_id: 1, entity_path: 'gitlab_instance' }
    : { entity_id: entity.id, entity_path: entity.path }

const rowOf = (event: AuditEvent): Insertable<AuditEventsTable> => ({
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

/** Rows of one statement: SQLite takes 32,766 parameters, and each row has 19. */
const atOnce = 500

/** The one way in which events come into the table, in their order. */
export const appendEvents = async (transaction: Transaction<ActivitySchema>, events: readonly AuditEvent[]): Promise<void> => {
  for (let start = 0; start < events.length; start += atOnce) {
    const rows = events.slice(start, start + atOnce).map(rowOf)
    await transaction.insertInto('audit_events').values(rows).execute()
  }
}
