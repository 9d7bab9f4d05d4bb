import { once } from 'node:events'
import type { FileHandle } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import { hasEnded } from '../ci/states.ts'
import { inHome, type Settings } from '../config.ts'
import type { JobId } from '../core/ids.ts'
import { JobFiles } from '../store/ci/job-files.ts'
import { type JobOverview, overviewOfJob } from '../store/ci/job-overview.ts'
import { progressOf } from './job-words.ts'
import { inOpenedHome, type OpenedHome } from './opened-home.ts'
import { json } from './output.ts'
import { Refused, WrongUsage } from './refused.ts'
import { onOneLine, TerminalText } from './terminal-text.ts'

/** How often a log that is followed is looked at, in milliseconds. */
const lookEvery = 200

const pieceSize = 65_536

const numberOf = (word: string): JobId => {
  if (/^[1-9]\d{0,14}$/.test(word)) return Number(word) as JobId
  throw new WrongUsage('a job is named by its number; sallyport jobs lists them')
}

const jobNumbered = async ({ store }: OpenedHome, id: JobId): Promise<JobOverview> => {
  const job = await overviewOfJob(store.read, id)
  if (job === undefined) throw new Refused(`there is no job ${id}`)
  return job
}

/** Reads on from where it was; the log may not be there yet. */
class TraceReader {
  readonly #files: JobFiles
  readonly #id: JobId
  #handle: FileHandle | undefined
  #at = 0

  constructor(settings: Settings, id: JobId) {
    this.#files = new JobFiles(inHome(settings, 'jobs'))
    this.#id = id
  }

  async *more(): AsyncGenerator<Buffer> {
    this.#handle ??= await this.#files.readTrace(this.#id)
    if (this.#handle === undefined) return
    for (;;) {
      const { bytesRead, buffer } = await this.#handle.read(Buffer.alloc(pieceSize), 0, pieceSize, this.#at)
      if (bytesRead === 0) return
      this.#at += bytesRead
      yield buffer.subarray(0, bytesRead)
    }
  }

  async close(): Promise<void> {
    await this.#handle?.close()
  }
}

type Show = (piece: Buffer) => Promise<void>

/** Shows what there is, and with `follow` what comes until the job has ended; resolves with the job as it is then. */
const showUntilEnd = async (home: OpenedHome, id: JobId, trace: TraceReader, follow: boolean, show: Show) => {
  for (let told = ''; ; await pause(lookEvery)) {
    const job = await jobNumbered(home, id)
    // Asked before the log is read: what stood in it when the job ended is read in any case.
    const over = !follow || hasEnded(job.status)
    if (follow && !over && job.status !== told) console.error(`sallyport: ${wordsOf(job)}`)
    told = job.status
    for await (const piece of trace.more()) await show(piece)
    if (over) return job
  }
}

const wordsOf = (job: JobOverview): string =>
  `job ${job.id}, ${onOneLine(job.name)} of ${job.project}: ${progressOf(job, Date.now())}`

const write = async (text: string | Buffer): Promise<void> => {
  if (!process.stdout.write(text)) await once(process.stdout, 'drain')
}

/** Through a pipe a log goes as it is; on a terminal it may colour, and nothing else. */
const toPerson = async (work: (show: Show) => Promise<JobOverview>, follow: boolean): Promise<string> => {
  const terminal = process.stdout.isTTY ? new TerminalText() : undefined
  const job = await work((piece) => write(terminal?.take(piece) ?? piece))
  await write(terminal?.rest() ?? '')
  if (follow) console.error(`sallyport: ${wordsOf(job)}`)
  return ''
}

const toMachine = async (work: (show: Show) => Promise<JobOverview>): Promise<string> => {
  const pieces: Buffer[] = []
  const job = await work(async (piece) => void pieces.push(piece))
  return json({ ...job, trace: Buffer.concat(pieces).toString() })
}

/** Writes a job's log to standard output; what remains to be printed is answered. */
export const showTrace = (settings: Settings, word: string, follow: boolean): Promise<string> =>
  inOpenedHome(settings, async (home) => {
    const id = numberOf(word)
    process.stdout.on('error', () => process.exit(1))
    const trace = new TraceReader(settings, id)
    const work = (show: Show): Promise<JobOverview> => showUntilEnd(home, id, trace, follow, show)
    try {
      return settings.json === true ? await toMachine(work) : await toPerson(work, follow)
    } finally {
      await trace.close()
    }
  })
