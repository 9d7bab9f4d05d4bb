import Database from 'better-sqlite3'
import type { Reader } from './routes.ts'

/** The store's security epoch: raised, in the same transaction, by every write that could change a decision. */
export const securityEpoch = async (reader: Reader): Promise<number> => {
  const row = await reader.selectFrom('security_epoch').select('value').executeTakeFirstOrThrow()
  return row.value
}

/** The epoch for those who ask at every request: a connection of its own that is asked at once, in some microseconds. */
export interface EpochWatch {
  read(): number
  close(): void
}

/** @param file of a store that is open, and whose schema is made */
export const watchEpoch = (file: string): EpochWatch => {
  const database = new Database(file, { readonly: true, fileMustExist: true, timeout: 10_000 })
  const value = database.prepare<[], number>('select value from security_epoch').pluck()
  return {
    read() {
      const epoch = value.get()
      if (epoch === undefined) throw new Error('the store has no security epoch')
      return epoch
    },
    close: () => void database.close(),
  }
}
