import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { ProjectId } from '../../src/core/ids.ts'
import { clearAfterKill } from '../../src/git/repair.ts'
import { Repositories } from '../../src/git/repositories.ts'
import { endStrays } from '../../src/git/strays.ts'

const id = 7 as ProjectId
const dead = 4_194_305

let root: string
let repositories: Repositories
let directory: string
let children: ChildProcess[]
let stop: AbortController

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'repair-'))
  repositories = new Repositories(root)
  await repositories.create(id, 'main')
  directory = repositories.directoryOf(id)
  children = []
  stop = new AbortController()
})
afterEach(() => {
  stop.abort()
  for (const child of children) child.kill('SIGKILL')
  rmSync(root, { recursive: true })
})

/** Something that works in the repository for a process of a server. */
const atWork = async (server: number, doing: 'reads' | 'writes'): Promise<ChildProcess> => {
  const env = { PATH: process.env['PATH'] ?? '', SALLYPORT_GIT: `${server} ${doing} ${directory}` }
  const child = spawn('sleep', ['60'], { detached: true, stdio: 'ignore', env })
  await once(child, 'spawn')
  children.push(child)
  return child
}

const write = (name: string): string => {
  const path = join(directory, name)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, '')
  return path
}

const clear = (): Promise<void> =>
  clearAfterKill({ root, repositories, isOurs: (pid) => pid === process.pid, signal: stop.signal })

const left = [
  'packed-refs.lock',
  'refs/heads/main.lock',
  'objects/pack/tmp_pack_x',
  'objects/17/tmp_obj_x',
  'objects/tmp_objdir-incoming-x/pack/tmp_pack_y',
]

test('who works for a process that is gone is ended, and nobody else', async () => {
  const [stray, reader, writer] = [
    await atWork(dead, 'writes'),
    await atWork(process.pid, 'reads'),
    await atWork(process.pid, 'writes'),
  ]
  const gone = once(stray, 'exit')
  const busy = await endStrays(root)
  expect((await gone)[1]).toBe('SIGKILL')
  expect([reader.signalCode, writer.signalCode]).toEqual([null, null])
  expect([...(busy ?? [])]).toEqual([[directory, expect.arrayContaining([writer.pid])]])
  expect((await endStrays(root))?.get(directory)).toEqual([writer.pid])
  expect(await endStrays(`${root}-other`)).toEqual(new Map())
})

test('what was left is cleared at once, though somebody reads; what comes after is not', async () => {
  await atWork(process.pid, 'reads')
  for (const name of left) write(name)
  await new Promise((resolve) => setTimeout(resolve, 20))
  await clear()
  expect(left.filter((name) => existsSync(join(directory, name)))).toEqual([])
  expect(readdirSync(join(directory, 'objects')).sort()).toEqual(['17', 'info', 'pack'])
})

test('where somebody writes who was there before, it is cleared when that one is done', async () => {
  const writer = await atWork(process.pid, 'writes')
  const lock = write('refs/heads/main.lock')
  const clearing = clear()
  await expect(Promise.race([clearing, new Promise((resolve) => setTimeout(resolve, 500, 'waits'))])).resolves.toBe('waits')
  const young = write('refs/heads/young.lock')
  expect(existsSync(lock)).toBe(true)
  writer.kill('SIGKILL')
  await clearing
  expect([existsSync(lock), existsSync(young)]).toEqual([false, true])
})

test('what a process had in the making goes with it; what lives or is kept stays', async () => {
  const names = [`new-${dead}-a`, `head-${dead}-a`, `removed-9-${dead}-a`, `new-${process.pid}-b`, `stray-9-${dead}-a`]
  for (const name of names) mkdirSync(join(root, 'aside', name), { recursive: true })
  await clear()
  expect(readdirSync(join(root, 'aside')).sort()).toEqual([`new-${process.pid}-b`, `stray-9-${dead}-a`])
})

test('what a process was removing stays while a backup holds it', async () => {
  mkdirSync(join(root, 'aside', `removed-9-${dead}-a`), { recursive: true })
  let isHeld = true
  repositories = new Repositories(
    root,
    async () => {},
    () => isHeld,
  )
  await clear()
  expect(readdirSync(join(root, 'aside'))).toEqual([`removed-9-${dead}-a`])
  isHeld = false
  await clear()
  expect(readdirSync(join(root, 'aside'))).toEqual([])
})
