import { type Kysely, type Migration, type Selectable, sql } from 'kysely'
import { chainDigest, chainStart } from './chain.ts'
import type { AuditEventsTable } from './schema.ts'

type Tables = { audit_events: AuditEventsTable }

/** Rows that are held at a time. */
const atOnce = 1000

const nextRows = (database: Kysely<Tables>, after: number): Promise<Selectable<AuditEventsTable>[]> =>
  database.selectFrom('audit_events').selectAll().where('id', '>', after).orderBy('id').limit(atOnce).execute()

/** The events that are there become the beginning of the chain, as they are now. */
const chainAll = async (database: Kysely<Tables>): Promise<void> => {
  let [after, before] = [0, chainStart]
  for (;;) {
    const rows = await nextRows(database, after)
    if (rows.length === 0) return
    for (const row of rows) {
      const digest = chainDigest(before, row)
      await database.updateTable('audit_events').set({ digest }).where('id', '=', row.id).execute()
      before = digest
      after = row.id
    }
  }
}

const withoutChanges = `create trigger audit_events_keep_what_they_say before update on audit_events
  begin select raise(abort, 'audit events are never changed'); end`

/** A row that follows on none, or leaves a number out, would break the chain for good. */
const oneAfterTheOther = `create trigger audit_events_are_chained before insert on audit_events
  when length(new.digest) <> 64 or (
    new.id <> coalesce((select max(id) from audit_events), 0) + 1
    and not exists (select 1 from audit_events where id = new.id)
  )
  begin select raise(abort, 'audit events are chained'); end`

/** Each audit event carries a digest of itself and of the one before it. */
export const auditChain: Migration = {
  async up(database: Kysely<Tables>): Promise<void> {
    await sql`drop trigger audit_events_keep_what_they_say`.execute(database)
    await sql`alter table audit_events add column digest text not null default ''`.execute(database)
    await chainAll(database)
    await sql.raw(withoutChanges).execute(database)
    await sql.raw(oneAfterTheOther).execute(database)
  },
}
