/**
 * The attack: a commit whose message is hundreds of MiB of one letter, which is a few hundred KiB on the wire. Whoever
 * may push it may also ask the API for it, again and again: each question had git hold it whole, twice. Or a file of
 * millions of lines that is written anew: to count its lines, git took fifty bytes for each byte of it.
 * What was believed: what one may push, one may look at.
 * What holds: git gets only so much memory for a question of the API, and who asks is told so. Files are sent as before.
 */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Scene } from '../journeys/scene.ts'
import { run } from '../support/client.ts'
import { rootToken } from '../support/sallyport.ts'

const size = 100 * 2 ** 20

let scene: Scene
let project: number
let commit: string

beforeAll(async () => {
  scene = await Scene.open()
  project = (await scene.api.make('POST', '/projects', { path: 'heavy', namespace_id: scene.groupId })).id
  const { client } = scene
  const directory = join(client.directory, 'heavy')
  const git = async (...words: string[]): Promise<string> => {
    const { code, stdout, stderr } = await run('git', words, { cwd: client.directory, env: { HOME: client.directory } })
    if (code !== 0) throw new Error(`git ${words.join(' ')}: ${stderr}`)
    return stdout.trim()
  }
  await git('init', '-q', '-b', 'main', directory)
  await writeFile(join(directory, 'large'), Buffer.alloc(size, 'x'))
  await git('-C', directory, 'add', 'large')
  const tree = await git('-C', directory, 'write-tree')
  commit = await git('-C', directory, 'commit-tree', tree, '-F', 'large')
  await git('-C', directory, 'update-ref', 'refs/heads/main', commit)
  await git('-C', directory, 'push', '-q', client.url('castle/heavy', 'root', rootToken), 'main')
}, 60_000)

afterAll(() => scene[Symbol.asyncDispose]())

test.each([
  'commits',
  'commits/main',
  'branches',
  'branches/main',
  'tree',
  'merge_base?refs[]=main&refs[]=main',
  'commits/main/refs',
  'commits/main/diff',
  'compare?from=main&to=main',
])('%s: git is not let hold it, and no fault is told', async (what) => {
  const { status, body } = await scene.api.call('GET', `/projects/${project}/repository/${what}`)
  expect([status, body]).toEqual([413, { message: 'The repository holds an object that is too large to be shown' }])
})

test('nor is it let compare millions of lines to count them', async () => {
  const { client } = scene
  const directory = await client.repository('lines')
  const url = client.url('castle/lines', 'root', rootToken)
  const { id } = await scene.api.make('POST', '/projects', { path: 'lines', namespace_id: scene.groupId })
  const git = (...words: string[]) => run('git', words, { cwd: directory, env: { HOME: client.directory } })
  for (const lines of ['a\nb\n', 'b\nc\n']) {
    await writeFile(join(directory, 'many'), lines.repeat(2 ** 20 + 1))
    await git('add', 'many')
    await git('-c', 'user.name=a', '-c', 'user.email=a@b', 'commit', '-q', '-m', 'many')
  }
  expect((await git('push', '-q', url, 'main')).code).toBe(0)
  const { status, body } = await scene.api.call('GET', `/projects/${id}/repository/commits/main`)
  expect([status, body.stats]).toEqual([200, { additions: 0, deletions: 0, total: 0 }])
  const shown = await scene.api.call('GET', `/projects/${id}/repository/commits/main/diff`)
  expect([shown.status, shown.body]).toMatchObject([200, [{ diff: 'Binary files a/many and b/many differ\n' }]])
})
