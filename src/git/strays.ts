import { readdir, readFile, readlink } from 'node:fs/promises'
import { join } from 'node:path'
import { signal } from './signal.ts'
import { codeOf } from './system-errors.ts'

/** Names, in the environment of git, the process of the server that started it, and the repository. */
const variable = 'SALLYPORT_GIT'

/** Whether git only reads there, or may hold locks and write files. */
export type Doing = 'reads' | 'writes'

/** What a git is known by, should the process that started it die. */
export const strayMark = (directory: string, doing: Doing): Record<string, string> => ({
  [variable]: `${process.pid} ${doing} ${directory}`,
})

/** A process of git that a server started, or that such a one started. */
interface MarkedProcess {
  readonly pid: number
  readonly parent: number
  readonly group: number
  /** The process of the server that started it. */
  readonly server: number
  readonly writes: boolean
  /** The repository in which it works. */
  readonly directory: string
}

/** Processes go while they are looked at, and those of others are not for us to see. */
const orNothing = (read: Promise<string>): Promise<string | undefined> =>
  read.catch((fault: unknown) => {
    if (['ENOENT', 'ESRCH', 'EACCES', 'EPERM'].includes(codeOf(fault) ?? '')) return undefined
    throw fault
  })

const form = new RegExp(`(?:^|\\0)${variable}=(\\d+) (reads|writes) ([^\\0]+)`)

const look = async (pid: number): Promise<MarkedProcess | undefined> => {
  const [, server, doing, directory] = form.exec((await orNothing(readFile(`/proc/${pid}/environ`, 'latin1'))) ?? '') ?? []
  if (server === undefined || directory === undefined) return undefined
  // The name of the program stands in brackets and may hold anything (`proc(5)`).
  const words = (await orNothing(readFile(`/proc/${pid}/stat`, 'latin1')))?.replace(/^.*\) /s, '').split(' ')
  if (words === undefined || words[0] === 'Z') return undefined
  return { pid, parent: Number(words[1]), group: Number(words[2]), server: Number(server), writes: doing === 'writes', directory }
}

const processIds = async (): Promise<readonly number[] | undefined> => {
  const names = await readdir('/proc').catch(() => undefined)
  return names?.filter((name) => /^\d+$/.test(name)).map(Number)
}

/** All that works in repositories below a folder; undefined where this system does not tell (it is no Linux). */
const markedBelow = async (root: string): Promise<readonly MarkedProcess[] | undefined> => {
  const ids = await processIds()
  if (ids === undefined || (await orNothing(readlink('/proc/self/exe'))) === undefined) return undefined
  const found = await Promise.all(ids.map(look))
  return found.filter((one) => one?.directory.startsWith(join(root, '/'))).filter((one) => one !== undefined)
}

/** Whoever started it is gone: the head of its group has another parent by now, or is gone itself. */
const isStray = ({ group, server }: MarkedProcess, all: readonly MarkedProcess[]): boolean =>
  all.find(({ pid }) => pid === group)?.parent !== server

/**
 * Ends what works in repositories below a folder for a process of a server that is gone: nobody can be told any more what
 * became of it. Answers with all that write, as numbers of processes by repository; undefined where it cannot be known.
 */
export const endStrays = async (root: string): Promise<ReadonlyMap<string, readonly number[]> | undefined> => {
  const all = await markedBelow(root)
  if (all === undefined) return undefined
  for (const one of all) if (isStray(one, all)) signal(one.pid, 'SIGKILL')
  const busy = Map.groupBy(
    all.filter(({ writes }) => writes),
    ({ directory }) => directory,
  )
  return new Map([...busy].map(([directory, those]) => [directory, those.map(({ pid }) => pid)]))
}
