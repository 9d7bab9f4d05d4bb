import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { FirstCommit } from '../../src/core/first-commit.ts'
import type { ProjectId } from '../../src/core/ids.ts'
import { Repositories } from '../../src/git/repositories.ts'

const id = 7 as ProjectId
let root: string
let repositories: Repositories

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'first-commit-'))
  repositories = new Repositories(root)
})
afterEach(() => rmSync(root, { recursive: true }))

const git = (...words: string[]): string =>
  execFileSync('git', ['--git-dir', repositories.directoryOf(id), ...words], {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], HOME: root, GIT_CONFIG_NOSYSTEM: '1' },
    stdio: ['pipe', 'pipe', 'pipe'],
  })

const first: FirstCommit = {
  file: 'README.md',
  content: '# Näme\n',
  message: 'Initial commit',
  author: { name: 'Ada Lovelace', email: 'ada@example.com' },
  at: Date.parse('2026-03-10T12:00:00.900Z'),
}

const make = async (branch: string, changes: Partial<FirstCommit> = {}): Promise<void> =>
  (await repositories.prepare(branch, { ...first, ...changes })).place(id)

test('a repository that is born with a commit is sound to git, and says what was asked', async () => {
  await make('main')
  expect(git('fsck', '--strict', '--full').trim()).toBe('')
  expect(git('log', '--all', '--format=%an|%ae|%at|%cn|%ce|%ct|%B|%P')).toBe(
    'Ada Lovelace|ada@example.com|1773144000|Ada Lovelace|ada@example.com|1773144000|Initial commit\n|\n',
  )
  expect(git('show', 'HEAD:README.md')).toBe(first.content)
  expect(git('ls-tree', '-r', 'HEAD')).toMatch(/^100644 blob [0-9a-f]{40}\tREADME\.md\n$/)
  expect(await repositories.refs(id)).toEqual(new Map([['refs/heads/main', git('rev-parse', 'HEAD').trim()]]))
})

test('its objects are what git itself would have made', async () => {
  await make('main')
  const blob = execFileSync('git', ['hash-object', '--stdin'], { input: first.content, encoding: 'utf8' })
  expect(git('rev-parse', 'HEAD:README.md')).toBe(blob)
  const directory = repositories.directoryOf(id)
  const [folder = ''] = readdirSync(join(directory, 'objects')).filter((name) => name.length === 2)
  const [name = ''] = readdirSync(join(directory, 'objects', folder))
  expect(statSync(join(directory, 'objects', folder, name)).mode & 0o777).toBe(0o444)
})

test.each(['feature/a/b', 'näh', 'a'.repeat(250), 'heads', "it's;$(x)"])('its branch may be %s', async (branch) => {
  await make(branch)
  expect(git('symbolic-ref', 'HEAD').trim()).toBe(`refs/heads/${branch}`)
  expect([...(await repositories.refs(id)).keys()]).toEqual([`refs/heads/${branch}`])
  expect(git('fsck', '--strict').trim()).toBe('')
})

test.each([
  ['<>\n\u0000', 'x\n>evil <y'],
  ['  . Ada ,', ''],
  ['committer <a@b> 0 +0000\n\nnot this', 'ada@example.com'],
])('no name of a person breaks out of its line: %j', async (name, email) => {
  await make('main', { author: { name, email } })
  expect(git('fsck', '--strict').trim()).toBe('')
  expect(git('log', '--format=%B').trim()).toBe('Initial commit')
})

test.each(['../x', '/x', 'a..b', 'x.lock', '.git', ''])('nothing is left of one whose branch cannot be: %j', async (branch) => {
  await expect(repositories.prepare(branch, first)).rejects.toThrow('valid name')
  expect(readdirSync(root).flatMap((name) => readdirSync(join(root, name)))).toEqual([])
})

test('nothing is left of one that cannot be written', async () => {
  await expect(repositories.prepare('b'.repeat(300), first)).rejects.toThrow('ENAMETOOLONG')
  expect(readdirSync(join(root, 'aside'))).toEqual([])
})
