import { readdir, readFile, readlink } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { run } from '../support/client.ts'
import type { Ground } from './ground.ts'

/** What a process holds. */
export interface Holding {
  readonly descriptors: readonly string[]
  /** Of its resident memory, in MiB. */
  readonly resident: number
  readonly children: readonly string[]
}

const childrenOf = async (pid: number): Promise<string[]> => {
  const names = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const stats = await Promise.all(names.map((name) => readFile(join('/proc', name, 'stat'), 'latin1').catch(() => '')))
  return stats.filter((stat) => Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) === pid)
}

const descriptorsOf = async (pid: number): Promise<string[]> => {
  const folder = join('/proc', String(pid), 'fd')
  const numbers = await readdir(folder)
  const links = await Promise.all(numbers.map((number) => readlink(join(folder, number)).catch(() => undefined)))
  return links.flatMap((link) => (link === undefined ? [] : [link.replace(/\[\d+\]/, '')])).toSorted()
}

export const holdingOf = async (pid: number): Promise<Holding> => {
  const status = await readFile(join('/proc', String(pid), 'status'), 'utf8')
  const resident = Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]) / 1_024
  return { descriptors: await descriptorsOf(pid), resident, children: await childrenOf(pid) }
}

/** Waits until a process has no children and no more descriptors than before, for half a minute at most. */
export const settledHolding = async (pid: number, descriptors: number): Promise<Holding> => {
  const until = performance.now() + 30_000
  for (;;) {
    const now = await holdingOf(pid)
    const isBack = now.children.length === 0 && now.descriptors.length <= descriptors
    if (isBack || performance.now() > until) return now
    await pause(50)
  }
}

/** What stays for good in the folder for temporary files: Node's own. */
const lasting = ['node-compile-cache']

const leavings = /(^|\/)(tmp_|new-|\.tmp)|tmp_objdir|incoming-|\.lock$|shallow_/

/** Names of files that should not have stayed: of pushes, of git, of the server. */
export const leftBehind = async ({ server, scratch }: Ground): Promise<string[]> => {
  const all = await Promise.all(['repos', 'cache'].map((folder) => readdir(join(server.home, folder), { recursive: true })))
  return [
    ...all.flat().filter((name) => leavings.test(name)),
    ...(await readdir(scratch)).filter((name) => !lasting.includes(name)),
  ]
}

/** The server's own refs, which come and go with pipelines. */
const own = 'refs/pipelines/'

export const refsIn = async (directory: string): Promise<Map<string, string>> => {
  const { stdout } = await run('git', [
    '-c',
    'safe.directory=*',
    `--git-dir=${directory}`,
    'for-each-ref',
    '--format=%(refname) %(objectname)',
  ])
  return new Map(stdout.split('\n').flatMap((line) => (line === '' ? [] : [line.split(' ') as [string, string]])))
}

/** Names of refs that are not as they were. */
export const changedRefs = (before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): string[] =>
  [...new Set([...before.keys(), ...after.keys()])].filter(
    (name) => before.get(name) !== after.get(name) && !name.startsWith(own),
  )
