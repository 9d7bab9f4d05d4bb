import { readFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'
import { processesOf } from './memory.ts'
import { type Daemon, startDaemon } from './processes.ts'
import type { Credentials, Host, Server } from './server.ts'

const root = join(import.meta.dirname, '..')

export interface Start {
  /** The program that runs it, a copy of its own so that no memory is shared with the measuring process. */
  readonly node: string
  readonly home: string
  readonly credentials: Credentials
  readonly workers?: number
  /** Where compiled code is kept between starts; Node's usual place where it is not given. */
  readonly compileCache?: string
  /** Where programs are looked for; where this process looks for them, if it is not given. */
  readonly path?: string
}

export interface Sallyport extends AsyncDisposable {
  /** Where its REST API is. */
  readonly base: string
  readonly http: Host
  readonly ssh: Server
  /** Waits until all workers are there: a server is ready with its first one. */
  complete(): Promise<void>
}

/** How long a worker that was just started may take to open the doors, in milliseconds. */
const joining = 2_000

/** Several workers have a process above them, one has not. */
const whenThere = async (workers: number, processes: () => readonly number[]): Promise<void> => {
  const expected = workers === 1 ? 1 : workers + 1
  for (let tries = 0; processes().length < expected; tries += 1) {
    if (tries === 200) throw new Error(`sallyport has ${processes().length} processes, not ${expected}`)
    await pause(50)
  }
  await pause(joining)
}

const readyPattern = /^sallyport ready http=(\S+) ssh=(\S+)$/

const whenReady = (daemon: Daemon, logFile: string): Promise<{ http: string; ssh: string }> =>
  new Promise((resolve, reject) => {
    const { stdout } = daemon.process
    if (stdout === null) throw new Error('no standard output')
    // A server that has served has a log that may be too long to be read.
    const fail = (code: number | null) =>
      reject(new Error(`sallyport ended with ${code}; it says: ${readFileSync(logFile, 'utf8').slice(-2_000)}`))
    daemon.process.once('exit', fail)
    createInterface({ input: stdout }).on('line', (line) => {
      const [, http, ssh] = readyPattern.exec(line) ?? []
      if (http === undefined || ssh === undefined) return
      daemon.process.off('exit', fail)
      resolve({ http, ssh })
    })
  })

/** Calls the REST API as the administrator; throws where it refuses. */
const call = async (base: string, { token }: Credentials, path: string, body: object): Promise<unknown> => {
  const headers = { 'PRIVATE-TOKEN': token, 'Content-Type': 'application/json' }
  const response = await fetch(`${base}/api/v4${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
  const text = await response.text()
  if (response.status === 201) return JSON.parse(text)
  throw new Error(`POST ${path}: ${response.status} ${text.slice(0, 500)}`)
}

const idIn = (answer: unknown): number => {
  if (typeof answer === 'object' && answer !== null && 'id' in answer && typeof answer.id === 'number') return answer.id
  throw new Error('the answer has no id')
}

/** Where a project's repository lies: by its id, spread over 256 folders. */
const placeOf = (home: string, id: number): string => join(home, 'repos', (id % 256).toString(16).padStart(2, '0'), `${id}.git`)

const environment = ({ home, credentials, workers, compileCache, path }: Start): Record<string, string | undefined> => ({
  PATH: path ?? process.env['PATH'],
  HOME: home,
  SALLYPORT_ROOT_TOKEN: credentials.token,
  // Both sides get the same upkeep, by hand.
  SALLYPORT_MAINTENANCE: 'off',
  ...(workers !== undefined && { SALLYPORT_WORKERS: String(workers) }),
  ...(compileCache !== undefined && { NODE_COMPILE_CACHE: compileCache }),
})

/** Lets the administrator log in with the client's key. */
export const addKey = async (http: string, credentials: Credentials): Promise<void> => {
  await call(http, credentials, '/user/keys', { title: 'bench', key: credentials.publicKey })
}

/** The program as it is shipped; resolves when it says that it is ready. */
export const startSallyport = async (start: Start): Promise<Sallyport> => {
  const { node, home, credentials } = start
  await mkdir(home, { recursive: true })
  const flags = ['--home', home, '--http', '127.0.0.1:0', '--ssh', '127.0.0.1:0']
  const logFile = join(home, 'log')
  const program = [join(root, 'bin/sallyport.js'), ...flags]
  const daemon = await startDaemon(node, program, logFile, { env: environment(start), output: true })
  const where = await whenReady(daemon, logFile)
  const create = async (repository: string): Promise<string> => {
    const project = await call(where.http, credentials, '/projects', { name: repository, visibility: 'internal' })
    return placeOf(home, idIn(project))
  }
  const door = (base: string): Server => ({
    url: (repository) => `${base}/${credentials.login}/${repository}.git`,
    processes: () => processesOf([daemon.pid], 'node'),
  })
  return {
    base: where.http,
    http: { ...door(where.http), create },
    ssh: door(where.ssh),
    complete: () => whenThere(start.workers ?? availableParallelism(), () => processesOf([daemon.pid], 'node')),
    [Symbol.asyncDispose]: () => Promise.resolve(daemon[Symbol.asyncDispose]()),
  }
}
