import { type Kysely, type Migration, sql } from 'kysely'

/** Which machines spoke for which runner, and when they last did. */
export const runnerContacts: Migration = {
  async up(database: Kysely<unknown>): Promise<void> {
    await sql`create table runner_contacts (
      id integer primary key autoincrement,
      runner_id integer not null,
      system_id text not null,
      version text,
      revision text,
      platform text,
      architecture text,
      executor text,
      ip_address text,
      created_at text not null,
      contacted_at text not null
    )`.execute(database)
    await sql`create unique index runner_contacts_by_runner on runner_contacts (runner_id, system_id)`.execute(database)
    await sql`create index runner_contacts_by_time on runner_contacts (runner_id, contacted_at)`.execute(database)
  },
}
