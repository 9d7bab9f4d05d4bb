import { type Kysely, type Migration, sql } from 'kysely'

const addSessions = async (database: Kysely<unknown>): Promise<void> => {
  await database.schema
    .createTable('web_sessions')
    .addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement())
    .addColumn('user_id', 'integer', (column) => column.notNull().references('users.id').onDelete('cascade'))
    .addColumn('digest', 'text', (column) => column.notNull().unique())
    .addColumn('stage', 'text', (column) => column.notNull())
    .addColumn('failures', 'integer', (column) => column.notNull())
    .addColumn('created_at', 'text', (column) => column.notNull())
    .addColumn('seen_at', 'text', (column) => column.notNull())
    .addColumn('ends_at', 'text', (column) => column.notNull())
    .execute()
  await database.schema.createIndex('web_sessions_by_user_id').on('web_sessions').column('user_id').execute()
  await database.schema.createIndex('web_sessions_by_ends_at').on('web_sessions').column('ends_at').execute()
}

const addTwoFactor = async (database: Kysely<unknown>): Promise<void> => {
  await database.schema
    .createTable('two_factor')
    .addColumn('user_id', 'integer', (column) => column.primaryKey().references('users.id').onDelete('cascade'))
    .addColumn('sealed', 'text', (column) => column.notNull())
    .addColumn('last_step', 'integer', (column) => column.notNull())
    .addColumn('created_at', 'text', (column) => column.notNull())
    .execute()
  await database.schema
    .createTable('recovery_codes')
    .addColumn('user_id', 'integer', (column) => column.notNull().references('users.id').onDelete('cascade'))
    .addColumn('digest', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('recovery_codes_primary_key', ['user_id', 'digest'])
    .execute()
}

/**
 * People who are signed in to the pages of the server, and their second factor. A session decides nothing beyond those
 * pages, so it raises no security epoch; the flag at the user does, since it closes git to the password. What may have
 * been done against its owner's will ends every session: a block, another password, a change of the second factor.
 */
export const webSessions: Migration = {
  async up(database: Kysely<unknown>): Promise<void> {
    await sql`alter table users add column two_factor_enabled integer not null default 0`.execute(database)
    await addSessions(database)
    await addTwoFactor(database)
    await sql`create trigger users_change_ends_sessions after update of state, password_hash, two_factor_enabled on users
      when new.state is not old.state or new.password_hash is not old.password_hash
        or new.two_factor_enabled is not old.two_factor_enabled
      begin delete from web_sessions where user_id = new.id; end`.execute(database)
  },
}
