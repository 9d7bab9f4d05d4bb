import { type CreateTableBuilder, type Kysely, type Migration, sql } from 'kysely'

type Table = CreateTableBuilder<string, string>

const words = (table: Table, ...names: string[]): Table =>
  names.reduce((built, name) => built.addColumn(name, 'text', (column) => column.notNull()) as Table, table)
const maybeWords = (table: Table, ...names: string[]): Table =>
  names.reduce((built, name) => built.addColumn(name, 'text') as Table, table)
const numbers = (table: Table, ...names: string[]): Table =>
  names.reduce((built, name) => built.addColumn(name, 'integer', (column) => column.notNull()) as Table, table)
const maybeNumbers = (table: Table, ...names: string[]): Table =>
  names.reduce((built, name) => built.addColumn(name, 'integer') as Table, table)
const numbered = (table: Table): Table =>
  table.addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement()) as Table

const owned = (table: Table, name: string, by: string): Table =>
  table.addColumn(name, 'integer', (column) => column.notNull().references(`${by}.id`).onDelete('cascade')) as Table
const maybeOwned = (table: Table, name: string, by: string): Table =>
  table.addColumn(name, 'integer', (column) => column.references(`${by}.id`).onDelete('cascade')) as Table
const named = (table: Table, name: string, what: string): Table =>
  table.addColumn(name, 'integer', (column) => column.references(`${what}.id`).onDelete('set null')) as Table

const pipelines = (table: Table): Table => {
  const whose = named(named(owned(numbered(table), 'project_id', 'projects'), 'user_id', 'users'), 'trigger_id', 'triggers')
  const told = words(whose, 'sha', 'before_sha', 'ref', 'source', 'status', 'created_at', 'updated_at')
  return maybeWords(numbers(told, 'iid', 'tag'), 'name', 'yaml_errors', 'started_at', 'finished_at')
}

const pipelineVariables = (table: Table): Table =>
  numbers(words(owned(numbered(table), 'pipeline_id', 'pipelines'), 'key', 'sealed', 'variable_type'), 'raw')

const jobs = (table: Table): Table => {
  const placed = maybeOwned(owned(numbered(table), 'project_id', 'projects'), 'pipeline_id', 'pipelines')
  const whose = named(named(placed, 'user_id', 'users'), 'runner_id', 'runners')
  const told = words(whose, 'kind', 'name', 'stage', 'status', 'ref', 'sha', 'when_to_run', 'created_at')
  const how = words(told, 'allow_failure', 'retry', 'tags', 'options', 'variables')
  const counted = numbers(how, 'stage_index', 'position', 'tag', 'attempt', 'retried', 'timeout', 'protected')
  const run = maybeWords(counted, 'needs', 'runner_system', 'token_digest', 'deadline', 'heard_at', 'failure_reason', 'masks')
  const times = maybeWords(run, 'artifacts_expired_at', 'scheduled_at', 'queued_at', 'started_at', 'finished_at', 'erased_at')
  return maybeNumbers(times, 'start_in', 'exit_code')
}

const artifacts = (table: Table): Table => {
  const told = words(owned(numbered(table), 'job_id', 'jobs'), 'file_type', 'file_format', 'filename', 'sha256', 'created_at')
  return maybeWords(numbers(told, 'size'), 'expires_at')
}

const runners = (table: Table): Table => {
  const whose = named(maybeOwned(numbered(table), 'group_id', 'namespaces'), 'creator_id', 'users')
  const told = words(whose, 'runner_type', 'registration', 'token_digest', 'description', 'tags', 'access_level')
  const flags = numbers(words(told, 'created_at', 'updated_at'), 'paused', 'locked', 'run_untagged')
  return maybeNumbers(maybeWords(flags, 'token_expires_at', 'maintenance_note'), 'maximum_timeout')
}

const runnerProjects = (table: Table): Table =>
  numbers(owned(owned(table, 'runner_id', 'runners'), 'project_id', 'projects'), 'owner').addPrimaryKeyConstraint(
    'runner_projects_primary_key',
    ['runner_id', 'project_id'],
  ) as Table

const registrationTokens = (table: Table): Table =>
  words(
    maybeOwned(maybeOwned(numbered(table), 'group_id', 'namespaces'), 'project_id', 'projects'),
    'digest',
    'sealed',
    'created_at',
  )

const variables = (table: Table): Table => {
  const whose = maybeOwned(maybeOwned(numbered(table), 'project_id', 'projects'), 'group_id', 'namespaces')
  const told = words(whose, 'key', 'sealed', 'variable_type', 'environment_scope', 'created_at', 'updated_at')
  return maybeWords(numbers(told, 'protected', 'masked', 'hidden', 'raw'), 'description')
}

const allowlist = (table: Table): Table => {
  const allowed = maybeOwned(owned(numbered(table), 'project_id', 'projects'), 'allowed_project_id', 'projects')
  return words(named(maybeOwned(allowed, 'allowed_group_id', 'namespaces'), 'created_by', 'users'), 'created_at')
}

const settings = (table: Table): Table => {
  const keyed = table.addColumn('project_id', 'integer', (column) =>
    column.primaryKey().references('projects.id').onDelete('cascade'),
  ) as Table
  const flags = numbers(keyed, 'inbound_enabled', 'push_allowed', 'jobs_enabled', 'public_jobs')
  const runnerFlags = numbers(flags, 'shared_runners_enabled', 'group_runners_enabled', 'build_timeout', 'default_git_depth')
  return maybeWords(runnerFlags, 'config_path')
}

const queue = (table: Table): Table => numbers(numbered(table), 'value')

/** In an order in which each refers only to those before it. */
const tables: readonly (readonly [name: string, columns: (table: Table) => Table])[] = [
  ['pipelines', pipelines],
  ['pipeline_variables', pipelineVariables],
  ['runners', runners],
  ['runner_projects', runnerProjects],
  ['jobs', jobs],
  ['job_artifacts', artifacts],
  ['registration_tokens', registrationTokens],
  ['variables', variables],
  ['job_token_allowlist', allowlist],
  ['project_ci_settings', settings],
  ['job_queue', queue],
]

const indexes: readonly { readonly table: string; readonly columns: readonly string[]; readonly unique?: true }[] = [
  { table: 'pipelines', columns: ['project_id', 'iid'], unique: true },
  { table: 'pipelines', columns: ['project_id', 'id'] },
  { table: 'pipelines', columns: ['user_id'] },
  { table: 'pipelines', columns: ['trigger_id'] },
  { table: 'pipelines', columns: ['status'] },
  { table: 'pipeline_variables', columns: ['pipeline_id'] },
  { table: 'jobs', columns: ['token_digest'], unique: true },
  { table: 'jobs', columns: ['pipeline_id', 'position'] },
  { table: 'jobs', columns: ['project_id', 'id'] },
  { table: 'jobs', columns: ['status', 'queued_at'] },
  { table: 'jobs', columns: ['runner_id', 'id'] },
  { table: 'jobs', columns: ['user_id'] },
  { table: 'job_artifacts', columns: ['job_id', 'file_type'] },
  { table: 'job_artifacts', columns: ['expires_at'] },
  { table: 'runners', columns: ['token_digest'], unique: true },
  { table: 'runners', columns: ['group_id'] },
  { table: 'runners', columns: ['creator_id'] },
  { table: 'runner_projects', columns: ['project_id'] },
  { table: 'registration_tokens', columns: ['digest'], unique: true },
  { table: 'registration_tokens', columns: ['group_id'], unique: true },
  { table: 'registration_tokens', columns: ['project_id'], unique: true },
  { table: 'variables', columns: ['project_id', 'key', 'environment_scope'], unique: true },
  { table: 'variables', columns: ['group_id', 'key', 'environment_scope'], unique: true },
  { table: 'job_token_allowlist', columns: ['project_id', 'allowed_project_id'], unique: true },
  { table: 'job_token_allowlist', columns: ['project_id', 'allowed_group_id'], unique: true },
  { table: 'job_token_allowlist', columns: ['allowed_project_id'] },
  { table: 'job_token_allowlist', columns: ['allowed_group_id'] },
]

/** What decides on a job's token raises the epoch; logs, contacts and lists of jobs do not. */
const epochEvents: readonly (readonly [table: string, event: string])[] = [
  ['jobs', 'update of status, token_digest, user_id, deadline'],
  ['jobs', 'delete'],
  ['job_token_allowlist', 'insert'],
  ['job_token_allowlist', 'delete'],
  ['project_ci_settings', 'insert'],
  ['project_ci_settings', 'update'],
  ['project_ci_settings', 'delete'],
]

/** A lease is born running; a job gets its token when it is handed out, which is an update. */
const queueEvents: readonly (readonly [name: string, table: string, event: string, when: string])[] = [
  ['jobs_insert', 'jobs', 'insert', "when new.status = 'pending'"],
  ['jobs_update', 'jobs', 'update of status', "when new.status = 'pending'"],
  ['runners_update', 'runners', 'update', ''],
  ['runner_projects_insert', 'runner_projects', 'insert', ''],
  ['settings_insert', 'project_ci_settings', 'insert', ''],
  ['settings_update', 'project_ci_settings', 'update', ''],
]

const addTriggers = async (database: Kysely<unknown>): Promise<void> => {
  for (const [table, event] of epochEvents) {
    const name = `${table}_${event.split(' ')[0]}_raises_epoch`
    await sql`create trigger ${sql.id(name)} after ${sql.raw(event)} on ${sql.table(table)}
      begin update security_epoch set value = value + 1 where id = 1; end`.execute(database)
  }
  for (const [name, table, event, when] of queueEvents) {
    await sql`create trigger ${sql.id(`${name}_raises_job_queue`)} after ${sql.raw(event)} on ${sql.table(table)} ${sql.raw(when)}
      begin update job_queue set value = value + 1 where id = 1; end`.execute(database)
  }
}

/** Pipelines, their jobs and variables, runners, and who may be reached by a job's token. */
export const pipelinesAndRunners: Migration = {
  async up(database: Kysely<unknown>): Promise<void> {
    for (const [name, columns] of tables) await columns(database.schema.createTable(name) as Table).execute()
    for (const { table, columns, unique } of indexes) {
      const index = database.schema
        .createIndex(`${table}_by_${columns.join('_')}`)
        .on(table)
        .columns([...columns])
      await (unique ? index.unique() : index).execute()
    }
    await database.schema.alterTable('deploy_tokens').addColumn('sealed', 'text').execute()
    await sql`insert into job_queue (id, value) values (1, 1)`.execute(database)
    await addTriggers(database)
  },
}
