import { type CreateTableBuilder, type Kysely, type Migration, sql } from 'kysely'

type Table = CreateTableBuilder<string, string>

const words = (table: Table, ...names: string[]): Table =>
  names.reduce((built, name) => built.addColumn(name, 'text', (column) => column.notNull()) as Table, table)
const maybeWords = (table: Table, ...names: string[]): Table =>
  names.reduce((built, name) => built.addColumn(name, 'text') as Table, table)
const numbers = (table: Table, ...names: string[]): Table =>
  names.reduce((built, name) => built.addColumn(name, 'integer', (column) => column.notNull()) as Table, table)
const numbered = (table: Table): Table =>
  table.addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement()) as Table
const owned = (table: Table): Table =>
  table.addColumn('trust_id', 'integer', (column) => column.notNull().references('trusts.id').onDelete('cascade')) as Table

/** Of a project or of a group. */
const placed = (table: Table): Table =>
  table
    .addColumn('project_id', 'integer', (column) => column.references('projects.id').onDelete('cascade'))
    .addColumn('group_id', 'integer', (column) => column.references('namespaces.id').onDelete('cascade')) as Table

const trustColumns = (table: Table): Table => {
  const told = words(
    placed(numbered(table)),
    'name',
    'issuer',
    'audience',
    'claims',
    'scopes',
    'refs',
    'created_at',
    'updated_at',
  )
  const how = numbers(maybeWords(told, 'jwks_uri'), 'enabled', 'access_level', 'life', 'single_use')
  return how.addColumn('sponsor_id', 'integer', (column) => column.references('users.id').onDelete('set null')) as Table
}

const grantColumns = (table: Table): Table =>
  maybeWords(
    words(placed(owned(numbered(table))), 'kind', 'scopes', 'subject', 'created_at', 'expires_at'),
    'digest',
    'fingerprint',
  )

const useColumns = (table: Table): Table =>
  words(table.addColumn('token', 'text', (column) => column.primaryKey()) as Table, 'expires_at')

const refusalColumns = (table: Table): Table =>
  numbers(words(owned(numbered(table)), 'refusal_id', 'reason', 'details', 'created_at'), 'verified')

const tables: readonly (readonly [name: string, columns: (table: Table) => Table])[] = [
  ['trusts', trustColumns],
  ['trust_grants', grantColumns],
  ['trust_uses', useColumns],
  ['trust_refusals', refusalColumns],
]

const indexes: readonly { readonly table: string; readonly columns: readonly string[]; readonly unique?: true }[] = [
  { table: 'trusts', columns: ['project_id'] },
  { table: 'trusts', columns: ['group_id'] },
  { table: 'trusts', columns: ['sponsor_id'] },
  { table: 'trust_grants', columns: ['digest'], unique: true },
  { table: 'trust_grants', columns: ['trust_id'] },
  { table: 'trust_grants', columns: ['project_id'] },
  { table: 'trust_grants', columns: ['group_id'] },
  { table: 'trust_grants', columns: ['expires_at'] },
  { table: 'trust_uses', columns: ['expires_at'] },
  { table: 'trust_refusals', columns: ['trust_id', 'id'] },
]

/**
 * Trusts in outside issuers, what was given by them, and what was refused. A trust that changes or goes raises the
 * security epoch; one that is made gives nobody anything yet, and what is granted is looked up afresh each time.
 */
export const trusts: Migration = {
  async up(database: Kysely<unknown>): Promise<void> {
    for (const [name, columns] of tables) await columns(database.schema.createTable(name) as Table).execute()
    for (const { table, columns, unique } of indexes) {
      const index = database.schema
        .createIndex(`${table}_by_${columns.join('_')}`)
        .on(table)
        .columns([...columns])
      await (unique ? index.unique() : index).execute()
    }
    for (const event of ['update', 'delete']) {
      await sql`create trigger ${sql.id(`trusts_${event}_raises_epoch`)} after ${sql.raw(event)} on trusts
        begin update security_epoch set value = value + 1 where id = 1; end`.execute(database)
    }
    // What has ended by itself is tidied away at each exchange, which is news to nobody.
    await sql`create trigger trust_grants_delete_raises_epoch after delete on trust_grants
      when old.expires_at > strftime('%Y-%m-%dT%H:%M:%fZ', 'now')
      begin update security_epoch set value = value + 1 where id = 1; end`.execute(database)
  },
}
