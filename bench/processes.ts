import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'

export interface Run {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly input?: NodeJS.ReadableStream
  /** Takes what stands on standard output, which is not returned then. */
  readonly take?: (bytes: Buffer) => void
}

/** Runs a program to its end and returns its standard output; rejects with its standard error where it fails. */
export const run = async (
  program: string,
  arguments_: readonly string[],
  { cwd, env, input, take }: Run = {},
): Promise<string> => {
  const child = spawn(program, arguments_, { cwd, env: env ?? process.env, stdio: ['pipe', 'pipe', 'pipe'] })
  const output: Buffer[] = []
  const errors: Buffer[] = []
  child.stdout.on('data', take ?? ((bytes: Buffer) => output.push(bytes)))
  child.stderr.on('data', (bytes: Buffer) => errors.push(bytes))
  child.stdin.on('error', () => {})
  if (input === undefined) child.stdin.end()
  else input.pipe(child.stdin)
  const [code] = await once(child, 'close')
  if (code === 0) return Buffer.concat(output).toString()
  throw new Error(`${program} ${arguments_[0] ?? ''} ended with ${code}: ${Buffer.concat(errors).toString().slice(-2_000)}`)
}

/** A server that lives until it is disposed of, with all that it started. */
export interface Daemon extends AsyncDisposable {
  readonly process: ChildProcess
  readonly pid: number
}

const groups = new Set<number>()

const endGroup = (pid: number, signal: NodeJS.Signals): void => {
  try {
    process.kill(-pid, signal)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}

process.on('exit', () => {
  for (const pid of groups) endGroup(pid, 'SIGKILL')
})

const stop = async (child: ChildProcess, pid: number): Promise<void> => {
  if (child.exitCode === null && child.signalCode === null) {
    const gone = once(child, 'exit')
    child.kill('SIGTERM')
    await Promise.race([gone, pause(10_000, undefined, { ref: false })])
  }
  endGroup(pid, 'SIGKILL')
  groups.delete(pid)
}

/** Starts a server in a process group of its own, its standard error in a file; `output` says whether the other one is read. */
export const startDaemon = async (
  program: string,
  arguments_: readonly string[],
  logFile: string,
  { env, output = false }: { env?: Run['env']; output?: boolean } = {},
): Promise<Daemon> => {
  const log = openSync(logFile, 'a')
  const child = spawn(program, arguments_, {
    detached: true,
    env: env ?? process.env,
    stdio: ['ignore', output ? 'pipe' : log, log],
  })
  await once(child, 'spawn')
  closeSync(log)
  const { pid } = child
  if (pid === undefined) throw new Error(`${program} has no process`)
  groups.add(pid)
  return { process: child, pid, [Symbol.asyncDispose]: () => stop(child, pid) }
}

/** A port that nothing listens on now. */
export const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

const answers = async (port: number): Promise<boolean> => {
  const socket = connect(port, '127.0.0.1')
  const connected = await once(socket, 'connect').then(
    () => true,
    () => false,
  )
  socket.destroy()
  return connected
}

/** Waits until a server takes connections, ten seconds at most. */
export const whenListening = async (port: number, logFile: string): Promise<void> => {
  for (let tries = 0; tries < 200; tries += 1) {
    if (await answers(port)) return
    await pause(50)
  }
  throw new Error(`a server does not listen on its port; it says: ${readFileSync(logFile, 'utf8').slice(-2_000)}`)
}
