import cluster, { type Worker } from 'node:cluster'
import { type Settings, WrongSetting } from '../config.ts'
import { type Logger, makeLogger } from '../log.ts'
import { type Prepared, prepare } from './prepare.ts'
import { readyLine, say, tokenLine } from './ready.ts'
import { type Listening, type PrimaryMessage, stopGrace, type WorkerMessage } from './server.ts'
import { whenToldToStop } from './signals.ts'

/** A worker that dies this soon after its start is not replaced at once, in milliseconds. */
const restartPause = 1000

/** The workers of a primary: as many as were asked for, each replaced when it dies. */
class Crew {
  readonly #log: Logger
  readonly #workers = new Set<Worker>()
  #serving = false
  #stopping = false
  #keysAreComplete = false
  readonly #failed = Promise.withResolvers<never>()

  constructor(size: number, log: Logger) {
    this.#log = log
    // Until someone waits for it, a failure is only remembered.
    this.#failed.promise.catch(() => {})
    for (let index = 0; index < size; index += 1) this.#fork()
  }

  /** Lets all of them open their doors; resolves when each has. Until then, one that dies ends the start. */
  async serve(): Promise<Listening> {
    const listening = Promise.all([...this.#workers].map((worker) => this.#open(worker)))
    const [where] = await Promise.race([listening, this.#failed.promise])
    if (where === undefined) throw new Error('a server without workers')
    this.#serving = true
    return where
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
    worker.once('exit', (code, signal) => this.#onExit(worker, born, signal ?? `exit code ${code}`))
    if (!this.#serving) return
    this.#open(worker).then(
      () => this.#keysAreComplete && worker.send({ kind: 'host-keys' } satisfies PrimaryMessage),
      (fault: unknown) => this.#log.error({ err: fault }, 'a replaced worker could not open the doors'),
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

/** Prepares the home while the workers load, lets them serve, and replaces those that die. */
export const servePrimary = async (settings: Settings, workers: number): Promise<number> => {
  const stopped = whenToldToStop()
  const log = makeLogger(settings.logLevel)
  const crew = new Crew(workers, log)
  try {
    const prepared = await prepare(settings)
    const where = await Promise.race([crew.serve(), stopped])
    if (where !== undefined) {
      if (prepared.newToken !== undefined) say(tokenLine(prepared.newToken))
      say(readyLine(settings, where))
      announceKeys(prepared, crew, log)
      await stopped
    }
    await crew.stop()
    prepared.lock.close()
    return 0
  } catch (fault) {
    crew.kill()
    throw fault
  }
}
