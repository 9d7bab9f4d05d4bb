import { type Kysely, type Migration, sql } from 'kysely'

/** Whether a project refuses pushes that bring a live token, and ends the token. Writes to projects raise the security epoch already. */
export const pushShield: Migration = {
  async up(database: Kysely<unknown>): Promise<void> {
    for (const [name, standard] of [['push_shield', 1] as const, ['push_shield_revokes', 0] as const]) {
      await database.schema
        .alterTable('projects')
        .addColumn(name, 'integer', (column) => column.notNull().defaultTo(sql.lit(standard)))
        .execute()
    }
  },
}
