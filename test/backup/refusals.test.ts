import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { admitUpkeep } from '../../src/access/upkeep.ts'
import { BrokenBackup } from '../../src/backup/archive-reader.ts'
import { ArchiveWriter } from '../../src/backup/archive-writer.ts'
import { backUp } from '../../src/backup/back-up.ts'
import { makeWhole } from '../../src/backup/new-file.ts'
import { NotEmpty, requireEmpty, restore } from '../../src/backup/restore.ts'
import { Repositories } from '../../src/git/repositories.ts'
import { JobFiles } from '../../src/store/ci/job-files.ts'
import { migrate, openStore } from '../../src/store/sqlite.ts'

let folder: string
let backup: string
let counter = 0

const never = new AbortController().signal

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sallyport-refusals-'))
  const home = join(folder, 'home')
  mkdirSync(join(home, 'keys'), { recursive: true })
  writeFileSync(join(home, 'keys', 'root-token'), 'glpat-of-the-first-administrator\n', { mode: 0o600 })
  writeFileSync(join(home, 'keys', '.hidden'), 'not ours\n')
  const store = openStore(join(home, 'sallyport.db'))
  await migrate(store)
  await store.close()
  backup = join(folder, 'backup')
  await backUp(
    {
      database: join(home, 'sallyport.db'),
      keys: join(home, 'keys'),
      jobs: new JobFiles(join(home, 'jobs')),
      repositories: new Repositories(join(home, 'repos')),
      version: '0.0.0',
      mostHeld: 1000,
    },
    backup,
    () => {},
    never,
  )
})

afterAll(() => rm(folder, { recursive: true, force: true }))

let target: string

beforeEach(() => {
  counter += 1
  target = join(folder, `target-${counter}`)
  mkdirSync(target)
})

const restoreFrom = async (file: string) => {
  const source = await open(file, 'r')
  const home = { directory: target, database: join(target, 'sallyport.db'), admit: admitUpkeep, note: async () => {} }
  try {
    return await restore(source, home, () => {}, never)
  } finally {
    await source.close()
  }
}

/** The backup with some bytes changed, in a file of its own. */
const altered = (change: (bytes: Buffer) => Buffer): string => {
  const file = join(folder, `altered-${counter}`)
  writeFileSync(file, change(readFileSync(backup)))
  return file
}

/** A backup with one more file in it. */
const withFile = async (path: string): Promise<string> => {
  const file = join(folder, `with-${counter}`)
  await makeWhole(file, async (handle) => {
    const writer = new ArchiveWriter(handle, { onPart() {}, onBytes() {} }, never)
    await writer.begin({ format: 1, version: '0', moment: '2026-01-01T00:00:00.000Z' })
    await writer.add(path, Buffer.from('x'), 0)
    await writer.finish(0)
  })
  return file
}

const flip =
  (at: number) =>
  (bytes: Buffer): Buffer => {
    bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at)
    return bytes
  }

const textAt = (text: string): number => readFileSync(backup).indexOf(text)

test('what was backed up comes back, for its owner alone', async () => {
  await restoreFrom(backup)
  expect(readdirSync(target).sort()).toEqual(['keys', 'sallyport-activity.db', 'sallyport.db'])
  expect(readdirSync(join(target, 'keys'))).toEqual(['root-token'])
  expect(readFileSync(join(target, 'keys', 'root-token'), 'utf8')).toBe('glpat-of-the-first-administrator\n')
  expect(statSync(join(target, 'keys', 'root-token')).mode & 0o777).toBe(0o600)
  expect(statSync(backup).mode & 0o777).toBe(0o600)
})

describe('a backup that is not as it was written is refused, and nothing of it remains', () => {
  test.each<[string, () => string, RegExp]>([
    ['a changed key', () => altered(flip(textAt('glpat-of'))), /"keys" is not as it was written/],
    ['a changed name', () => altered(flip(textAt('keys/root-token'))), /has no beginning/],
    ['a changed database', () => altered(flip(textAt('deploy_key_projects'))), /"database" is not as it was written/],
    [
      'an end that is missing',
      () => altered((bytes) => bytes.subarray(0, bytes.length - 3000)),
      /its end is missing|no beginning/,
    ],
    ['only its beginning', () => altered((bytes) => bytes.subarray(0, 700)), /its end is missing|no backup/],
    ['nothing at all', () => altered(() => Buffer.alloc(0)), /its end is missing/],
    ['another file', () => altered(() => Buffer.from('#!/bin/sh\n'.repeat(100))), /no backup of this server/],
    ['zeros', () => altered(() => Buffer.alloc(4096)), /no backup of this server/],
    [
      'another format',
      () => altered((bytes) => Buffer.from(bytes.toString('latin1').replace('"format":1', '"format":2'), 'latin1')),
      /version "0.0.0", whose backups/,
    ],
  ])('%s', async (_what, make, complaint) => {
    const refused = restoreFrom(make())
    await expect(refused).rejects.toThrow(complaint)
    await expect(refused).rejects.toBeInstanceOf(BrokenBackup)
    expect(readdirSync(target)).toEqual([])
  })

  test.each([
    '../outside',
    '/etc/passwd',
    'keys/../../outside',
    'keys/.ssh',
    'repos/07/7.git/hooks/post-receive',
    'repos/07/7.git/objects/info/alternates',
    'repos/07/8.git/HEAD',
    'repos/07/7.git/refs/heads/main',
    'sallyport.lock',
    'jobs/00/1.upload-x',
  ])('with %s in it', async (path) => {
    await expect(restoreFrom(await withFile(path))).rejects.toThrow('stands in no backup of this server')
    expect(readdirSync(target)).toEqual([])
    expect(existsSync(join(folder, 'outside'))).toBe(false)
  })

  test('without a database', async () => {
    await expect(restoreFrom(await withFile('keys/a'))).rejects.toThrow('it holds no sallyport.db')
  })
})

describe('nothing is written over', () => {
  test.each(['keys', 'sallyport.db', 'notes.txt'])('a home with %s', async (name) => {
    writeFileSync(join(target, name), '')
    await expect(requireEmpty(target, join(target, 'sallyport.db'))).rejects.toBeInstanceOf(NotEmpty)
  })

  test('a database that lies elsewhere', async () => {
    writeFileSync(join(folder, 'elsewhere.db'), '')
    await expect(requireEmpty(target, join(folder, 'elsewhere.db'))).rejects.toThrow('elsewhere.db is there already')
  })

  test('a file of that name', async () => {
    await expect(makeWhole(backup, async () => {})).rejects.toMatchObject({ code: 'EEXIST' })
    expect(readdirSync(folder).filter((name) => name.endsWith('.unfinished'))).toEqual([])
  })
})
