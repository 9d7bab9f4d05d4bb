import type { Selectable, SelectQueryBuilder } from 'kysely'
import type { AuditEntity } from '../../core/audit.ts'
import type { UserId } from '../../core/ids.ts'
import type { Reader } from '../routes.ts'
import type { Instant, Schema } from '../schema.ts'
import type { AuditEventsTable } from './schema.ts'

export type AuditRow = Selectable<AuditEventsTable>

const table = 'activity.audit_events'

export type AuditQuery = SelectQueryBuilder<Schema, typeof table, AuditRow>

/** Whose events: all, those of one kind of entity, of one entity, or of these what one user did. */
export interface AuditScope {
  readonly kind: AuditEntity['kind'] | undefined
  readonly id: number | undefined
  readonly author: UserId | undefined
  readonly from: Instant | undefined
  readonly to: Instant | undefined
}

/** Events of a scope, in no order yet. */
export const auditEvents = (reader: Reader, scope: AuditScope): AuditQuery => {
  let query = reader.selectFrom(table).selectAll()
  if (scope.kind !== undefined) query = query.where(`${table}.entity_kind`, '=', scope.kind)
  if (scope.id !== undefined) query = query.where(`${table}.entity_id`, '=', scope.id)
  if (scope.author !== undefined) {
    query = query.where(`${table}.author_id`, '=', scope.author).where(`${table}.author_kind`, '=', 'User')
  }
  if (scope.from !== undefined) query = query.where(`${table}.created_at`, '>=', scope.from)
  if (scope.to !== undefined) query = query.where(`${table}.created_at`, '<=', scope.to)
  return query
}

/** The newest first; of the same moment, the one that was kept last. */
export const newestFirst = (query: AuditQuery): AuditQuery =>
  query.orderBy(`${table}.created_at`, 'desc').orderBy(`${table}.id`, 'desc')

export const auditEventById = (reader: Reader, scope: AuditScope, id: number): Promise<AuditRow | undefined> =>
  auditEvents(reader, scope).where(`${table}.id`, '=', id).executeTakeFirst()
