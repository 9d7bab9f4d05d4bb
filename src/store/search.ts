import { type RawBuilder, type SqlBool, sql } from 'kysely'

/** Whether a column holds the text somewhere, whatever the case of ASCII letters; `%` and `_` stand for themselves. */
export const contains = (column: string, text: string): RawBuilder<SqlBool> => {
  const literal = text.toLowerCase().replace(/[\\%_]/g, (character) => `\\${character}`)
  return sql<SqlBool>`lower(${sql.ref(column)}) like ${`%${literal}%`} escape '\\'`
}
