/** Writes a sample of each schema of which there is none yet: `node test/store/upgrades/make.ts`. Those that are there stay. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import type { Migration } from 'kysely'
import { activityMigrations } from '../../../src/store/activity/migrations.ts'
import { migrations } from '../../../src/store/migrations/index.ts'
import { dump } from './dump.ts'
import { migrateUpTo } from './old-schema.ts'
import { fillTables } from './sample-rows.ts'

const makeOne = async (folder: string, known: Readonly<Record<string, Migration>>, name: string): Promise<void> => {
  const sample = join(import.meta.dirname, folder, `${name}.sql`)
  if (existsSync(sample)) return
  const directory = mkdtempSync(join(tmpdir(), 'sample-'))
  const file = join(directory, 'sample.db')
  await migrateUpTo(file, known, name)
  const database = new Database(file)
  fillTables(database)
  writeFileSync(sample, dump(database))
  database.close()
  rmSync(directory, { recursive: true })
}

for (const name of Object.keys(migrations)) await makeOne('main', migrations, name)
for (const name of Object.keys(activityMigrations)) await makeOne('activity', activityMigrations, name)
