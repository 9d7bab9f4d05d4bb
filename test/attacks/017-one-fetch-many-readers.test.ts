/**
 * The attack: many clients fetch the same at once, and one of them is not what it was: its token is revoked in the middle
 * of it, it was the first and leaves, or it reads nothing and stays. What is made once for all of them could go on for who
 * may not have it any more, or end for those who may.
 * What was believed: who shares an answer shares its fate.
 * What holds: each reader is cut off alone, and no reader is needed by another one.
 */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { mustGit } from '../git/properties/stock-git.ts'
import { Scene } from '../journeys/scene.ts'
import { directoryOf, holdsPack, Reader, writeHeavyTree, writeTip } from './readers.ts'

const megabyte = 2 ** 20

let scene: Scene
let directory: string
let tree: string

beforeAll(async () => {
  scene = await Scene.open({ workers: 2 })
  directory = directoryOf(scene, 'private')
  tree = writeHeavyTree(directory, 16)
  writeTip(directory, tree, 'packed')
  // From a pack git takes the bytes as they are.
  await mustGit([`--git-dir=${directory}`, 'repack', '-adq'])
})

afterAll(() => scene?.[Symbol.asyncDispose]())

interface Member {
  readonly id: number
  readonly reader: Reader
}

const enter = async (want: string): Promise<Member> => {
  const { token, id } = await scene.token(scene.who('developer').id, ['read_repository'])
  const reader = await Reader.begin({ url: `${scene.server.http}/castle/private.git`, login: 'git', secret: token, want })
  return { id, reader }
}

/** The first is alone for a moment; the others come while its pack is made, and over both workers. */
const gather = async (branch: string, count: number): Promise<[Member, ...Member[]]> => {
  const want = writeTip(directory, tree, branch)
  const first = await enter(want)
  const others = await Promise.all(Array.from({ length: count - 1 }, () => enter(want)))
  await Promise.all([first, ...others].map(({ reader }) => reader.read(megabyte)))
  return [first, ...others]
}

/** Resolves when the server has ended the transfer of somebody without access. */
const cutOff = (seen: number): Promise<unknown> =>
  scene.server.logged((line) => scene.server.log.indexOf(line) >= seen && line['meta.refusal_reason'] === 'access was withdrawn')

const revoke = async ({ id }: Member): Promise<number> => {
  const seen = scene.server.log.length
  await scene.api.make('DELETE', `/personal_access_tokens/${id}`)
  const since = performance.now()
  await cutOff(seen)
  return performance.now() - since
}

const ends = async (members: readonly Member[]): Promise<boolean[]> =>
  (await Promise.all(members.map(({ reader }) => reader.whole()))).map(holdsPack)

test.each([
  ['one in the middle', 'middle', 2],
  ['the first', 'first', 0],
])('%s is revoked: it is cut off within a second, and the others get it all', async (_who, branch, at) => {
  const members = await gather(branch, 4)
  const revoked = members[at] ?? members[0]
  expect(await revoke(revoked)).toBeLessThan(1_500)
  expect(await revoked.reader.whole()).toBe(undefined)
  expect(await ends(members.filter((member) => member !== revoked))).toEqual([true, true, true])
})

test('the first leaves: the others get it all', async () => {
  const [first, ...others] = await gather('leaves', 4)
  first.reader.leave()
  expect(await ends(others)).toEqual([true, true, true])
})

test('the first reads nothing more: the others get it all, and so does it in the end', async () => {
  const [first, ...others] = await gather('stalls', 4)
  expect(await ends(others)).toEqual([true, true, true])
  expect(holdsPack(await first.reader.whole())).toBe(true)
})

test('all leave at once: the next one gets it all', async () => {
  const members = await gather('deserted', 3)
  for (const { reader } of members) reader.leave()
  const next = await enter(writeTip(directory, tree, 'deserted'))
  expect(await ends([next])).toEqual([true])
  expect(scene.server.log.filter((line) => line['level'] === 50)).toEqual([])
})
