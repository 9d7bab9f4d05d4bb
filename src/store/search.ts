import { type RawBuilder, type SqlBool, sql } from 'kysely'

const lowerAscii = (text: string): string => text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase())

/** SQLite knows the case of ASCII letters only: others are looked for as they are written, all small, and all capital. */
const variants = (text: string): readonly string[] => [
  ...new Set([text, text.toLowerCase(), text.toUpperCase()].map((variant) => lowerAscii(variant))),
]

/** Whether a column holds the text somewhere, whatever its case; `%` and `_` stand for themselves. */
export const contains = (column: string, text: string): RawBuilder<SqlBool> => {
  const matches = variants(text).map((variant) => {
    const literal = variant.replace(/[\\%_]/g, (character) => `\\${character}`)
    return sql<SqlBool>`lower(${sql.ref(column)}) like ${`%${literal}%`} escape '\\'`
  })
  return sql<SqlBool>`(${sql.join(matches, sql` or `)})`
}
