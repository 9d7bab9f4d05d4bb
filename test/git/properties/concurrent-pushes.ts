import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { expect } from 'vitest'
import { rootToken } from '../../support/sallyport.ts'
import { type Seen, settledBySight, unexplained } from './explanations.ts'
import { writeCommit, writeTree } from './object-pool.ts'
import { flush, lsRefs } from './packets.ts'
import type { Project, ProvingGround, Worker } from './proving-ground.ts'
import { PushRecord } from './push-record.ts'
import { newCommit, noId, pushOverHttp, pushOverSsh } from './pushing.ts'
import { writeRefs } from './random-refs.ts'
import { mustGit } from './stock-git.ts'

export interface Crowd {
  /** Each changes refs of its own. */
  readonly pushers: number
  readonly refsOfEach: number
  readonly rounds: number
}

interface Scenery {
  readonly ground: ProvingGround
  readonly project: Project
  readonly record: PushRecord
  readonly tree: string
  readonly first: string
}

const pick = <Value>(values: readonly Value[], number: number): Value => {
  const value = values[number % values.length]
  if (value === undefined) throw new Error('there is nothing to pick')
  return value
}

/** One ref behind the other, each time through another door or worker; now and then they are deleted. */
const pushAll = async ({ ground, project, record, tree, first }: Scenery, number: number, rounds: number): Promise<void> => {
  const workers = await ground.connect()
  const order = pick(record.orders, number)
  let parent = first
  let turn = number
  for (let round = 0; round < rounds; round += 1) {
    for (const ref of order) {
      turn += 1
      const commit = newCommit(tree, parent, `${ref} in round ${round}`)
      const [id, commits] = round % 4 === 3 ? [noId, []] : [commit.id, [commit]]
      const push = turn % 3 === 0 ? pushOverSsh : pushOverHttp
      await record.change(ref, id, (old) => push(pick(workers, turn >> 1), project.path, [{ ref, old, new: id }], commits))
      if (id !== noId) parent = id
    }
  }
}

const refsIn = (text: string): Map<string, string> => {
  const pairs = [...text.matchAll(/([0-9a-f]{40}) (refs\/[^\0\n]+)/g)].map(([, id = '', ref = '']) => [ref, id] as const)
  return new Map(pairs)
}

const question = lsRefs(['ref-prefix refs/heads/\n'])

const waysToRead: readonly ((worker: Worker, path: string) => Promise<string>)[] = [
  async ({ http }, path) => (await http.uploadPack(path, question)).body.toString(),
  async ({ http }, path) => (await http.infoRefs(path, 'upload-pack')).body.toString(),
  async ({ ssh }, path) => (await ssh.uploadPack(path, Buffer.concat([question, flush]), 'version=2')).output.toString(),
  async ({ http }, path) => (await http.infoRefs(path, 'receive-pack')).body.toString(),
]

const look = async ({ record }: Scenery, read: () => Promise<string>): Promise<Seen> => {
  const begun = performance.now()
  const told = refsIn(await read())
  const refs = new Map(record.refs.map((ref) => [ref, told.get(ref) ?? noId]))
  return { begun, done: performance.now(), refs }
}

/** Lists refs until all is pushed, and once more. */
const readLists = async (scenery: Scenery, number: number): Promise<Seen[]> => {
  const { ground, project, record } = scenery
  const workers = await ground.connect()
  const seen: Seen[] = []
  for (let turn = number; ; turn += 1) {
    const isLast = record.isOver
    seen.push(await look(scenery, () => pick(waysToRead, turn)(pick(workers, turn >> 1), project.path)))
    if (isLast) return seen
    await pause(turn % 5)
  }
}

/** Clones until all is pushed, and once more; each clone has to be whole. */
const clone = async (scenery: Scenery): Promise<Seen[]> => {
  const { ground, project, record } = scenery
  const from = new URL(`${ground.server.http}/${project.path}.git`)
  from.username = 'git'
  from.password = rootToken
  const seen: Seen[] = []
  for (;;) {
    const isLast = record.isOver
    const directory = await mkdtemp(join(tmpdir(), 'clone-'))
    seen.push(
      await look(scenery, async () => {
        await mustGit(['clone', '-q', '--mirror', from.href, directory])
        return mustGit(['--git-dir', directory, 'for-each-ref', '--format=%(objectname) %(refname)'])
      }),
    )
    await mustGit(['--git-dir', directory, 'fsck', '--strict', '--no-dangling'])
    await rm(directory, { recursive: true })
    if (isLast) return seen
  }
}

/** Some are named in the order in which they are changed, some against it: refs are read in the order of their names. */
const namesFor = (number: number, count: number): string[] =>
  Array.from(
    { length: count },
    (_, at) => `refs/heads/p${number}/r${number % 2 === 0 ? at : count - at}${at % 2 === 0 ? '/x' : ''}`,
  )

const sceneryOf = (ground: ProvingGround, project: Project, { pushers, refsOfEach }: Crowd): Scenery => {
  const tree = writeTree(project.directory, {})
  const first = writeCommit(project.directory, tree, [], 'first')
  const main = { name: 'refs/heads/main', place: 'loose', object: 0, target: '' } as const
  const pool = { commits: [first], tags: [], others: [] }
  writeRefs(project.directory, pool, { refs: [main], head: { kind: 'branch', name: main.name }, header: 'full' })
  const record = new PushRecord()
  for (let number = 0; number < pushers; number += 1) record.add(namesFor(number, refsOfEach))
  return { ground, project, record, tree, first }
}

/** Every list of refs that anybody saw while many pushed can be explained by what was pushed. */
export const listsAreExplained = async (ground: ProvingGround, project: Project, crowd: Crowd): Promise<void> => {
  const scenery = sceneryOf(ground, project, crowd)
  const { record } = scenery
  const pushing = Promise.all(record.orders.map((_, number) => pushAll(scenery, number, crowd.rounds))).finally(() => {
    record.isOver = true
  })
  const [lists] = await Promise.all([Promise.all([readLists(scenery, 0), readLists(scenery, 1), clone(scenery)]), pushing])
  const seen = lists.flat()
  const histories = settledBySight(record.histories, seen)
  expect(seen.map((one) => unexplained(histories, record.orders, one)).filter((wrong) => wrong !== undefined)).toEqual([])
  expect(seen.length).toBeGreaterThan(crowd.rounds)
}
