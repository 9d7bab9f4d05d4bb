import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { slowKeys } from './slow-keys.ts'

export const rootToken = 'glpat-rootrootrootrootroot'
export const rootPassword = 'open-sesame-9'

/** The program as it is shipped, in a process of its own on a throw-away home. */
export interface Sallyport {
  readonly home: string
  readonly http: string
  readonly ssh: { readonly host: string; readonly port: number }
  readonly process: ChildProcess
  /** Lines of standard output so far. */
  readonly output: readonly string[]
  /** JSON lines of standard error so far. */
  readonly log: readonly Record<string, unknown>[]
  /** Resolves with the first log line that fits, past or to come. */
  logged(fits: (line: Record<string, unknown>) => boolean): Promise<Record<string, unknown>>
  /** Resolves when every log line of what was answered so far has arrived. */
  settled(): Promise<void>
  /** SIGTERM; resolves with the exit code. The home stays. */
  stop(): Promise<number | null>
  /** Stops and removes the home. */
  [Symbol.asyncDispose](): Promise<void>
}

export interface Start {
  readonly home?: string
  readonly workers?: number
  readonly env?: Readonly<Record<string, string>>
  readonly flags?: readonly string[]
}

const root = join(import.meta.dirname, '../..')

export const newHome = (): Promise<string> => mkdtemp(join(tmpdir(), 'sallyport-home-'))

const parseLine = (line: string): Record<string, unknown> => {
  try {
    return JSON.parse(line) as Record<string, unknown>
  } catch {
    return { unparsable: line }
  }
}

class Log {
  readonly lines: Record<string, unknown>[] = []
  readonly #waiting = new Set<{
    fits: (line: Record<string, unknown>) => boolean
    resolve: (line: Record<string, unknown>) => void
  }>()

  add(text: string): void {
    const line = parseLine(text)
    this.lines.push(line)
    for (const entry of this.#waiting) {
      if (!entry.fits(line)) continue
      this.#waiting.delete(entry)
      entry.resolve(line)
    }
  }

  when(fits: (line: Record<string, unknown>) => boolean): Promise<Record<string, unknown>> {
    const past = this.lines.find(fits)
    return past ? Promise.resolve(past) : new Promise((resolve) => this.#waiting.add({ fits, resolve }))
  }
}

/** Runs the program; standard input is closed, addresses are free ports. */
export const launch = (home: string, { workers = 1, env = {}, flags = [] }: Start = {}): ChildProcess =>
  spawn(process.execPath, [join(root, 'bin/sallyport.js'), '--http', '127.0.0.1:0', '--ssh', '127.0.0.1:0', ...flags], {
    env: {
      PATH: process.env['PATH'],
      SALLYPORT_HOME: home,
      SALLYPORT_WORKERS: String(workers),
      SALLYPORT_ROOT_TOKEN: rootToken,
      SALLYPORT_ROOT_PASSWORD: rootPassword,
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })

const readyPattern = /^sallyport ready http=(\S+) ssh=(?:off|ssh:\/\/git@(\S+):(\d+))$/

/** Starts the program and waits for its ready line. */
export const startSallyport = async (start: Start = {}): Promise<Sallyport> => {
  const home = start.home ?? (await newHome())
  const keys = slowKeys()
  if (start.home === undefined && keys !== undefined) await cp(keys, join(home, 'keys'), { recursive: true })
  const child = launch(home, start)
  const log = new Log()
  const output: string[] = []
  if (child.stdout === null || child.stderr === null) throw new Error('no pipes')
  createInterface({ input: child.stderr }).on('line', (line) => log.add(line))
  const lines = createInterface({ input: child.stdout })
  const ready = await new Promise<RegExpExecArray>((resolve, reject) => {
    lines.on('line', (line) => {
      output.push(line)
      const match = readyPattern.exec(line)
      if (match) resolve(match)
    })
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}: ${JSON.stringify(log.lines.slice(-5))}`)))
  })
  const stop = async (): Promise<number | null> => {
    if (child.exitCode !== null || child.signalCode !== null) return child.exitCode
    child.kill('SIGTERM')
    await once(child, 'exit')
    return child.exitCode
  }
  return {
    home,
    http: ready[1] ?? '',
    ssh: { host: ready[2] ?? '', port: Number(ready[3]) },
    process: child,
    output,
    log: log.lines,
    logged: (fits) => log.when(fits),
    async settled() {
      const mark = `mark-${randomUUID()}`
      await fetch(`${ready[1]}/api/v4/${mark}`)
      await log.when((line) => JSON.stringify(line).includes(mark))
    },
    stop,
    async [Symbol.asyncDispose]() {
      await stop()
      await rm(home, { recursive: true, force: true })
    },
  }
}

export const readHomeFile = (home: string, name: string): Promise<string> => readFile(join(home, name), 'utf8')
