import cluster, { type Worker } from 'node:cluster'
import { isDeepStrictEqual } from 'node:util'
import { WrongSetting } from '../config.ts'
import type { Metrics } from '../core/metrics.ts'
import type { Logger } from '../log.ts'
import { closeLostConnections } from './handed-over.ts'
import { Gathering } from './metrics/gathering.ts'
import { type Listening, type PrimaryMessage, stopGrace, type WorkerMessage } from './server.ts'

/** A worker that dies this soon after its start is not replaced at once, in milliseconds. */
const restartPause = 1000

/**
 * A worker tells its figures once a second. One that is silent for so many turns of the primary's own timer hangs, and
 * is ended. Turns, not a time: a machine that slept is no reason.
 */
const turn = 5000
const mostSilentTurns = 12

/**
 * Mebibytes of a half of the young generation of a worker's memory, a quarter of what V8 would take at last: what a crowd
 * of clients leaves behind is then looked through more often, which is quick, since nearly nothing of it lives.
 */
const youngGeneration = 8

interface Member {
  readonly worker: Worker
  /** Its number among the workers; whoever replaces it has the same. */
  readonly name: string
  /** It has opened the doors, and told its figures. */
  isHeard: boolean
  silentTurns: number
}

/**
 * The workers of a primary, each replaced when it dies. The first one loads while the home is prepared and opens the
 * doors; the others follow, so that they do not take the cores from it while everybody waits.
 */
export class Crew {
  readonly #log: Logger
  readonly #members = new Set<Member>()
  readonly #gathering = new Gathering()
  #where: Listening | undefined
  /** A door on a free port is lost when nobody holds it: from then on it is opened on the port that it had. */
  #wasDeserted = false
  #stopping = false
  #tellDeath = (): void => {}
  #keysAreComplete = false
  readonly #failed = Promise.withResolvers<never>()

  constructor(log: Logger) {
    this.#log = log
    // Until someone waits for it, a failure is only remembered.
    this.#failed.promise.catch(() => {})
    this.metrics.follow('workers', {}, () => this.#members.size)
    cluster.setupPrimary({ execArgv: [...process.execArgv, `--max-semi-space-size=${youngGeneration}`] })
    this.#fork()
  }

  /** Of the primary itself. */
  get metrics(): Metrics {
    return this.#gathering.metrics
  }

  /** Lets the first worker open the doors; resolves when it has. If it dies before, that ends the start. */
  async serve(): Promise<Listening> {
    const listening = [...this.#members].map((member) => this.#open(member))
    this.#where = await Promise.race([...listening, this.#failed.promise])
    setInterval(() => this.#lookForSilent(), turn).unref()
    return this.#where
  }

  /** Adds workers until there are as many as were asked for. */
  grow(size: number): void {
    while (this.#members.size < size && !this.#stopping) this.#fork()
  }

  /** All workers, and those that come after them, may use every host key. */
  useHostKeys(): void {
    this.#keysAreComplete = true
    this.#tellAll({ kind: 'host-keys' })
  }

  /** Resolves when all are gone; those that do not end in time are killed. */
  async stop(): Promise<void> {
    this.#stopping = true
    const gone = Promise.all([...this.#members].map(({ worker }) => new Promise((resolve) => worker.once('exit', resolve))))
    this.#tellAll({ kind: 'stop' })
    const timer = setTimeout(() => this.kill(), stopGrace + 2000)
    await gone
    clearTimeout(timer)
  }

  /** Whether a process is one of the workers, or the primary itself. */
  has(pid: number): boolean {
    return pid === process.pid || [...this.#members].some(({ worker }) => worker.process.pid === pid)
  }

  /** @param tell is called whenever a worker died that was not told to stop */
  onDeath(tell: () => void): void {
    this.#tellDeath = tell
  }

  kill(): void {
    this.#stopping = true
    for (const { worker } of this.#members) worker.process.kill('SIGKILL')
  }

  #tell({ worker }: Member, message: PrimaryMessage): void {
    if (worker.isConnected()) worker.send(message)
  }

  #tellAll(message: PrimaryMessage): void {
    for (const member of this.#members) this.#tell(member, message)
  }

  #open(member: Member): Promise<Listening> {
    return new Promise((resolve, reject) => {
      member.worker.on('message', (message: WorkerMessage) => {
        if (message.kind === 'listening') resolve(message.where)
        if (message.kind === 'failed') reject(new WrongSetting(message.line))
      })
      this.#tell(member, { kind: 'serve', where: this.#wasDeserted ? this.#where : undefined })
    })
  }

  #fork(): void {
    const names = new Set([...this.#members].map(({ name }) => name))
    let number = 1
    while (names.has(String(number))) number += 1
    const member: Member = { worker: cluster.fork(), name: String(number), isHeard: false, silentTurns: 0 }
    const { worker } = member
    closeLostConnections(worker)
    const born = Date.now()
    this.#members.add(member)
    worker.on('error', (fault) => this.#log.error({ err: fault, worker: worker.process.pid }, 'a worker could not be told'))
    worker.on('message', (message: WorkerMessage) => this.#hear(member, message))
    worker.once('exit', (code, signal) => this.#onExit(member, born, signal ?? `exit code ${code}`))
    const where = this.#where
    // As late as can be: whether the others still hold the doors may change meanwhile.
    if (where !== undefined) worker.once('online', () => this.#join(member, where))
  }

  #join(member: Member, where: Listening): void {
    const { worker } = member
    this.#open(member).then(
      (opened) => {
        if (!isDeepStrictEqual(opened, where)) {
          this.#log.error({ worker: worker.process.pid, opened }, 'a worker opened other doors and is ended')
          worker.process.kill('SIGKILL')
          return
        }
        this.#log.info({ worker: worker.process.pid }, 'a worker joined')
        if (this.#keysAreComplete) this.#tell(member, { kind: 'host-keys' })
      },
      (fault: unknown) => this.#log.error({ err: fault }, 'a worker could not open the doors'),
    )
  }

  #hear(member: Member, message: WorkerMessage): void {
    if (message.kind === 'figures') {
      member.isHeard = true
      member.silentTurns = 0
      this.#gathering.heard(member.name, message.figures, message.round)
    }
    if (message.kind === 'metrics-wanted') void this.#tellMetrics(member, message.id)
  }

  async #tellMetrics(member: Member, id: number): Promise<void> {
    try {
      this.#tell(member, { kind: 'metrics', id, text: await this.#gathering.text((round) => this.#ask(round)) })
    } catch (fault) {
      this.#log.error({ err: fault }, 'the figures could not be told')
      this.#tell(member, { kind: 'metrics', id })
    }
  }

  /** Returns who will answer. */
  #ask(round: number): readonly string[] {
    const asked = [...this.#members].filter(({ isHeard }) => isHeard)
    for (const member of asked) this.#tell(member, { kind: 'report', round })
    return asked.map(({ name }) => name)
  }

  #lookForSilent(): void {
    for (const member of this.#members) {
      if (!member.isHeard || this.#stopping) continue
      member.silentTurns += 1
      if (member.silentTurns !== mostSilentTurns) continue
      this.#log.error({ worker: member.worker.process.pid }, 'a worker is silent for too long and is ended')
      member.worker.process.kill('SIGKILL')
    }
  }

  #onExit(member: Member, born: number, how: string): void {
    this.#members.delete(member)
    this.#gathering.gone(member.name)
    if (this.#stopping) return
    this.#wasDeserted ||= ![...this.#members].some(({ isHeard }) => isHeard)
    this.#log.error({ worker: member.worker.process.pid, how }, 'a worker died and is replaced')
    this.metrics.add('workersReplaced', {})
    this.#tellDeath()
    if (this.#where === undefined) this.#failed.reject(new Error(`a worker ended while starting: ${how}`))
    else setTimeout(() => this.#stopping || this.#fork(), Math.max(0, restartPause - (Date.now() - born)))
  }
}
