import { rmSync } from 'node:fs'
import Database from 'better-sqlite3'
import type { FailedTries } from '../access/ban.ts'
import { fileBeside } from './beside.ts'

/** For another process to be done with its own count, in milliseconds. */
const patience = 5_000
/** Rows of each table; the oldest are let go beyond that. */
const mostRows = 100_000
/** Old rows are looked for once in so many counts. */
const sweepEvery = 1_000

const tables = `
  create table if not exists failed_tries (
    source text primary key, failures integer not null, window_ends integer not null, banned_until integer not null, ends integer not null
  ) without rowid;
  create index if not exists failed_tries_by_end on failed_tries (ends);
  create table if not exists requests (
    counted text primary key, period_ends integer not null, count integer not null
  ) without rowid;
  create index if not exists requests_by_end on requests (period_ends);
`

/** Counts requests exactly, also where several processes count the same at once. */
export interface RequestCounts {
  /** Counts one more in the period that ends at a time in milliseconds; returns how many there are in it. */
  count(counted: string, periodEnds: number, now: number): number
}

/**
 * What is counted across processes and worth no wait for a disk: failed logins and requests. A small database file of
 * its own, since SQLite counts exactly whoever dies, its locks are not those of durable data, and nothing in it is
 * missed after a power cut.
 */
export interface Limits {
  readonly tries: FailedTries
  readonly requests: RequestCounts
  close(): void
}

/** The file stands beside the database, under its name: `sallyport.db` → `sallyport-limits.db`. */
export const limitsFileOf = (database: string): string => fileBeside(database, 'limits')

const open = (file: string): Database.Database => {
  const database = new Database(file, { timeout: patience })
  database.pragma('journal_mode = WAL')
  database.pragma('synchronous = OFF')
  database.exec(tables)
  return database
}

/** Lets go of what has ended, and of the oldest where there are too many. */
const sweeper = (database: Database.Database, table: string, end: string): ((now: number) => void) => {
  const ended = database.prepare(`delete from ${table} where ${end} <= ?`)
  const size = database.prepare(`select count(*) from ${table}`).pluck()
  const oldest = database.prepare(
    `delete from ${table} where ${end} <= (select ${end} from ${table} order by ${end} limit 1 offset ?)`,
  )
  let counts = 0
  return (now) => {
    counts += 1
    if (counts % sweepEvery !== 0) return
    ended.run(now)
    const surplus = Number(size.get()) - mostRows
    if (surplus > 0) oldest.run(surplus)
  }
}

const failedTries = (database: Database.Database): FailedTries => {
  const find = database.prepare<[string], number>('select banned_until from failed_tries where source = ?').pluck()
  const add = database
    .prepare<[{ from: string; now: number; until: number }], number>(
      `insert into failed_tries values (@from, 1, @until, 0, @until)
       on conflict (source) do update set
         failures = case when window_ends > @now then failures + 1 else 1 end,
         window_ends = case when window_ends > @now then window_ends else @until end,
         ends = max(ends, case when window_ends > @now then window_ends else @until end)
       returning failures`,
    )
    .pluck()
  const ban = database.prepare<[{ from: string; now: number; until: number }]>(
    `update failed_tries set failures = 0, window_ends = 0, banned_until = @until, ends = @until
     where source = @from and banned_until <= @now`,
  )
  const forget = database.prepare<[string, number]>('delete from failed_tries where source = ? and banned_until <= ?')
  const sweep = sweeper(database, 'failed_tries', 'ends')
  return {
    bannedUntil: (from) => find.get(from),
    add(from, now, until) {
      sweep(now)
      // To its end: where only the first row is asked for, nobody learns that it could not be kept.
      return add.all({ from, now, until })[0] ?? 0
    },
    ban: (from, now, until) => ban.run({ from, now, until }).changes > 0,
    forget: (from, now) => void forget.run(from, now),
  }
}

const requestCounts = (database: Database.Database): RequestCounts => {
  const count = database
    .prepare<[string, number], number>(
      `insert into requests values (?, ?, 1)
       on conflict (counted) do update set
         count = case when period_ends = excluded.period_ends then count + 1 else 1 end,
         period_ends = excluded.period_ends
       returning count`,
    )
    .pluck()
  const sweep = sweeper(database, 'requests', 'period_ends')
  return {
    count(counted, periodEnds, now) {
      sweep(now)
      return count.all(counted, periodEnds)[0] ?? 0
    },
  }
}

export const openLimits = (file: string): Limits => {
  const database = open(file)
  return { tries: failedTries(database), requests: requestCounts(database), close: () => void database.close() }
}

/**
 * Makes the file, one process at a time, before any other opens it. What cannot be read, say after a power cut, is made
 * anew: that lets go of bans, and of nothing else.
 */
export const prepareLimits = (file: string): void => {
  try {
    const database = open(file)
    const fine = database.pragma('quick_check', { simple: true }) === 'ok'
    database.close()
    if (fine) return
  } catch (fault) {
    if (!isDamage(fault)) throw fault
  }
  for (const ending of ['', '-wal', '-shm']) rmSync(`${file}${ending}`, { force: true })
  open(file).close()
}

const isDamage = (fault: unknown): boolean =>
  fault instanceof Error && 'code' in fault && /^SQLITE_(?:CORRUPT|NOTADB|ERROR)/.test(String(fault.code))
