import { type Kysely, type Migration, sql } from 'kysely'

/** Who sees the images of a project. Writes to projects raise the security epoch already. */
export const registry: Migration = {
  async up(database: Kysely<unknown>): Promise<void> {
    await database.schema
      .alterTable('projects')
      .addColumn('container_registry_access_level', 'text', (column) => column.notNull().defaultTo(sql`'enabled'`))
      .execute()
  },
}
