/**
 * The attack: the process of the server that makes a pack for many is killed in the middle of it, as by a machine that is
 * short of memory. Whoever follows what it makes could wait for a next byte for ever, or take what is there for the whole.
 * What was believed: who has begun an answer ends it.
 * What holds: the others end or fail within seconds, what they got whole is whole, and the next one is served.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Scene } from '../journeys/scene.ts'
import { directoryOf, holdsPack, Reader, writeHeavyTree, writeTip } from './readers.ts'

let scene: Scene
let directory: string
let tree: string

beforeAll(async () => {
  scene = await Scene.open({ workers: 2 })
  directory = directoryOf(scene, 'private')
  tree = writeHeavyTree(directory, 8)
})

afterAll(() => scene?.[Symbol.asyncDispose]())

const read = (path: string): string => {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

/** The worker that has a fetch of this repository running. */
const maker = (): number | undefined => {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  const git = pids.find((pid) => {
    const words = read(`/proc/${pid}/cmdline`)
    return words.includes('upload-pack') && words.includes(directory)
  })
  const parent = Number(/^PPid:\t(\d+)/m.exec(read(`/proc/${git}/status`))?.[1])
  return read(`/proc/${parent}/cmdline`).includes('sallyport') ? parent : undefined
}

const makerAtWork = async (): Promise<number> => {
  for (;;) {
    const found = maker()
    if (found !== undefined) return found
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

const fetchWhole = async (want: string): Promise<'whole' | 'broken off'> => {
  const { token } = scene.who('developer')
  try {
    const reader = await Reader.begin({ url: `${scene.server.http}/castle/private.git`, login: 'git', secret: token, want })
    const answer = await reader.whole()
    if (answer === undefined) return 'broken off'
    expect(holdsPack(answer)).toBe(true)
    return 'whole'
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ECONNRESET') return 'broken off'
    throw error
  }
}

test('the worker that makes a pack is killed: nobody hangs, and the next one gets it', async () => {
  const want = writeTip(directory, tree, 'heavy')
  const seen = scene.server.log.length
  const running = Promise.all(Array.from({ length: 3 }, () => fetchWhole(want)))
  const pid = await makerAtWork()
  process.kill(pid, 'SIGKILL')
  const since = performance.now()
  const ends = await running
  expect(performance.now() - since).toBeLessThan(15_000)
  expect(ends.every((end) => end === 'whole' || end === 'broken off')).toBe(true)
  await scene.server.logged((line) => scene.server.log.indexOf(line) >= seen && line['msg'] === 'a worker joined')
  const after = [await fetchWhole(want), await fetchWhole(want)]
  expect(after).toEqual(['whole', 'whole'])
  expect(scene.server.process.exitCode).toBe(null)
})
