/**
 * The attack: many clients fetch the same at once, and one of them is not what it was: its token is revoked in the middle
 * of it, it was the first and leaves, or it reads nothing and stays. What is made once for all of them could go on for who
 * may not have it any more, or end for those who may.
 * What was believed: who shares an answer shares its fate.
 * What holds: each reader is cut off alone, and no reader is needed by another one.
 */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Project, ProvingGround } from '../git/properties/proving-ground.ts'
import { mustGit } from '../git/properties/stock-git.ts'
import { holdsPack, Reader, writeHeavyTree, writeTip } from './readers.ts'

const megabyte = 2 ** 20

let ground: ProvingGround
let project: Project
let tree: string

beforeAll(async () => {
  ground = await ProvingGround.open(2)
  project = await ground.project('heavy')
  tree = writeHeavyTree(project.directory, 12)
  writeTip(project.directory, tree, 'packed')
  // From a pack git takes the bytes as they are.
  await mustGit([`--git-dir=${project.directory}`, 'repack', '-adq'])
})

afterAll(() => ground?.[Symbol.asyncDispose]())

interface Member {
  readonly id: number
  readonly reader: Reader
}

const enter = async (want: string): Promise<Member> => {
  const fields = { name: 'reader', scopes: ['read_repository'] }
  const { token, id } = await ground.api.make('POST', '/users/1/personal_access_tokens', fields)
  const reader = await Reader.begin({ url: `${ground.server.http}/${project.path}.git`, login: 'git', secret: token, want })
  return { id, reader }
}

/** The first is alone for a moment; the others come while its pack is made, and over both workers. */
const gather = async (branch: string, count: number): Promise<[Member, ...Member[]]> => {
  const want = writeTip(project.directory, tree, branch)
  const first = await enter(want)
  const others = await Promise.all(Array.from({ length: count - 1 }, () => enter(want)))
  await Promise.all([first, ...others].map(({ reader }) => reader.read(megabyte)))
  return [first, ...others]
}

/** Resolves when the server has ended the transfer of somebody without access. */
const cutOff = (seen: number): Promise<unknown> =>
  ground.server.logged(
    (line) => ground.server.log.indexOf(line) >= seen && line['meta.refusal_reason'] === 'access was withdrawn',
  )

const revoke = async ({ id }: Member): Promise<number> => {
  const seen = ground.server.log.length
  await ground.api.make('DELETE', `/personal_access_tokens/${id}`)
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
  const members = await gather(branch, 3)
  const revoked = members[at] ?? members[0]
  expect(await revoke(revoked)).toBeLessThan(1_500)
  expect(await revoked.reader.whole()).toBe(undefined)
  expect(await ends(members.filter((member) => member !== revoked))).toEqual([true, true])
})

test('the first leaves: the others get it all', async () => {
  const [first, ...others] = await gather('leaves', 3)
  first.reader.leave()
  expect(await ends(others)).toEqual([true, true])
})

test('the first reads nothing more: the others get it all, and so does it in the end', async () => {
  const [first, ...others] = await gather('stalls', 3)
  expect(await ends(others)).toEqual([true, true])
  expect(holdsPack(await first.reader.whole())).toBe(true)
})

test('all leave at once: the next one gets it all', async () => {
  const members = await gather('deserted', 2)
  for (const { reader } of members) reader.leave()
  const next = await enter(writeTip(project.directory, tree, 'deserted'))
  expect(await ends([next])).toEqual([true])
  expect(ground.server.log.filter((line) => line['level'] === 50)).toEqual([])
})
