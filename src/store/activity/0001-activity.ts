import { type Kysely, type Migration, sql } from 'kysely'

const statements: readonly string[] = [
  `create table audit_events (
    id integer primary key autoincrement,
    created_at text not null,
    name text not null,
    author_kind text not null,
    author_id integer,
    author_name text not null,
    author_email text,
    acted_by text,
    entity_kind text not null,
    entity_id integer not null,
    entity_path text not null,
    target_type text not null,
    target_id text not null,
    target_details text not null,
    message text not null,
    change_field text,
    change_from text,
    change_to text,
    reason text,
    ip_address text
  )`,
  // Each list of the API is read along one of these, newest first; the number stands at the end of every index by itself.
  'create index audit_events_by_time on audit_events (created_at)',
  'create index audit_events_by_kind on audit_events (entity_kind, created_at)',
  'create index audit_events_by_entity on audit_events (entity_kind, entity_id, created_at)',
  'create index audit_events_by_author on audit_events (entity_kind, entity_id, author_id, created_at)',
  `create trigger audit_events_keep_what_they_say before update on audit_events
    begin select raise(abort, 'audit events are never changed'); end`,
  `create trigger audit_events_stay before delete on audit_events
    begin select raise(abort, 'audit events are never removed'); end`,
  // "insert or replace" would take a row away without asking the trigger of deletions.
  `create trigger audit_events_are_added_only before insert on audit_events
    when exists (select 1 from audit_events where id = new.id)
    begin select raise(abort, 'audit events are never replaced'); end`,
  `create table credential_usage (
    kind text not null,
    credential_id integer not null,
    last_used_at text not null,
    primary key (kind, credential_id)
  ) without rowid`,
  'create index credential_usage_by_time on credential_usage (kind, last_used_at)',
  `create table credential_addresses (
    kind text not null,
    credential_id integer not null,
    address text not null,
    seen_at text not null,
    primary key (kind, credential_id, address)
  ) without rowid`,
]

/** What happened, and which credentials were used: written often, and deciding nothing, so in a file of its own. */
export const activity: Migration = {
  async up(database: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(database)
  },
}
