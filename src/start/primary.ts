import cluster, { type Worker } from 'node:cluster'
import { type Settings, WrongSetting } from '../config.ts'
import { type Logger, makeLogger } from '../log.ts'
import { keepCompiled } from './compiled.ts'
import { removeLeftovers } from './leftovers.ts'
import { startNotices } from './notices.ts'
import type { Prepared } from './prepare.ts'
import { announce } from './ready.ts'
import { type Listening, type PrimaryMessage, stopGrace, type WorkerMessage } from './server.ts'
import { whenToldToStop } from './signals.ts'
import { startSweeper } from './sweeper.ts'

/** A worker that dies this soon after its start is not replaced at once, in milliseconds. */
const restartPause = 1000

/**
 * The workers of a primary, each replaced when it dies. The first one loads while the home is prepared and opens the
 * doors; the others follow, so that they do not take the cores from it while everybody waits.
 */
class Crew {
  readonly #log: Logger
  readonly #workers = new Set<Worker>()
  #serving = false
  #stopping = false
  #keysAreComplete = false
  readonly #failed = Promise.withResolvers<never>()

  constructor(log: Logger) {
    this.#log = log
    // Until someone waits for it, a failure is only remembered.
    this.#failed.promise.catch(() => {})
    this.#fork()
  }

  /** Lets the first worker open the doors; resolves when it has. If it dies before, that ends the start. */
  async serve(): Promise<Listening> {
    const listening = [...this.#workers].map((worker) => this.#open(worker))
    const where = await Promise.race([...listening, this.#failed.promise])
    this.#serving = true
    return where
  }

  /** Adds workers until there are as many as were asked for. */
  grow(size: number): void {
    while (this.#workers.size < size && !this.#stopping) this.#fork()
  }

  /** All workers, and those that come after them, may use every host key. */
  useHostKeys(): void {
    this.#keysAreComplete = true
    this.#tellAll({ kind: 'host-keys' })
  }

  #tellAll(message: PrimaryMessage): void {
    for (const worker of this.#workers) worker.send(message)
  }

  /** Resolves when all are gone; those that do not end in time are killed. */
  async stop(): Promise<void> {
    this.#stopping = true
    const gone = Promise.all([...this.#workers].map((worker) => new Promise((resolve) => worker.once('exit', resolve))))
    this.#tellAll({ kind: 'stop' })
    const timer = setTimeout(() => this.kill(), stopGrace + 2000)
    await gone
    clearTimeout(timer)
  }

  kill(): void {
    this.#stopping = true
    for (const worker of this.#workers) worker.process.kill('SIGKILL')
  }

  #open(worker: Worker): Promise<Listening> {
    return new Promise((resolve, reject) => {
      worker.on('message', (message: WorkerMessage) => {
        if (message.kind === 'listening') resolve(message.where)
        else reject(new WrongSetting(message.line))
      })
      worker.send({ kind: 'serve' } satisfies PrimaryMessage)
    })
  }

  #fork(): void {
    const worker = cluster.fork()
    const born = Date.now()
    this.#workers.add(worker)
    worker.on('error', (fault) => this.#log.error({ err: fault, worker: worker.process.pid }, 'a worker could not be told'))
    worker.once('exit', (code, signal) => this.#onExit(worker, born, signal ?? `exit code ${code}`))
    if (!this.#serving) return
    this.#open(worker).then(
      () => {
        this.#log.info({ worker: worker.process.pid }, 'a worker joined')
        if (this.#keysAreComplete) worker.send({ kind: 'host-keys' } satisfies PrimaryMessage)
      },
      (fault: unknown) => this.#log.error({ err: fault }, 'a worker could not open the doors'),
    )
  }

  #onExit(worker: Worker, born: number, how: string): void {
    this.#workers.delete(worker)
    if (this.#stopping) return
    this.#log.error({ worker: worker.process.pid, how }, 'a worker died and is replaced')
    if (!this.#serving) this.#failed.reject(new Error(`a worker ended while starting: ${how}`))
    else setTimeout(() => this.#stopping || this.#fork(), Math.max(0, restartPause - (Date.now() - born)))
  }
}

const announceKeys = (prepared: Prepared, crew: Crew, log: Logger): void => {
  prepared.keys.complete().then(
    () => crew.useHostKeys(),
    (fault: unknown) => log.error({ err: fault }, 'the slow keys could not be made'),
  )
}

/** Prepares the home while the first worker loads, lets it serve, adds the others, and replaces those that die. */
export const servePrimary = async (settings: Settings, workers: number): Promise<number> => {
  const stopped = whenToldToStop()
  const log = makeLogger(settings.logLevel)
  const crew = new Crew(log)
  try {
    // Loaded now, when the first worker is loading its own code on another core.
    const { prepare } = await import('./prepare.ts')
    const prepared = await prepare(settings)
    const where = await Promise.race([crew.serve(), stopped])
    if (where !== undefined) {
      announce(settings, where, prepared.newToken)
      crew.grow(workers)
      keepCompiled()
      removeLeftovers(prepared.home, log)
      announceKeys(prepared, crew, log)
      const notices = startNotices(settings, where, log)
      const sweeper = startSweeper(settings, log)
      await stopped
      await Promise.all([crew.stop(), notices.stop(), sweeper.stop()])
    } else await crew.stop()
    prepared.lock.close()
    return 0
  } catch (fault) {
    crew.kill()
    throw fault
  }
}
