import { setTimeout as pause } from 'node:timers/promises'
import { CompiledQuery, type DatabaseConnection, type QueryResult, SqliteDriver } from 'kysely'

/** How long a write waits for other processes' transactions, in milliseconds; after that it is a fault. */
const patience = 10_000
const shortestPause = 1
const longestPause = 25

const isBusy = (fault: unknown): boolean =>
  fault instanceof Error && 'code' in fault && typeof fault.code === 'string' && fault.code.startsWith('SQLITE_BUSY')

/**
 * Waits for the write lock of the database without holding up the process. SQLite's own waiting would stop every
 * request of a worker for as long as another worker's transaction lasts.
 */
const whenFree = async <Result>(ask: () => Promise<Result>): Promise<Result> => {
  const until = performance.now() + patience
  for (let wait = shortestPause; ; wait = Math.min(wait * 2, longestPause)) {
    try {
      return await ask()
    } catch (fault) {
      if (!isBusy(fault) || performance.now() > until) throw fault
      await pause(wait * (0.5 + Math.random() / 2))
    }
  }
}

/** On a disk that is full or broken SQLite undoes a transaction by itself ("Response To Errors Within A Transaction"). */
const isUndone = (fault: unknown): boolean => fault instanceof Error && fault.message.includes('no transaction is active')

class PatientConnection implements DatabaseConnection {
  readonly inner: DatabaseConnection

  constructor(inner: DatabaseConnection) {
    this.inner = inner
  }

  executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    return whenFree(() => this.inner.executeQuery<Row>(query))
  }

  streamQuery<Row>(query: CompiledQuery, size?: number): AsyncIterableIterator<QueryResult<Row>> {
    return this.inner.streamQuery<Row>(query, size)
  }
}

/** The driver of the writing connection: each transaction takes the write lock at its start, so that it cannot fail half way. */
export class PatientDriver extends SqliteDriver {
  override async acquireConnection(): Promise<DatabaseConnection> {
    return new PatientConnection(await super.acquireConnection())
  }

  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('begin immediate'))
  }

  /** Where nothing is left to be undone, the fault that led here is the one to be told. */
  override async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    try {
      await super.rollbackTransaction(connection)
    } catch (fault) {
      if (!isUndone(fault)) throw fault
    }
  }
}
