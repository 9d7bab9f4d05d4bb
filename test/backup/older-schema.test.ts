import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { admitUpkeep } from '../../src/access/upkeep.ts'
import { BrokenBackup } from '../../src/backup/archive-reader.ts'
import { ArchiveWriter } from '../../src/backup/archive-writer.ts'
import { type Restored, restore } from '../../src/backup/restore.ts'
import { migrate, openStore, schemaAge } from '../../src/store/sqlite.ts'

const samples = join(import.meta.dirname, '../store/upgrades')
const never = new AbortController().signal
const deaf = { onPart() {}, onBytes() {} }

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-older-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

/** A file of the database as an older version left it. Sealed by a key that nobody has any more, where there is one. */
const databaseOf = (sample: string, more = ''): Buffer => {
  const file = join(folder, 'sample.db')
  const database = new Database(file)
  database.exec(readFileSync(join(samples, `${sample}.sql`), 'utf8'))
  if (database.prepare("select 1 from sqlite_master where name = 'sealing_keys'").get()) database.exec('delete from sealing_keys')
  if (more !== '') database.exec(more)
  database.close()
  const bytes = readFileSync(file)
  rmSync(file)
  return bytes
}

const archiveOf = async (main: Buffer, activity: Buffer): Promise<string> => {
  const file = join(folder, 'archive')
  const handle = await open(file, 'wx')
  const writer = new ArchiveWriter(handle, deaf, never)
  await writer.begin({ format: 1, version: '0.1.0', moment: '2026-01-01T00:00:00.000Z' })
  await writer.add('sallyport-activity.db', activity, 1)
  await writer.add('sallyport.db', main, 1)
  await writer.finish(1000)
  await handle.close()
  return file
}

const restored = async (archive: string): Promise<Restored> => {
  const source = await open(archive, 'r')
  const home = { directory: folder, database: join(folder, 'sallyport.db'), admit: admitUpkeep, note: async () => {} }
  return restore(source, home, () => {}, never).finally(() => source.close())
}

describe('a backup of an older version', () => {
  const pairs = [
    ['0001-credentials', '0001-activity'],
    ['0006-pipelines', '0001-activity'],
    ['0010-registry', '0002-runner-contacts'],
  ] as const
  test.each(pairs)('with the schemas %s and %s is restored, and brought up to date by the start', async (main, activity) => {
    const { missing } = await restored(await archiveOf(databaseOf(`main/${main}`), databaseOf(`activity/${activity}`)))
    expect(missing).toEqual([1, 2])
    const store = openStore(join(folder, 'sallyport.db'))
    try {
      expect(await schemaAge(store)).toBe('older')
      await migrate(store)
      expect(await schemaAge(store)).toBe('ours')
    } finally {
      await store.close()
    }
  })
})

test('a backup of a newer version is refused, and nothing of it remains', async () => {
  const newer = "insert into kysely_migration values ('9999-from-the-future', '2030-01-01T00:00:00.000Z')"
  const archive = await archiveOf(databaseOf('main/0010-registry', newer), databaseOf('activity/0002-runner-contacts'))
  const refused = restored(archive)
  await expect(refused).rejects.toBeInstanceOf(BrokenBackup)
  await expect(refused).rejects.toThrow('its database is of a version that this one does not know')
  expect(readdirSync(folder)).toEqual(['archive'])
})
