import { type ChildProcess, spawn } from 'node:child_process'
import { channel } from 'node:diagnostics_channel'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { constants, setPriority } from 'node:os'
import { Duplex, Readable, type Writable } from 'node:stream'
import { type Admission, isAdmission } from '../access/decide.ts'
import { isUpkeep, type Upkeep } from '../access/upkeep.ts'
import { abortedBy, type Ending } from './engine.ts'
import { argumentsFor, environmentFor, type Invocation, isPush } from './invocation.ts'
import { type Task, upkeepEnvironment, wordsOf } from './maintenance/task.ts'
import { signal } from './signal.ts'
import { strayMark } from './strays.ts'
import { codeOf, unlessMissing } from './system-errors.ts'

/** Between being asked to end and being ended, in milliseconds. Git removes its locks in this time. */
const termGrace = 2_000

/**
 * How long a push whose pack breaks off may take to end by itself, in milliseconds. Then git removes its quarantine,
 * which it leaves behind when a signal ends it (`tmp-objdir.c`).
 */
const inputGrace = 300
const longestComplaint = 4_096

/** What is told whenever git is started, and when it is gone, on the two diagnostics channels below. */
export interface SpawnMessage {
  readonly service: string
  readonly repository: number
  readonly pid: number | undefined
}

export const spawnChannel = 'sallyport:spawn'
export const goneChannel = 'sallyport:gone'

const spawned = channel(spawnChannel)
const gone = channel(goneChannel)

/** How long git may go without a byte moving in any direction, in milliseconds; its whole time is not bounded. */
export const standardIdleLimit = 600_000

/** A quarantined push must end with a decline, or it could land: checked once more before git is there at all. */
const assertGuarded = (admission: Admission, { hook }: Invocation): void => {
  if (admission.service === 'quarantine' && admission.obligations.at(-1)?.kind !== 'decline') {
    throw new Error('a quarantined push has to end with a decline')
  }
  if (admission.obligations.length > 0 && hook === undefined) throw new Error('obligations need the hook')
}

const signalGroup = (pid: number | undefined, name: NodeJS.Signals): void => {
  if (pid !== undefined) signal(-pid, name)
}

/** Linux says it (proc(5)); elsewhere there are none. */
const childrenOf = (pid: number | undefined): number[] => {
  const text = unlessMissing(() => readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1')) ?? ''
  return text.split(' ').filter(Boolean).map(Number)
}

const ignore = (): void => {}

const exitCodeOf = (code: number | null, signal: NodeJS.Signals | null): number =>
  code ?? 128 + (signal === null ? 0 : constants.signals[signal])

/** How a process ended that was started. */
export type Ended = Exclude<Ending, { kind: 'busy' }>

/** Its output is null where it goes straight into a file. */
type Child = ChildProcess & { readonly stdin: Writable; readonly stdout: Readable | null; readonly stderr: Readable }

/** Descriptor of the line between the hook and us. */
const hookLine = 3

/** One run of git for one admission. It dies with its request, and `ended` waits until it is gone. */
export class GitProcess {
  readonly ended: Promise<Ended>
  readonly #child: Child
  readonly #output: Readable
  readonly #idle: NodeJS.Timeout
  readonly #isPush: boolean
  #stopped: string | undefined
  #complaint = ''

  constructor(child: Child, isPush: boolean, idleLimit: number) {
    this.#child = child
    this.#output = child.stdout ?? Readable.from([])
    this.#isPush = isPush
    this.#idle = setTimeout(() => this.stop('no byte moved for too long'), idleLimit)
    for (const stream of [child.stdin, this.#output, child.stderr]) stream.on('error', ignore)
    this.hook?.on('error', ignore)
    child.stderr.on('data', (chunk: Buffer) => this.#heard(chunk))
    this.ended = this.#watch()
  }

  /** Of the head of its process group. */
  get pid(): number | undefined {
    return this.#child.pid
  }

  get input(): Writable {
    return this.#child.stdin
  }

  get output(): Readable {
    return this.#output
  }

  get errors(): Readable {
    return this.#child.stderr
  }

  /** The line to the hook of a push that is inspected, which has to be read to its end. */
  get hook(): Duplex | undefined {
    const line = this.#child.stdio[hookLine]
    return line instanceof Duplex ? line : undefined
  }

  /** The beginning of what git wrote on standard error, for the log. */
  get complaint(): string {
    return this.#complaint
  }

  /** Tells that a byte moved. */
  readonly touch = (): void => {
    this.#idle.refresh()
  }

  get isStopped(): boolean {
    return this.#stopped !== undefined
  }

  /**
   * Ends the whole process group: at once where it obeys, within two seconds where it does not. A push that has not
   * come whole is first left to find that out by itself.
   */
  stop(reason: string): void {
    if (this.#stopped !== undefined) return
    this.#stopped = reason
    const isCutShort = this.#isPush && !this.#child.stdin.writableFinished
    this.#child.stdin.destroy()
    if (isCutShort) this.#terminateAfter(inputGrace)
    else this.#terminate()
  }

  /** Ends what git has started itself: then it clears up and tells its client, which it does not where it is ended too. */
  stopHelpers(): void {
    for (const pid of childrenOf(this.#child.pid)) signal(pid, 'SIGTERM')
  }

  get #isOver(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null
  }

  /** Git's last words go nowhere, but have to be taken, or it waits for that. */
  #terminateAfter(grace: number): void {
    for (const stream of [this.#output, this.#child.stderr]) stream.unpipe().resume()
    const timer = setTimeout(() => this.#terminate(), grace)
    this.#child.once('exit', () => {
      clearTimeout(timer)
      this.#terminate()
    })
  }

  /** What git started itself is ended with it, also where git goes first. */
  #terminate(): void {
    const { pid, stderr } = this.#child
    for (const stream of [this.#output, stderr, this.hook]) stream?.destroy()
    signalGroup(pid, this.#isOver ? 'SIGKILL' : 'SIGTERM')
    if (this.#isOver) return
    const last = setTimeout(() => signalGroup(pid, 'SIGKILL'), termGrace)
    this.#child.once('exit', () => {
      clearTimeout(last)
      signalGroup(pid, 'SIGKILL')
    })
  }

  #heard(chunk: Buffer): void {
    this.touch()
    if (this.#complaint.length < longestComplaint) this.#complaint += chunk.toString('utf8', 0, longestComplaint)
  }

  #watch(): Promise<Ended> {
    return new Promise((resolve) => {
      this.#child.once('close', (code, signal) => {
        clearTimeout(this.#idle)
        const reason = this.#stopped
        resolve(reason === undefined ? { kind: 'exited', code: exitCodeOf(code, signal) } : { kind: 'aborted', reason })
      })
    })
  }
}

/** Stops git when the signal aborts, or has aborted already. */
const bind = (git: GitProcess, signal: AbortSignal): void => {
  const abort = () => git.stop(abortedBy(signal).reason)
  if (signal.aborted) abort()
  signal.addEventListener('abort', abort, { once: true })
  void git.ended.then(() => signal.removeEventListener('abort', abort))
}

interface Streams {
  /** A file that takes the output; undefined where it is to be read. */
  readonly output?: number | undefined
  readonly hookLine?: boolean
}

const start = async (words: readonly string[], env: Record<string, string>, streams: Streams = {}): Promise<Child> => {
  const line = streams.hookLine === true ? (['pipe'] as const) : []
  const stdio = ['pipe', streams.output ?? 'pipe', 'pipe', ...line] as const
  const child = spawn('git', words, { cwd: '/', detached: true, env, shell: false, stdio: [...stdio] })
  await once(child, 'spawn')
  const { stdin, stderr } = child
  if (stdin === null || stderr === null) throw new Error('git was started without its streams')
  return Object.assign(child, { stdin, stderr })
}

/** How far the upkeep of repositories, and whoever runs many at once, stand back behind the others (`nice`). */
const lowPriority = 10

/** A process that is over already has no priority. */
const standBack = ({ pid }: Child): void => {
  try {
    if (pid !== undefined) setPriority(pid, lowPriority)
  } catch (error) {
    if (codeOf(error) !== 'ERR_SYSTEM_ERROR') throw error
  }
}

/** Tells of a process that was started, now and when it is gone; it dies when the signal aborts. */
const introduce = (
  { service, repository }: Admission | Upkeep,
  pid: number | undefined,
  git: GitProcess,
  signal: AbortSignal,
) => {
  const message = { service, repository, pid } satisfies SpawnMessage
  spawned.publish(message)
  void git.ended.then(() => gone.publish(message))
  bind(git, signal)
  return git
}

/** How a process of git is let run. */
interface Run {
  /** In milliseconds without a byte moving in any direction. */
  readonly idleLimit: number
  /** Whether others come first where there is not enough of the processors for all. */
  readonly standsBack: boolean
}

/**
 * The one place where git is started. It asks for an admission that the rules made, and starts the program that this
 * admission is for, on the repository that it names. When `signal` aborts, git and its children are ended. Rejects
 * where git cannot be started.
 */
export const startGit = async (
  admission: Admission,
  invocation: Invocation,
  signal: AbortSignal,
  { idleLimit, standsBack }: Run = { idleLimit: standardIdleLimit, standsBack: false },
): Promise<GitProcess> => {
  if (!isAdmission(admission, admission.service)) throw new Error('git is started for an admission only')
  assertGuarded(admission, invocation)
  const words = argumentsFor(admission.service, invocation)
  const isInspected = admission.obligations.some(({ kind }) => kind === 'inspection')
  const doing = isPush(admission.service) || admission.service === 'change-refs' ? 'writes' : 'reads'
  const environment = environmentFor(admission.service, invocation, process.env['PATH'])
  const marked = { ...environment, ...strayMark(invocation.directory, doing) }
  const child = await start(words, marked, { output: invocation.output, hookLine: isInspected })
  if (standsBack) standBack(child)
  return introduce(admission, child.pid, new GitProcess(child, isPush(admission.service), idleLimit), signal)
}

/**
 * The same for what nobody asks for.
 * @param directory absolute path of the bare repository, made from its id
 * @param timeLimit of the whole task, in milliseconds: git says nothing while it works
 */
export const startUpkeep = async (
  upkeep: Upkeep,
  task: Task,
  directory: string,
  signal: AbortSignal,
  timeLimit: number,
): Promise<GitProcess> => {
  if (!isUpkeep(upkeep)) throw new Error('git is started for an admission only')
  const words = [`--git-dir=${directory}`, ...wordsOf(task, directory)]
  const child = await start(words, { ...upkeepEnvironment(task, process.env['PATH']), ...strayMark(directory, 'writes') })
  standBack(child)
  return introduce(upkeep, child.pid, new GitProcess(child, false, timeLimit), signal)
}
