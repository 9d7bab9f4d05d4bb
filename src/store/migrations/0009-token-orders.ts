import { type Kysely, type Migration, sql } from 'kysely'

/** Lists of tokens can be sorted by name and by birth: an index in that order spares sorting all of them for one page. */
export const tokenOrders: Migration = {
  async up(database: Kysely<unknown>): Promise<void> {
    for (const column of ['name', 'created_at']) {
      await sql`create index ${sql.id(`access_tokens_by_${column}`)} on access_tokens (${sql.id(column)})`.execute(database)
    }
  },
}
