import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Repositories } from '../../src/git/repositories.ts'
import { tryLock } from '../../src/store/file-lock.ts'
import { createProject } from '../../src/store/projects.ts'
import { makeGroup, now, type TemporaryStore, temporaryStore } from '../store/temporary-store.ts'
import { type Ran, sallyport } from './command-line.ts'

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
  expect(readdirSync(target).sort()).toEqual(['jobs', 'keys', 'repos', 'sallyport-activity.db', 'sallyport.db', 'sallyport.lock'])
  expect(readFileSync(join(target, 'jobs/07/7.log'), 'utf8')).toBe('it ran\n')
  for (const { stdout, stderr } of [made, ran]) expect(stdout + stderr).not.toContain(secret)
  const listed = await sallyport(['audit', 'verify', '--home', target])
  expect([listed.code, listed.stderr, listed.stdout]).toEqual([
    0,
    '',
    expect.stringMatching(/^1 audit event, each as it was written; /),
  ])
})

describe('what cannot be done is one line', () => {
  test.concurrent.each<[string, () => string[], number, RegExp]>([
    [
      'a file that is there',
      () => ['backup', temporary.file],
      1,
      /^sallyport: \S+sallyport\.db is there already; a backup is a new file\n$/,
    ],
    ['a terminal', () => ['backup', '/dev/stdout'], 1, /^sallyport: \/dev\/stdout (?:is there already|cannot be written)/],
    [
      'a folder that is not there',
      () => ['backup', join(folder, 'none/backup')],
      1,
      /^sallyport: \S+ cannot be written \(ENOENT\)\n$/,
    ],
    ['a home without a server', () => ['backup', join(folder, 'x'), '--home', folder], 1, /^sallyport: there is no database /],
    [
      'a home that is not empty',
      () => ['restore', temporary.file],
      1,
      /is not empty \(it holds "\S+"\); a backup is restored into an empty home\n$/,
    ],
    [
      'a terminal that is read',
      () => ['restore', '/dev/null', '--home', join(folder, 'y')],
      1,
      /^sallyport: \/dev\/null is no file\n$/,
    ],
    ['a head that is none', () => ['audit', 'verify', '--head', '12'], 2, /It is a number and a digest/],
  ])('%s', async (_what, words, code, complaint) => {
    const ran = await sallyport(words().includes('--home') ? words() : [...words(), '--home', home])
    expect([ran.code, ran.stdout, ran.stderr]).toEqual([code, '', expect.stringMatching(complaint)])
  })

  test('two backups at once', async () => {
    const lock = tryLock(join(home, 'backup.lock'))
    const ran = await sallyport(['backup', join(folder, 'second'), '--home', home])
    lock?.close()
    expect([ran.code, ran.stderr]).toEqual([1, 'sallyport: another backup of this home is being made\n'])
  })

  test('a server on a home that was not restored to the end', async () => {
    const half = join(folder, 'half')
    mkdirSync(join(half, 'restoring'), { recursive: true })
    const ran = await sallyport(['serve', '--home', half])
    expect([ran.code, ran.stderr]).toEqual([2, expect.stringMatching(/a restore into \S+half is under way, or did not end/)])
    expect(readdirSync(half)).toEqual(['restoring'])
  })
})
