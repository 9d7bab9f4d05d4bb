import { type Kysely, type Migration, sql } from 'kysely'

const raiseEpoch = async (database: Kysely<unknown>, table: string): Promise<void> => {
  for (const event of ['insert', 'update', 'delete']) {
    await sql`create trigger ${sql.id(`${table}_${event}_raises_epoch`)} after ${sql.raw(event)} on ${sql.table(table)}
      begin update security_epoch set value = value + 1 where id = 1; end`.execute(database)
  }
}

const addTriggers = async (database: Kysely<unknown>): Promise<void> => {
  await database.schema
    .createTable('triggers')
    .addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement())
    .addColumn('project_id', 'integer', (column) => column.notNull().references('projects.id').onDelete('cascade'))
    .addColumn('owner_id', 'integer', (column) => column.notNull().references('users.id').onDelete('cascade'))
    .addColumn('description', 'text', (column) => column.notNull())
    .addColumn('digest', 'text', (column) => column.notNull().unique())
    .addColumn('sealed', 'text', (column) => column.notNull())
    .addColumn('expires_at', 'text')
    .addColumn('created_at', 'text', (column) => column.notNull())
    .addColumn('updated_at', 'text', (column) => column.notNull())
    .execute()
  await database.schema.createIndex('triggers_by_project_id').on('triggers').column('project_id').execute()
  await database.schema.createIndex('triggers_by_owner_id').on('triggers').column('owner_id').execute()
}

const addUserTokens = async (database: Kysely<unknown>): Promise<void> => {
  await database.schema
    .createTable('user_tokens')
    .addColumn('user_id', 'integer', (column) => column.notNull().references('users.id').onDelete('cascade'))
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('digest', 'text', (column) => column.notNull().unique())
    .addColumn('sealed', 'text', (column) => column.notNull())
    .addColumn('created_at', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('user_tokens_primary_key', ['user_id', 'kind'])
    .execute()
}

const addSealingKeys = async (database: Kysely<unknown>): Promise<void> => {
  await database.schema
    .createTable('sealing_keys')
    .addColumn('id', 'integer', (column) => column.primaryKey())
    .addColumn('fingerprint', 'text', (column) => column.notNull())
    .addColumn('created_at', 'text', (column) => column.notNull())
    .execute()
}

/** Tokens that are shown again: pipeline triggers, and those that each user has for feeds and mail. */
export const sealedTokens: Migration = {
  async up(database: Kysely<unknown>): Promise<void> {
    await addTriggers(database)
    await addUserTokens(database)
    await addSealingKeys(database)
    for (const table of ['triggers', 'user_tokens']) await raiseEpoch(database, table)
  },
}
