import { type CreateTableBuilder, type Kysely, type Migration, sql } from 'kysely'

type Table = CreateTableBuilder<string, never>

const id = (table: Table): Table => table.addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement()) as Table

const text = (table: Table, ...names: string[]): Table =>
  names.reduce((built, name) => built.addColumn(name, 'text', (column) => column.notNull()) as Table, table)

const optionalText = (table: Table, ...names: string[]): Table =>
  names.reduce((built, name) => built.addColumn(name, 'text') as Table, table)

const number = (table: Table, ...names: string[]): Table =>
  names.reduce((built, name) => built.addColumn(name, 'integer', (column) => column.notNull()) as Table, table)

const optionalNumber = (table: Table, ...names: string[]): Table =>
  names.reduce((built, name) => built.addColumn(name, 'integer') as Table, table)

/** A column that names a row elsewhere; `cascade` takes this row away with that one. */
const reference = (table: Table, name: string, target: string, onDelete: 'cascade' | 'set null', needed = false): Table =>
  table.addColumn(name, 'integer', (column) => {
    const referring = column.references(`${target}.id`).onDelete(onDelete)
    return needed ? referring.notNull() : referring
  }) as Table

const tables: Readonly<Record<string, (table: Table) => Table>> = {
  users: (table) =>
    [
      id,
      (t: Table) =>
        text(t, 'username', 'username_key', 'name', 'email', 'email_key', 'state', 'kind', 'created_at', 'updated_at'),
      (t: Table) => number(t, 'is_admin', 'is_external', 'can_create_group', 'projects_limit'),
      (t: Table) => optionalText(t, 'confirmed_at', 'note', 'password_hash', 'password_expires_at'),
      (t: Table) => optionalNumber(t, 'bot_project_id', 'bot_group_id', 'created_by'),
    ].reduce((built, add) => add(built), table),
  namespaces: (table) =>
    [
      id,
      (t: Table) => text(t, 'kind', 'lineage', 'name', 'path', 'description', 'visibility', 'created_at', 'updated_at'),
      (t: Table) => text(t, 'project_creation_level', 'subgroup_creation_level'),
      (t: Table) => reference(t, 'parent_id', 'namespaces', 'cascade'),
      (t: Table) => reference(t, 'owner_id', 'users', 'cascade'),
      (t: Table) => number(t, 'archived'),
      (t: Table) => optionalNumber(t, 'default_branch_protection'),
    ].reduce((built, add) => add(built), table),
  projects: (table) =>
    [
      id,
      (t: Table) => reference(t, 'namespace_id', 'namespaces', 'cascade', true),
      (t: Table) => reference(t, 'creator_id', 'users', 'set null'),
      (t: Table) => text(t, 'name', 'path', 'description', 'visibility', 'repository_access_level', 'initial_branch'),
      (t: Table) => text(t, 'created_at', 'updated_at', 'last_activity_at'),
      (t: Table) => optionalText(t, 'default_branch'),
      (t: Table) => number(t, 'archived'),
    ].reduce((built, add) => add(built), table),
  routes: (table) => route(table),
  redirects: (table) => route(table),
  members: (table) =>
    [
      id,
      (t: Table) => reference(t, 'namespace_id', 'namespaces', 'cascade'),
      (t: Table) => reference(t, 'project_id', 'projects', 'cascade'),
      (t: Table) => reference(t, 'user_id', 'users', 'cascade', true),
      (t: Table) => number(t, 'access_level'),
      (t: Table) => optionalText(t, 'expires_at'),
      (t: Table) => reference(t, 'created_by', 'users', 'set null'),
      (t: Table) => text(t, 'created_at'),
    ].reduce((built, add) => add(built), table),
  access_tokens: (table) =>
    [
      id,
      (t: Table) => reference(t, 'user_id', 'users', 'cascade', true),
      (t: Table) => text(t, 'name', 'digest', 'scopes', 'created_at'),
      (t: Table) => number(t, 'impersonation', 'revoked'),
      (t: Table) => optionalText(t, 'description', 'expires_at'),
      (t: Table) => optionalNumber(t, 'previous_id'),
      (t: Table) => reference(t, 'created_by', 'users', 'set null'),
    ].reduce((built, add) => add(built), table),
  deploy_tokens: (table) =>
    [
      id,
      (t: Table) => reference(t, 'project_id', 'projects', 'cascade'),
      (t: Table) => reference(t, 'group_id', 'namespaces', 'cascade'),
      (t: Table) => text(t, 'name', 'username', 'digest', 'scopes', 'created_at'),
      (t: Table) => number(t, 'revoked'),
      (t: Table) => optionalText(t, 'expires_at'),
      (t: Table) => reference(t, 'created_by', 'users', 'set null'),
    ].reduce((built, add) => add(built), table),
  keys: (table) =>
    [
      id,
      (t: Table) => text(t, 'kind', 'title', 'key', 'fingerprint_sha256', 'fingerprint_md5', 'usage_type', 'created_at'),
      (t: Table) => reference(t, 'user_id', 'users', 'set null'),
      (t: Table) => number(t, 'public'),
      (t: Table) => optionalText(t, 'expires_at'),
    ].reduce((built, add) => add(built), table),
  deploy_key_projects: (table) =>
    [
      (t: Table) => reference(t, 'key_id', 'keys', 'cascade', true),
      (t: Table) => reference(t, 'project_id', 'projects', 'cascade', true),
      (t: Table) => number(t, 'can_push'),
      (t: Table) => text(t, 'created_at'),
    ].reduce((built, add) => add(built), table),
  protected_refs: (table) =>
    [
      id,
      (t: Table) => reference(t, 'project_id', 'projects', 'cascade', true),
      (t: Table) => text(t, 'kind', 'name', 'created_at'),
      (t: Table) => number(t, 'allow_force_push'),
    ].reduce((built, add) => add(built), table),
  protected_ref_levels: (table) =>
    [
      id,
      (t: Table) => reference(t, 'protected_ref_id', 'protected_refs', 'cascade', true),
      (t: Table) => text(t, 'action'),
      (t: Table) => optionalNumber(t, 'access_level'),
      (t: Table) => reference(t, 'user_id', 'users', 'cascade'),
      (t: Table) => reference(t, 'group_id', 'namespaces', 'cascade'),
      (t: Table) => reference(t, 'deploy_key_id', 'keys', 'cascade'),
    ].reduce((built, add) => add(built), table),
  settings: (table) => text(table.addColumn('key', 'text', (column) => column.primaryKey()) as Table, 'value'),
  security_epoch: (table) => number(id(table), 'value'),
}

function route(table: Table): Table {
  const keyed = table.addColumn('path_key', 'text', (column) => column.primaryKey()) as Table
  const placed = reference(text(keyed, 'path'), 'namespace_id', 'namespaces', 'cascade')
  return reference(placed, 'project_id', 'projects', 'cascade')
}

const indexes: readonly { readonly table: string; readonly columns: readonly string[]; readonly unique?: true }[] = [
  { table: 'users', columns: ['username_key'], unique: true },
  { table: 'users', columns: ['email_key'], unique: true },
  { table: 'users', columns: ['bot_project_id'] },
  { table: 'users', columns: ['bot_group_id'] },
  { table: 'namespaces', columns: ['parent_id'] },
  { table: 'namespaces', columns: ['owner_id'] },
  { table: 'projects', columns: ['namespace_id'] },
  { table: 'projects', columns: ['creator_id'] },
  { table: 'routes', columns: ['namespace_id'] },
  { table: 'routes', columns: ['project_id'] },
  { table: 'redirects', columns: ['namespace_id'] },
  { table: 'redirects', columns: ['project_id'] },
  { table: 'members', columns: ['namespace_id', 'user_id'], unique: true },
  { table: 'members', columns: ['project_id', 'user_id'], unique: true },
  { table: 'members', columns: ['user_id'] },
  { table: 'access_tokens', columns: ['digest'], unique: true },
  { table: 'access_tokens', columns: ['user_id'] },
  { table: 'access_tokens', columns: ['previous_id'] },
  { table: 'deploy_tokens', columns: ['digest'], unique: true },
  { table: 'deploy_tokens', columns: ['project_id'] },
  { table: 'deploy_tokens', columns: ['group_id'] },
  { table: 'keys', columns: ['fingerprint_sha256'], unique: true },
  { table: 'keys', columns: ['user_id'] },
  { table: 'deploy_key_projects', columns: ['key_id', 'project_id'], unique: true },
  { table: 'deploy_key_projects', columns: ['project_id'] },
  { table: 'protected_refs', columns: ['project_id', 'kind', 'name'], unique: true },
  { table: 'protected_ref_levels', columns: ['protected_ref_id'] },
  { table: 'protected_ref_levels', columns: ['deploy_key_id'] },
]

/** Tables whose rows decide who may do what: a write to any of them raises the security epoch. */
const accessTables = Object.keys(tables).filter((table) => table !== 'security_epoch')

const raiseEpoch = async (database: Kysely<unknown>, table: string): Promise<void> => {
  for (const event of ['insert', 'update', 'delete']) {
    await sql`create trigger ${sql.id(`${table}_${event}_raises_epoch`)} after ${sql.raw(event)} on ${sql.table(table)}
      begin update security_epoch set value = value + 1 where id = 1; end`.execute(database)
  }
}

/** Users, groups, projects, their members, and every credential of git. */
export const credentials: Migration = {
  async up(database: Kysely<unknown>): Promise<void> {
    for (const [name, columns] of Object.entries(tables)) {
      await columns(database.schema.createTable(name) as Table).execute()
    }
    for (const { table, columns, unique } of indexes) {
      const index = database.schema
        .createIndex(`${table}_by_${columns.join('_')}`)
        .on(table)
        .columns([...columns])
      await (unique ? index.unique() : index).execute()
    }
    await sql`insert into security_epoch (id, value) values (1, 1)`.execute(database)
    for (const table of accessTables) await raiseEpoch(database, table)
  },
}
