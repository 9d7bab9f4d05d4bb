import { mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Repositories } from '../../src/git/repositories.ts'
import { homeAt, prepareHome } from '../../src/start/home.ts'
import { tryLock } from '../../src/store/file-lock.ts'
import { createProject } from '../../src/store/projects.ts'
import { makeGroup, now, type TemporaryStore, temporaryStore } from '../store/temporary-store.ts'
import { type Ran, sallyport } from './command-line.ts'
import { type BackupCommand, manyCommands } from './many-commands.ts'

let temporary: TemporaryStore
let home: string
let folder: string

const secret = 'glpat-of-the-first-administrator'

const makeProjects = async ({ store, user }: TemporaryStore, paths: readonly string[]): Promise<void> => {
  const creator = (await user('alice')).id
  const namespaceId = (await makeGroup(store, creator, 'team')).id
  const repositories = new Repositories(join(home, 'repos'))
  for (const path of paths) {
    const project = { namespaceId, creator, name: path, path, description: '', visibility: 'private' } as const
    await createProject(store, { ...project, repository_access_level: 'enabled', initial_branch: 'main' }, repositories, now)
  }
}

/** One repository that is sound, one that is broken, and one that is gone. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sallyport-backup-'))
  temporary = await temporaryStore()
  home = dirname(temporary.file)
  mkdirSync(join(home, 'keys'))
  writeFileSync(join(home, 'keys', 'root-token'), `${secret}\n`, { mode: 0o600 })
  // Of a job that is gone.
  mkdirSync(join(home, 'jobs/07'), { recursive: true })
  writeFileSync(join(home, 'jobs/07/7.log'), 'it ran\n', { mode: 0o600 })
  await makeProjects(temporary, ['sound', 'broken', 'missing'])
  writeFileSync(join(home, 'repos/02/2.git/refs/heads/main'), `${'1'.repeat(40)}\n`)
  rmSync(join(home, 'repos/03/3.git'), { recursive: true })
})

afterAll(async () => {
  await temporary?.close()
  await rm(folder, { recursive: true, force: true })
})

const lastOf = ({ stdout }: Ran): Record<string, unknown> => JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '')

test('what is broken or gone is told by both, and the rest is restored', async () => {
  const file = join(folder, 'told')
  const made = await sallyport(['backup', file, '--home', home])
  expect([made.code, made.stderr]).toEqual([1, 'sallyport: of these projects there is no repository: 3\n'])
  expect(made.stdout).toMatch(
    /told holds what was there at \S+Z: 2 repositories, [\d.]+ KiB, 1 ref\. It holds keys: keep it as safe as the server\n$/,
  )
  expect(statSync(file).mode & 0o777).toBe(0o600)
  const target = join(folder, 'target')
  const ran = await sallyport(['restore', file, '--json', '--home', target])
  expect(ran.code).toBe(1)
  expect(ran.stderr).toMatch(
    /^sallyport: of these projects there is no repository: 3\nsallyport: repository 2 is broken, as it was when it was backed up \(fsck: exit code \d+: .*\)\n$/,
  )
  expect(lastOf(ran)).toMatchObject({ kind: 'done', home: target, missing: [3] })
  expect(readdirSync(target).sort()).toEqual(['keys', 'repos', 'sallyport-activity.db', 'sallyport.db', 'sallyport.lock'])
  for (const { stdout, stderr } of [made, ran]) expect(stdout + stderr).not.toContain(secret)
  const activity = new Database(join(target, 'sallyport-activity.db'), { readonly: true })
  expect(activity.prepare('select name from audit_events').pluck().all()).toEqual(['instance_restored'])
  activity.close()
})

describe('what cannot be done is one line', () => {
  const cases: readonly (readonly [string, () => BackupCommand, RegExp])[] = [
    [
      'a file that is there',
      () => ({ command: 'backup', file: temporary.file, home }),
      /^refused: \S+sallyport\.db is there already; a backup is a new file$/,
    ],
    [
      'a terminal',
      () => ({ command: 'backup', file: '/dev/stdout', home }),
      /^refused: \/dev\/stdout is there already; a backup is a new file$/,
    ],
    [
      'a folder that is not there',
      () => ({ command: 'backup', file: join(folder, 'none/backup'), home }),
      /^refused: \S+ cannot be written \(ENOENT\)$/,
    ],
    [
      'a home without a server',
      () => ({ command: 'backup', file: join(folder, 'x'), home: folder }),
      /^refused: there is no database \S+; name the home/,
    ],
    [
      'a home that is not empty',
      () => ({ command: 'restore', file: temporary.file, home }),
      /^refused: \S+ is not empty \(it holds "\S+"\); a backup is restored into an empty home$/,
    ],
    [
      'what is no file',
      () => ({ command: 'restore', file: '/dev/null', home: join(folder, 'y') }),
      /^refused: \/dev\/null is no file$/,
    ],
    [
      'two backups at once',
      () => ({ command: 'backup', file: join(folder, 'second'), home: join(folder, 'busy'), database: temporary.file }),
      /^refused: another backup of this home is being made$/,
    ],
    [
      'another file',
      () => ({ command: 'restore', file: join(import.meta.dirname, '../../package-lock.json'), home: join(folder, 'z') }),
      /^refused: \S+ cannot be restored: it is no backup of this server$/,
    ],
  ]

  test('each in its own words', async () => {
    mkdirSync(join(folder, 'busy'))
    const lock = tryLock(join(folder, 'busy/backup.lock'))
    const answers = await manyCommands(cases.map(([, make]) => make()))
    lock?.close()
    expect(answers.map((answer, at) => [cases[at]?.[0], answer])).toEqual(
      cases.map(([what, , words]) => [what, expect.stringMatching(words)]),
    )
    expect(readdirSync(folder).filter((name) => /^(?:x|\.sallyport|.*unfinished)/.test(name))).toEqual([])
    expect(readdirSync(join(folder, 'z'))).toEqual(['sallyport.lock'])
  })

  test('a head that is none', async () => {
    const ran = await sallyport(['audit', 'verify', '--head', '12', '--home', home])
    expect([ran.code, ran.stderr]).toEqual([2, expect.stringContaining('It is a number and a digest')])
  })

  test('a server on a home that was not restored to the end', () => {
    const half = join(folder, 'half')
    mkdirSync(join(half, 'restoring'), { recursive: true })
    expect(() => prepareHome(homeAt(half))).toThrow(/a restore into \S+half is under way, or did not end/)
    expect(readdirSync(half)).toEqual(['restoring'])
  })
})
