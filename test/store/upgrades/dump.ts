import type Database from 'better-sqlite3'

interface Part {
  readonly type: string
  readonly name: string
  readonly sql: string
}

/** What a schema is made of, as SQLite keeps it, but for its own tables. */
export const schemaOf = (database: Database.Database): Part[] =>
  database
    .prepare<[], Part>(
      "select type, name, sql from sqlite_master where sql is not null and name not like 'sqlite_%' order by type desc, name",
    )
    .all()

const rowsOf = (database: Database.Database, table: string): string[] => {
  const names = database.prepare<[], string>(`select name from pragma_table_info('${table}')`).pluck().all()
  const quoted = names.map((name) => `quote("${name}")`).join(` || ', ' || `)
  const columns = names.map((name) => `"${name}"`).join(', ')
  return database
    .prepare<[], string>(`select ${quoted} from ${table}`)
    .pluck()
    .all()
    .map((values) => `insert into ${table} (${columns}) values (${values});`)
}

/** A database as text, from which it can be made anew. Triggers come last, so that they are not asked. */
export const dump = (database: Database.Database): string => {
  const parts = schemaOf(database)
  const of = (type: string): string[] => parts.filter((part) => part.type === type).map(({ sql }) => `${sql};`)
  const tables = parts.filter(({ type }) => type === 'table').map(({ name }) => name)
  const sequence = database.prepare("select 1 from sqlite_master where name = 'sqlite_sequence'").get()
  const rows = tables.flatMap((table) => rowsOf(database, table))
  const numbers = sequence === undefined ? [] : ['delete from sqlite_sequence;', ...rowsOf(database, 'sqlite_sequence')]
  return ['pragma foreign_keys = off;', ...of('table'), ...rows, ...numbers, ...of('index'), ...of('trigger')]
    .map((line) => `${line}\n`)
    .join('')
}
