import { execFileSync } from 'node:child_process'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ProjectId } from '../../src/core/ids.ts'
import { Repositories } from '../../src/git/repositories.ts'

const id = 300 as ProjectId
let root: string
let repositories: Repositories

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'repositories-'))
  repositories = new Repositories(root)
})
afterEach(() => rmSync(root, { recursive: true }))

const git = (...words: string[]): string =>
  execFileSync('git', ['--git-dir', repositories.directoryOf(id), ...words], {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], HOME: root, GIT_CONFIG_NOSYSTEM: '1' },
    stdio: ['pipe', 'pipe', 'pipe'],
  }).trim()

const commit = (message: string): string => {
  const tree = git('hash-object', '-w', '-t', 'tree', '/dev/null')
  return git('-c', 'user.name=a', '-c', 'user.email=a@b', 'commit-tree', '-m', message, tree)
}

describe('a repository', () => {
  test('that is made is a bare one to git, empty, with the branch asked for', async () => {
    expect(await repositories.exists(id)).toBe(false)
    await repositories.create(id, 'trunk/x')
    expect(await repositories.exists(id)).toBe(true)
    expect(git('rev-parse', '--is-bare-repository')).toBe('true')
    expect(git('symbolic-ref', 'HEAD')).toBe('refs/heads/trunk/x')
    expect(git('fsck')).toBe('')
    expect(await repositories.refs(id)).toEqual(new Map())
    expect(await repositories.head(id)).toBe('trunk/x')
  })

  test('that a crash left in the place of a new one is kept aside', async () => {
    await repositories.create(id, 'main')
    git('update-ref', 'refs/heads/main', commit('first'))
    await repositories.create(id, 'main')
    expect((await repositories.refs(id)).size).toBe(0)
    const [stray] = readdirSync(join(root, 'aside'))
    expect(stray).toMatch(new RegExp(`^stray-${id}-`))
    expect(readdirSync(join(root, 'aside', stray ?? '', 'refs/heads'))).toEqual(['main'])
  })

  test('that nobody wants after all leaves nothing', async () => {
    await (await repositories.prepare('main')).discard()
    expect(readdirSync(join(root, 'aside'))).toEqual([])
  })

  test('has its refs read as git reads them, loose, packed and both, without a process', async () => {
    await repositories.create(id, 'main')
    const [one, two] = [commit('one'), commit('two')]
    git('update-ref', 'refs/heads/main', one)
    git('update-ref', 'refs/heads/deep/er/branch', one)
    git('-c', 'user.name=a', '-c', 'user.email=a@b', 'tag', '-a', '-m', 'x', 'v1', one)
    git('pack-refs', '--all')
    git('update-ref', 'refs/heads/main', two)
    git('update-ref', 'refs/heads/new', two)
    writeFileSync(join(repositories.directoryOf(id), 'refs/heads/half.lock'), '')
    const listed = git('for-each-ref', '--format=%(refname) %(objectname)').split('\n')
    const spawned: unknown[] = []
    const spy = (message: unknown) => void spawned.push(message)
    subscribe('sallyport:spawn', spy)
    const refs = await repositories.refs(id)
    unsubscribe('sallyport:spawn', spy)
    expect([...refs].map((pair) => pair.join(' ')).sort()).toEqual(listed.sort())
    expect(refs.get('refs/heads/main')).toBe(two)
    expect(spawned).toEqual([])
  })

  test('can change its default branch, whatever locks a kill left behind', async () => {
    await repositories.create(id, 'main')
    writeFileSync(join(repositories.directoryOf(id), 'HEAD.lock'), '')
    await repositories.setHead(id, 'trunk')
    expect(git('symbolic-ref', 'HEAD')).toBe('refs/heads/trunk')
    await expect(repositories.setHead(301 as ProjectId, 'main')).rejects.toThrow('ENOENT')
    expect(readdirSync(join(root, 'aside'))).toEqual([])
  })

  test.each(['-x', 'a\u00a0b', 'a\u0085b', 'a\u2028b', 'ä/\u{1f600}', '@', 'HEAD'])(
    'takes %j for a branch, as git does',
    async (branch) => {
      await repositories.create(id, 'main')
      git('update-ref', `refs/heads/${branch}`, commit('one'))
      await repositories.setHead(id, branch)
      expect(git('rev-parse', 'HEAD')).toMatch(/^[0-9a-f]{40}$/)
      expect(await repositories.head(id)).toBe(branch)
    },
  )

  test.each(['', 'a b', 'a\nb', 'a..b', 'a\0b', 'a~b', 'a\\b', 'x\x7fy', 'a.lock', 'a/.b'])(
    'does not take %j for a branch',
    async (branch) => {
      await repositories.create(id, 'main')
      await expect(repositories.setHead(id, branch)).rejects.toThrow('valid name')
      await expect(repositories.create(301 as ProjectId, branch)).rejects.toThrow('valid name')
      expect(await repositories.exists(301 as ProjectId)).toBe(false)
    },
  )

  test('that is removed is gone at once and leaves nothing', async () => {
    await repositories.create(id, 'main')
    await repositories.remove(id)
    expect(await repositories.exists(id)).toBe(false)
    await repositories.remove(id)
    expect(readdirSync(join(root, 'aside'))).toEqual([])
  })

  test.each([0, -1, 1.5, Number.NaN, 2 ** 60])('has no number %d', (number) => {
    expect(() => repositories.directoryOf(number as ProjectId)).toThrow('positive whole number')
  })
})
