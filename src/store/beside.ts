import { extname } from 'node:path'

/** A file beside the database, under its name: `sallyport.db` → `sallyport-activity.db`. */
export const fileBeside = (database: string, what: string): string => {
  const ending = extname(database)
  return `${database.slice(0, database.length - ending.length)}-${what}${ending}`
}
