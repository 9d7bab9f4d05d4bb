/**
 * The attack: a server is killed between a first push that landed and the moment that notes its default branch. The
 * project still looks empty, and in an empty project whoever may make the first branch may do anything to any branch.
 * What was believed: no default branch means no branch.
 * What holds: the repository is looked at; a branch without a default one is protected as the default one would be, and
 * the next push that lands notes it.
 */
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Scene } from '../journeys/scene.ts'
import { rootToken } from '../support/sallyport.ts'

let scene: Scene
let directory: string
let group: number

beforeAll(async () => {
  scene = await Scene.open()
  directory = await scene.client.repository('work')
  await scene.client.git(['branch', 'first'], { cwd: directory })
  await scene.client.commit(directory, 'second')
  await scene.client.git(['branch', 'second'], { cwd: directory })
  await scene.client.git(['checkout', '-q', '--orphan', 'aside'], { cwd: directory })
  await scene.client.commit(directory, 'another beginning')
  // Developers may do the initial push here, and nothing else to what it made.
  const made = { name: 'four', path: 'four', default_branch_protection: 4 }
  group = (await scene.api.make('POST', '/groups', made)).id
  for (const [name, access_level] of [
    ['developer', 30],
    ['maintainer', 40],
  ] as const) {
    await scene.api.make('POST', `/groups/${group}/members`, { user_id: scene.who(name).id, access_level })
  }
})

afterAll(() => scene?.[Symbol.asyncDispose]())

const bare = (id: number): string => join(scene.server.home, 'repos', (id % 256).toString(16).padStart(2, '0'), `${id}.git`)

/** What a push leaves behind that landed in a server that is dead: the refs, and nothing of them in the database. */
const land = async (path: string, branch: string): Promise<number> => {
  const { id } = await scene.api.make('POST', '/projects', { name: path, path, namespace_id: group })
  const { code, stderr } = await scene.client.git(['push', '-q', bare(id), `first:refs/heads/${branch}`], { cwd: directory })
  if (code !== 0) throw new Error(stderr)
  expect(await scene.api.make('GET', `/projects/${id}/protected_branches`)).toEqual([])
  return id
}

const push = (path: string, who: string, refspec: string) =>
  scene.client.git(['push', scene.client.url(`four/${path}`, 'any', scene.who(who).token), refspec], { cwd: directory })

const heads = async (path: string): Promise<string> =>
  (await scene.client.git(['ls-remote', '--heads', scene.client.url(`four/${path}`, 'root', rootToken)])).stdout

test.each([
  ['force', '+aside:refs/heads/main', 'You are not allowed to force push code to a protected branch on this project.'],
  ['update', 'second:refs/heads/main', 'You are not allowed to push code to protected branches on this project.'],
  ['delete', ':refs/heads/main', 'You are not allowed to delete protected branches from this project.'],
  ['add to', 'second:refs/heads/other', 'You are not allowed to create protected branches on this project.'],
])('a Developer does not %s it', async (word, refspec, sentence) => {
  const path = `landed-${word.replace(' ', '-')}`
  await land(path, 'main')
  const before = await heads(path)
  expect((await push(path, 'developer', refspec)).stderr).toContain(sentence)
  expect(await heads(path)).toBe(before)
})

test('the next push of a Maintainer notes the default branch and protects it', async () => {
  const id = await land('landed', 'trunk')
  writeFileSync(join(bare(id), 'HEAD.lock'), '')
  expect(await push('landed', 'maintainer', 'second:refs/heads/trunk')).toMatchObject({ code: 0 })
  rmSync(join(bare(id), 'HEAD.lock'))
  expect((await push('landed', 'maintainer', '+aside:refs/heads/trunk')).code).toBe(1)
  expect((await scene.api.make('GET', `/projects/${id}`)).default_branch).toBe('trunk')
  expect(await scene.api.make('GET', `/projects/${id}/protected_branches`)).toMatchObject([
    { name: 'trunk', allow_force_push: false, push_access_levels: [{ access_level: 40 }] },
  ])
})

test('a first push of a name that only git takes for a good one is noted too', async () => {
  const { id } = await scene.api.make('POST', '/projects', { name: 'odd', path: 'odd', namespace_id: group })
  expect((await push('odd', 'developer', 'first:refs/heads/-a\u00a0b\u2028c')).code).toBe(0)
  expect((await scene.api.make('GET', `/projects/${id}`)).default_branch).toBe('-a\u00a0b\u2028c')
  expect((await push('odd', 'developer', '+aside:refs/heads/-a\u00a0b\u2028c')).code).toBe(1)
})
