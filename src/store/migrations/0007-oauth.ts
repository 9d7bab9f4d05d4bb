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
const owned = (table: Table, name: string, by: string): Table =>
  table.addColumn(name, 'integer', (column) => column.notNull().references(`${by}.id`).onDelete('cascade')) as Table
const maybeOwned = (table: Table, name: string, by: string): Table =>
  table.addColumn(name, 'integer', (column) => column.references(`${by}.id`).onDelete('cascade')) as Table

const applications = (table: Table): Table => {
  const told = words(numbered(table), 'uid', 'name', 'redirect_uris', 'scopes', 'created_at', 'updated_at')
  return maybeOwned(maybeWords(numbers(told, 'confidential', 'trusted'), 'secret_digest'), 'owner_id', 'users')
}

const codes = (table: Table): Table => {
  const whose = owned(owned(numbered(table), 'application_id', 'oauth_applications'), 'user_id', 'users')
  const told = words(whose, 'digest', 'redirect_uri', 'scopes', 'auth_time', 'family', 'created_at', 'expires_at')
  return maybeWords(told, 'challenge', 'challenge_method', 'nonce', 'used_at')
}

const devices = (table: Table): Table => {
  const whose = maybeOwned(owned(numbered(table), 'application_id', 'oauth_applications'), 'user_id', 'users')
  const told = words(whose, 'device_digest', 'user_code_digest', 'scopes', 'state', 'created_at', 'expires_at')
  return maybeWords(numbers(told, 'poll_interval'), 'answered_at', 'polled_at')
}

const tokens = (table: Table): Table => {
  const whose = maybeOwned(owned(numbered(table), 'application_id', 'oauth_applications'), 'user_id', 'users')
  const told = words(whose, 'access_digest', 'scopes', 'family', 'created_at', 'expires_at')
  return maybeWords(told, 'refresh_digest', 'auth_time', 'revoked_at')
}

/** In an order in which each refers only to those before it. */
const tables: readonly (readonly [name: string, columns: (table: Table) => Table])[] = [
  ['oauth_applications', applications],
  ['oauth_codes', codes],
  ['oauth_devices', devices],
  ['oauth_tokens', tokens],
]

const indexes: readonly { readonly table: string; readonly columns: readonly string[]; readonly unique?: true }[] = [
  { table: 'oauth_applications', columns: ['uid'], unique: true },
  { table: 'oauth_applications', columns: ['secret_digest'] },
  { table: 'oauth_applications', columns: ['owner_id'] },
  { table: 'oauth_codes', columns: ['digest'], unique: true },
  { table: 'oauth_codes', columns: ['application_id'] },
  { table: 'oauth_codes', columns: ['user_id'] },
  { table: 'oauth_codes', columns: ['expires_at'] },
  { table: 'oauth_devices', columns: ['device_digest'], unique: true },
  { table: 'oauth_devices', columns: ['user_code_digest'], unique: true },
  { table: 'oauth_devices', columns: ['application_id'] },
  { table: 'oauth_devices', columns: ['user_id'] },
  { table: 'oauth_devices', columns: ['expires_at'] },
  { table: 'oauth_tokens', columns: ['access_digest'], unique: true },
  { table: 'oauth_tokens', columns: ['refresh_digest'], unique: true },
  { table: 'oauth_tokens', columns: ['family'] },
  { table: 'oauth_tokens', columns: ['application_id'] },
  { table: 'oauth_tokens', columns: ['user_id', 'application_id'] },
  { table: 'oauth_tokens', columns: ['revoked_at'] },
]

/** Who may do what hangs on these. Codes and devices are asked for afresh each time, so nothing is remembered of them. */
const accessTables = ['oauth_applications', 'oauth_tokens']

const raiseEpoch = async (database: Kysely<unknown>, table: string): Promise<void> => {
  for (const event of ['insert', 'update', 'delete']) {
    await sql`create trigger ${sql.id(`${table}_${event}_raises_epoch`)} after ${sql.raw(event)} on ${sql.table(table)}
      begin update security_epoch set value = value + 1 where id = 1; end`.execute(database)
  }
}

/**
 * Programs that are known wherever they are used, under the ids that they ship with: a user of theirs has nothing to set
 * up. They are public clients. What two of them send as a secret is in their sources, and is kept as digest like any.
 */
const shippedClients = [
  {
    uid: '172b9f227872b5dde33f4d9b1db06a6a5515ae79508e7a00c973c85ce490671e',
    secret_digest: '4f454f2aacac4152f30ffe3bfc4753ebe0609e3210e314ae4444423486ad4534',
    name: 'Git Credential Manager',
    redirect_uris: ['http://127.0.0.1/'],
    scopes: ['read_repository', 'write_repository'],
  },
  {
    uid: '10bfbbf46e5b760b55ce772a262d7a0205eacc417816eb84d37d0fb02c89bb97',
    secret_digest: 'db6b4c8dc379253fe9240eed2c4c594bb581d599e9d9e58e7683e65181f7585e',
    name: 'git-credential-oauth',
    redirect_uris: ['http://127.0.0.1/'],
    scopes: ['read_repository', 'write_repository'],
  },
  {
    uid: '41d48f9422ebd655dd9cf2947d6979681dfaddc6d0c56f7628f6ada59559af1e',
    secret_digest: null,
    name: 'GitLab CLI (glab)',
    redirect_uris: ['http://localhost:7171/auth/redirect'],
    scopes: ['openid', 'profile', 'read_user', 'write_repository', 'api'],
  },
] as const

const addShippedClients = async (database: Kysely<unknown>): Promise<void> => {
  const now = new Date().toISOString()
  for (const { uid, secret_digest, name, redirect_uris, scopes } of shippedClients) {
    await sql`insert into oauth_applications
      (uid, secret_digest, name, redirect_uris, scopes, confidential, trusted, owner_id, created_at, updated_at)
      values (${uid}, ${secret_digest}, ${name}, ${JSON.stringify(redirect_uris)}, ${JSON.stringify(scopes)}, 0, 0, null,
        ${now}, ${now})`.execute(database)
  }
}

/** Applications, and the codes, devices and tokens by which they act for users. */
export const oauth: Migration = {
  async up(database: Kysely<unknown>): Promise<void> {
    for (const [name, columns] of tables) await columns(database.schema.createTable(name) as Table).execute()
    for (const { table, columns, unique } of indexes) {
      const index = database.schema
        .createIndex(`${table}_by_${columns.join('_')}`)
        .on(table)
        .columns([...columns])
      await (unique ? index.unique() : index).execute()
    }
    for (const table of accessTables) await raiseEpoch(database, table)
    await addShippedClients(database)
  },
}
