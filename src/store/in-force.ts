import { type RawBuilder, type SqlBool, sql } from 'kysely'
import { dayOf } from '../core/clock.ts'
import { instantOf } from './instant.ts'

const isLater = (column: string, than: string): RawBuilder<SqlBool> =>
  sql<SqlBool>`(${sql.ref(column)} is null or ${sql.ref(column)} > ${than})`

/** Whether what ends on a day, or never, has not ended: it is over at 00:00 UTC on the day that the column names. */
export const beforeItsDay = (column: string, now: number): RawBuilder<SqlBool> => isLater(column, dayOf(now))

/** The same for what ends at a moment. */
export const beforeItsMoment = (column: string, now: number): RawBuilder<SqlBool> => isLater(column, instantOf(now))
