import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import type { Sallyport } from '../../support/sallyport.ts'

/**
 * Who is killed: one worker, or it with all that it started; the primary; it with all workers; or everything of the
 * server at once, git too, as when a machine runs out of memory or is switched off.
 */
export const victims = ['worker', 'everything', 'primary', 'worker and its git', 'servers'] as const
export type Victim = (typeof victims)[number]

const read = (path: string): string => {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

const parentOf = (pid: number): number => Number(/^PPid:\t(\d+)/m.exec(read(`/proc/${pid}/status`))?.[1] ?? 0)

/** The children of every process, in one look: numbers of processes that are gone come again. */
const families = (): ReadonlyMap<number, readonly number[]> => {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  return Map.groupBy(pids.map(Number), parentOf)
}

const below = (pid: number, all: ReadonlyMap<number, readonly number[]>): number[] =>
  (all.get(pid) ?? []).flatMap((child) => [child, ...below(child, all)])

const isServer = (pid: number): boolean => read(`/proc/${pid}/cmdline`).includes('sallyport.js')

const chosen = (primary: number, victim: Victim): readonly number[] => {
  const all = families()
  const workers = (all.get(primary) ?? []).filter(isServer)
  const worker = workers[Math.floor(Math.random() * workers.length)]
  switch (victim) {
    case 'worker':
      return worker === undefined ? [] : [worker]
    case 'worker and its git':
      return worker === undefined ? [] : [worker, ...below(worker, all)]
    case 'primary':
      return [primary]
    case 'servers':
      return [primary, ...workers]
    case 'everything':
      return [primary, ...below(primary, all)]
  }
}

const killAll = (pids: readonly number[]): void => {
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It was over by then, which is as good.
    }
  }
}

/** Kills, and waits until nobody of the server serves any more or, where it lives on, until it is whole again. */
export const kill = async (server: Sallyport, victim: Victim): Promise<'gone' | 'lives'> => {
  const primary = server.process.pid
  if (primary === undefined) throw new Error('the server was never started')
  const workers = (families().get(primary) ?? []).filter(isServer)
  const seen = server.log.length
  const exited = once(server.process, 'exit')
  const dead = chosen(primary, victim)
  killAll(dead)
  if (dead.includes(primary)) {
    await exited
    // A worker whose primary is gone ends by itself.
    while (workers.some((pid) => read(`/proc/${pid}/cmdline`) !== '')) await new Promise((resolve) => setTimeout(resolve, 5))
    return 'gone'
  }
  await server.logged((line) => server.log.indexOf(line) >= seen && line['msg'] === 'a worker joined')
  return 'lives'
}
