/**
 * The attack: the process of the server that makes a pack for many is killed in the middle of it, as by a machine that is
 * short of memory. Whoever follows what it makes could wait for a next byte for ever, or take what is there for the whole.
 * What was believed: who has begun an answer ends it.
 * What holds: the others end or fail within seconds, what they got whole is whole, and the next one is served.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { holdsPack, writeHeavyTree, writeTip } from '../attacks/readers.ts'
import { fetchCommand } from '../git/properties/packets.ts'
import { type Project, ProvingGround, type Worker } from '../git/properties/proving-ground.ts'

let ground: ProvingGround
let project: Project
let tree: string

beforeAll(async () => {
  ground = await ProvingGround.open(2)
  project = await ground.project('heavy')
  tree = writeHeavyTree(project.directory, 8)
})

afterAll(() => ground?.[Symbol.asyncDispose]())

const read = (path: string): string => {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

interface Maker {
  /** Of the worker. */
  readonly pid: number
  /** Of its git. */
  readonly git: number
}

/** The worker that has a fetch of this repository running. */
const maker = (): Maker | undefined => {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  const git = pids.find((pid) => {
    const words = read(`/proc/${pid}/cmdline`)
    return words.includes('upload-pack') && words.includes(project.directory)
  })
  const parent = Number(/^PPid:\t(\d+)/m.exec(read(`/proc/${git}/status`))?.[1])
  return read(`/proc/${parent}/cmdline`).includes('sallyport') ? { pid: parent, git: Number(git) } : undefined
}

const makerAtWork = async (): Promise<Maker> => {
  for (;;) {
    const found = maker()
    if (found !== undefined) return found
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

const isBrokenOff = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'ECONNRESET'

const fetchFrom = async ({ http }: Worker, want: string): Promise<'whole' | 'broken off'> => {
  try {
    const { body } = await http.uploadPack(project.path, fetchCommand(['no-progress\n', `want ${want}\n`, 'done\n']))
    expect(holdsPack(body)).toBe(true)
    return 'whole'
  } catch (error) {
    if (isBrokenOff(error)) return 'broken off'
    throw error
  }
}

test.each([
  ['the worker that makes a pack is', 'alone', false],
  ['it and its git are', 'both', true],
])('%s killed: nobody hangs, and the next one gets it', async (_who, branch, withGit) => {
  const want = writeTip(project.directory, tree, branch)
  const seen = ground.server.log.length
  const clients = [...(await ground.connect()), ...(await ground.connect())]
  const running = Promise.all(clients.map((client) => fetchFrom(client, want)))
  const { pid, git } = await makerAtWork()
  process.kill(pid, 'SIGKILL')
  if (withGit) process.kill(git, 'SIGKILL')
  const since = performance.now()
  const ends = await running
  expect(performance.now() - since).toBeLessThan(10_000)
  const own = ends.filter((_, at) => clients[at]?.pid === pid)
  expect(own).toEqual(own.map(() => 'broken off'))
  await ground.server.logged((line) => ground.server.log.indexOf(line) >= seen && line['msg'] === 'a worker joined')
  for (const worker of await ground.connect()) expect(await fetchFrom(worker, want)).toBe('whole')
  expect(ground.server.process.exitCode).toBe(null)
})
