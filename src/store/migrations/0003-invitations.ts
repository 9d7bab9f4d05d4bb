import { type Kysely, type Migration, sql } from 'kysely'

const addInvitations = (database: Kysely<unknown>) =>
  database.schema
    .createTable('invitations')
    .addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement())
    .addColumn('namespace_id', 'integer', (column) => column.references('namespaces.id').onDelete('cascade'))
    .addColumn('project_id', 'integer', (column) => column.references('projects.id').onDelete('cascade'))
    .addColumn('email', 'text', (column) => column.notNull())
    .addColumn('email_key', 'text', (column) => column.notNull())
    .addColumn('access_level', 'integer', (column) => column.notNull())
    .addColumn('expires_at', 'text')
    .addColumn('created_by', 'integer', (column) => column.references('users.id').onDelete('set null'))
    .addColumn('created_at', 'text', (column) => column.notNull())
    .execute()

const addStatuses = (database: Kysely<unknown>) =>
  database.schema
    .createTable('user_statuses')
    .addColumn('user_id', 'integer', (column) => column.primaryKey().references('users.id').onDelete('cascade'))
    .addColumn('emoji', 'text', (column) => column.notNull())
    .addColumn('message', 'text', (column) => column.notNull())
    .addColumn('availability', 'text', (column) => column.notNull())
    .addColumn('clear_status_at', 'text')
    .execute()

/** Orders in which lists are walked by keyset: without these every page would sort the whole table. */
const indexes: readonly { readonly table: string; readonly columns: readonly string[]; readonly unique?: true }[] = [
  { table: 'invitations', columns: ['namespace_id', 'email_key'], unique: true },
  { table: 'invitations', columns: ['project_id', 'email_key'], unique: true },
  { table: 'invitations', columns: ['email_key'] },
  { table: 'invitations', columns: ['created_by'] },
  { table: 'users', columns: ['name'] },
  { table: 'users', columns: ['username'] },
  { table: 'users', columns: ['created_at'] },
  { table: 'users', columns: ['updated_at'] },
  { table: 'namespaces', columns: ['kind', 'name'] },
]

/**
 * Invitations to those who have no account yet, what users say of themselves, the longer form of a group's protection
 * of default branches, and when members and protected refs were last changed. An invitation admits nobody: it becomes a membership when the user is made, and that
 * raises the security epoch.
 */
export const invitations: Migration = {
  async up(database: Kysely<unknown>): Promise<void> {
    await addInvitations(database)
    await addStatuses(database)
    await sql`alter table namespaces add column default_branch_protection_defaults text`.execute(database)
    for (const table of ['members', 'protected_refs']) {
      await sql`alter table ${sql.table(table)} add column updated_at text`.execute(database)
    }
    for (const { table, columns, unique } of indexes) {
      const index = database.schema
        .createIndex(`${table}_by_${columns.join('_')}`)
        .on(table)
        .columns([...columns])
      await (unique ? index.unique() : index).execute()
    }
  },
}
