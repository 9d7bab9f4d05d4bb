import { type Kysely, type Migration, sql } from 'kysely'

/**
 * Lists of tokens can be sorted by name, whatever its case, and by birth: an index in that order spares sorting all of them
 * for one page.
 */
export const tokenOrders: Migration = {
  async up(database: Kysely<unknown>): Promise<void> {
    await sql`create index access_tokens_by_name on access_tokens (lower(name))`.execute(database)
    await sql`create index access_tokens_by_created_at on access_tokens (created_at)`.execute(database)
  },
}
