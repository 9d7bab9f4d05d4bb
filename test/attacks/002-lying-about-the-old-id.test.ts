/**
 * The attack: whether a push is forced is judged by the old and new ids that the client itself names. A Maintainer, who
 * may push to the protected branch but not force it, names an old id that makes the rewrite look harmless: zeros, as if
 * the branch were new; or some ancestor of the rewrite, as if the branch stood there.
 * What was believed: the ids in a push command are what the server has.
 * What holds: git updates a ref only where it still holds the old id that was judged; a lie is judged and then fails.
 */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Scene } from '../journeys/scene.ts'
import { rootToken } from '../support/sallyport.ts'
import { packOf, postPush, pushBody, zeroId } from './raw-push.ts'

let scene: Scene
let directory: string
let root: string
let rewrite: string

beforeAll(async () => {
  scene = await Scene.open()
  directory = await scene.client.repository('attacker')
  await scene.client.git(['checkout', '-q', '--orphan', 'rewrite'], { cwd: directory })
  root = await scene.client.commit(directory, 'another beginning')
  rewrite = await scene.client.commit(directory, 'rewritten')
})

afterAll(() => scene?.[Symbol.asyncDispose]())

const main = async () => {
  const { stdout } = await scene.client.git([
    'ls-remote',
    scene.client.url('castle/private', 'root', rootToken),
    'refs/heads/main',
  ])
  return stdout.split('\t')[0] ?? ''
}

const push = async (oldId: string, newId: string): Promise<string> => {
  const authorization = `Basic ${Buffer.from(`x:${scene.who('maintainer').token}`).toString('base64')}`
  const body = pushBody(
    [`${oldId} ${newId} refs/heads/main`],
    newId === zeroId ? Buffer.alloc(0) : await packOf(directory, newId),
  )
  return (await postPush(`${scene.server.http}/castle/private.git`, body, authorization)).text()
}

test.each([
  ['as if the branch were new', () => zeroId, () => rewrite],
  ['as if the branch stood at the root of the rewrite', () => root, () => rewrite],
  ['as if the branch stood there already', () => rewrite, () => rewrite],
])('%s, a rewrite does not land', async (_how, oldId, newId) => {
  const before = await main()
  expect(await push(oldId(), newId())).toContain('ng refs/heads/main')
  expect(await main()).toBe(before)
})

test('told honestly, it is declined by the rule', async () => {
  const before = await main()
  expect(await push(before, rewrite)).toContain('You are not allowed to force push code to a protected branch on this project.')
  expect(await main()).toBe(before)
})

test('an id of a deletion in capital zeros or a short one is no way around the rule for the default branch', async () => {
  const before = await main()
  for (const newId of [zeroId, '0'.repeat(64), '0'.repeat(39)]) {
    expect(await push(before, newId)).not.toContain('ok refs/heads/main')
    expect(await main()).toBe(before)
  }
})
