import type { Readable, Writable } from 'node:stream'
import type { Admission } from '../access/decide.ts'
import { diskTroubleOf, diskTroubleWords } from '../core/disk-trouble.ts'
import type { Refusal } from '../core/refusal.ts'
import type { Logger } from '../log.ts'
import { bytesOf, readAnswer } from './answer.ts'
import { throwForDisk } from './disk-complaint.ts'
import { type Answered, abortedBy, type Ending, type Ends, type RepositoryEngine, type SessionEngine } from './engine.ts'
import type { AnswerFile } from './fetch-cache/answer-file.ts'
import { answerHook } from './hook-talk.ts'
import { askingOf, type Inquiry } from './inquiry.ts'
import type { Mode } from './invocation.ts'
import { sweepQuarantines } from './leftovers.ts'
import { type HookSetup, unmetOf, withObligations } from './obligations.ts'
import { type PlaceLimits, Places, sharesOf, standardPlaces } from './places.ts'
import { type Ended, type GitProcess, standardIdleLimit, startGit } from './process.ts'
import type { InspectPush } from './push-inspection.ts'
import { encodeChanges, type NewTag } from './ref-changes.ts'
import type { PushRequest } from './ref-commands.ts'
import { type Peels, peelQuestion, readPeels } from './refs/peeled.ts'
import { fatalMessage, hasSideBand, remoteMessage } from './report-status.ts'
import type { Repositories } from './repositories.ts'
import { syncRefs } from './sync-refs.ts'
import { feed, relay, relayButFlush, watchClient, write } from './transfer.ts'
import { boundUnpacking, standardUnpackLimit } from './unpack-time.ts'

/**
 * What is due after git took a push, or changed refs for the API, and before the client learns that it is over, such as
 * the default branch of a repository's first push. It is called whenever git ran, also where the client went away
 * meanwhile, and looks at the refs itself to see what landed.
 */
export type AfterPush = (
  admission: Admission<'receive-pack'> | Admission<'change-refs'>,
  push: Pick<PushRequest, 'updates' | 'options'>,
) => Promise<void>

export interface EngineParts {
  readonly repositories: Pick<Repositories, 'directoryOf' | 'exists'>
  readonly settle: AfterPush
  readonly inspect: InspectPush
  /** Largest pack that a push may bring, in bytes. */
  readonly maxPush: number
  readonly places?: PlaceLimits
  readonly log: Logger
  /** How long git may go without a byte moving, in milliseconds. */
  readonly idleLimit?: number
  /** How long git may go on with a push that has come, in milliseconds. */
  readonly unpackLimit?: number
}

/** What a client may send behind its commands besides the pack, in bytes; git itself says no to a larger pack. */
const slack = 2 ** 20

interface Run {
  readonly mode: Mode
  readonly protocol?: string | undefined
  readonly hook?: HookSetup | undefined
  readonly output?: number
  readonly inquiry?: Inquiry
}

type NotRun = Exclude<Ending, { kind: 'exited' }>

/** Processes that one account may run at once without standing back behind those of others, and behind the server itself. */
const fewAtOnce = 1

/** The git that is installed, one process for each call. */
export class StockGit implements SessionEngine, RepositoryEngine {
  readonly #parts: EngineParts
  readonly #places: Places

  constructor(parts: EngineParts) {
    this.#parts = parts
    this.#places = new Places(parts.places ?? standardPlaces)
  }

  get waiting(): number {
    return this.#places.waiting
  }

  async advertise(
    admission: Admission<'upload-pack'> | Admission<'advertise-push'>,
    protocol: string | undefined,
    output: Writable,
    signal: AbortSignal,
  ): Promise<Ending> {
    return this.#run(admission, { mode: 'advertise', protocol }, signal, (git) => {
      git.input.end()
      relay(git, output)
      return this.#end(git, undefined, output)
    })
  }

  async uploadPack(
    admission: Admission<'upload-pack'>,
    mode: 'stateless' | 'session',
    protocol: string | undefined,
    ends: Ends,
    signal: AbortSignal,
  ): Promise<Ending> {
    return this.#run(admission, { mode, protocol }, signal, (git) => this.#converse(git, ends))
  }

  /** One stateless request whose answer git writes into a file by itself. */
  async answerInto(
    admission: Admission<'upload-pack'>,
    protocol: string | undefined,
    request: Buffer,
    { file, errors }: { readonly file: AnswerFile; readonly errors: Writable },
    signal: AbortSignal,
  ): Promise<Ending> {
    return this.#run(admission, { mode: 'stateless', protocol, output: file.descriptor }, signal, async (git) => {
      if (git.pid !== undefined) await file.writtenBy(git.pid)
      file.onGrowth(git.touch)
      git.errors.pipe(errors, { end: false })
      git.input.end(request)
      return this.#noted(git, await git.ended)
    })
  }

  /** What objects stand for; undefined where git could not say it now. */
  async peels(admission: Admission<'upload-pack'>, ids: readonly string[], signal: AbortSignal): Promise<Peels | undefined> {
    const answer = await this.#run<Answered<Buffer>>(admission, { mode: 'peel' }, signal, (git) => {
      git.input.end(peelQuestion(ids))
      return readAnswer(git, bytesOf)
    })
    return answer.kind === 'answered' ? readPeels(ids, answer.result.toString('latin1')) : undefined
  }

  async uploadArchive(admission: Admission<'upload-archive'>, ends: Ends, signal: AbortSignal): Promise<Ending> {
    return this.#run(admission, { mode: 'session' }, signal, (git) => this.#converse(git, ends))
  }

  async receivePack(
    admission: Admission<'receive-pack'> | Admission<'quarantine'>,
    push: PushRequest,
    ends: Ends,
    signal: AbortSignal,
    notice: string | undefined,
  ): Promise<Ending> {
    return withObligations(admission.obligations, (hook) =>
      this.#run(admission, { mode: 'stateless', hook }, signal, async (git) => {
        const inspected = this.#inspect(git, admission)
        const [ending, flush] = await this.#takePush(git, push, ends)
        if (isLanding(admission)) await this.#settle(admission, push, ends)
        if (ending.kind === 'aborted') await this.#tidy(admission)
        else await write(ends.output, closing(ending, push, flush, notice))
        const declined = (await inspected) ?? (await unmetOf(admission.obligations, hook))
        return declined !== undefined && ending.kind === 'exited' ? { ...ending, declined } : ending
      }),
    )
  }

  async ask<Result>(
    admission: Admission<'inspect'>,
    inquiry: Inquiry,
    read: (output: AsyncIterable<Buffer>) => Promise<Result>,
    signal: AbortSignal,
  ): Promise<Answered<Result>> {
    return this.#run<Answered<Result>>(admission, { mode: 'ask', inquiry }, signal, (git) => {
      git.input.end(askingOf(inquiry).input)
      return readAnswer(git, read)
    })
  }

  async changeRefs(admission: Admission<'change-refs'>, tag: NewTag | undefined, signal: AbortSignal): Promise<Ending> {
    const written = tag === undefined ? undefined : await this.#writeTag(admission, tag, signal)
    if (written !== undefined) return written
    return this.#run(admission, { mode: 'change-refs' }, signal, async (git) => {
      git.output.resume()
      git.input.end(encodeChanges(admission.changes))
      const ending = await git.ended
      await this.#keep(admission, { updates: admission.changes })
      return this.#notedOfDisk(git, ending, admission)
    })
  }

  /** Undefined where it is written. */
  async #writeTag(admission: Admission<'change-refs'>, tag: NewTag, signal: AbortSignal): Promise<Ending | undefined> {
    if (!admission.changes.some(({ newId }) => newId === tag.id)) throw new Error('a tag is written that no change names')
    const answer = await this.#run<Answered<Buffer>>(admission, { mode: 'write-tag' }, signal, (git) => {
      git.input.end(tag.content)
      return readAnswer(git, bytesOf)
    })
    if (answer.kind === 'failed') await throwForDisk(answer.complaint, this.#directoryOf(admission))
    if (answer.kind === 'failed') throw new Error(`git could not write a tag: ${answer.complaint}`)
    if (answer.kind !== 'answered') return answer
    if (answer.result.toString().trim() !== tag.id) throw new Error('git wrote another tag than was decided on')
    return undefined
  }

  /** Runs the push to its end; the flush-pkt behind git's answer is kept back. */
  async #takePush(git: GitProcess, push: PushRequest, ends: Ends): Promise<[Ended, Buffer]> {
    const stopFeeding = feed(git, push.raw, ends.input, this.#parts.maxPush + slack)
    const stopBounding = boundUnpacking(git, ends.input, this.#parts.unpackLimit ?? standardUnpackLimit)
    if (ends.errors) git.errors.pipe(ends.errors, { end: false })
    const taken = await Promise.all([
      this.#end(git, ends.input, ends.output),
      relayButFlush(git, ends.output).catch(() => cutShort(git)),
    ])
    stopFeeding()
    stopBounding()
    return taken
  }

  /** A push that cannot be settled has landed, and must not look as if all were well: it is told, and may be tried again. */
  async #settle(admission: Admission<'receive-pack'>, push: PushRequest, { output }: Ends): Promise<void> {
    try {
      await this.#keep(admission, push)
    } catch (fault) {
      const trouble = diskTroubleOf(fault)
      const what = trouble === undefined ? 'Something went wrong on the server.' : diskTroubleWords[trouble]
      if (hasSideBand(push)) await write(output, fatalMessage(`${what} Push once more.\n`))
      throw fault
    }
  }

  /** Nobody is told that refs have changed before that is on disk. */
  async #keep(admission: Parameters<AfterPush>[0], push: Parameters<AfterPush>[1]): Promise<void> {
    const directory = this.#parts.repositories.directoryOf(admission.repository)
    const changed = push.updates.map(({ ref }) => ref)
    await syncRefs(directory, changed)
    await this.#parts.settle(admission, push)
  }

  /** Answers the hook where it asks. A fault leaves it without an answer, and so the push declined. */
  async #inspect(git: GitProcess, admission: Admission<'receive-pack'> | Admission<'quarantine'>): Promise<Refusal | undefined> {
    if (git.hook === undefined || !isLanding(admission)) return undefined
    try {
      const repository = this.#parts.repositories.directoryOf(admission.repository)
      const inspection = this.#parts.inspect(admission)
      return await answerHook(git.hook, { inspection, repository, touch: git.touch })
    } catch (fault) {
      if (!git.isStopped) this.#parts.log.error({ err: fault }, 'a push could not be inspected')
      return undefined
    }
  }

  async #tidy({ repository }: Admission): Promise<void> {
    await sweepQuarantines(this.#parts.repositories.directoryOf(repository)).catch((fault: unknown) =>
      this.#parts.log.error({ err: fault }, 'leftovers of pushes could not be removed'),
    )
  }

  /** Starts git when there is a place for it, which is free again when `work` is done. */
  async #run<Result = Ending>(
    admission: Admission,
    run: Run,
    signal: AbortSignal,
    work: (git: GitProcess) => Promise<Result>,
  ): Promise<Result | NotRun> {
    const shares = sharesOf(admission)
    const leave = await this.#places.take(shares, signal)
    if (leave === undefined) return signal.aborted ? abortedBy(signal) : { kind: 'busy' }
    try {
      const standsBack = this.#places.runningFor(shares) > fewAtOnce
      return await work(await this.#start(admission, { ...run, standsBack }, signal))
    } finally {
      leave()
    }
  }

  async #converse(git: GitProcess, ends: Ends): Promise<Ending> {
    const stopFeeding = feed(git, Buffer.alloc(0), ends.input, Number.POSITIVE_INFINITY)
    relay(git, ends.output)
    if (ends.errors) git.errors.pipe(ends.errors, { end: false })
    const ending = await this.#end(git, ends.input, ends.output)
    stopFeeding()
    return ending
  }

  async #start(admission: Admission, run: Run & { standsBack: boolean }, signal: AbortSignal): Promise<GitProcess> {
    const { repositories, maxPush, idleLimit } = this.#parts
    if (!(await repositories.exists(admission.repository))) throw new Error('an admitted repository is not on disk')
    const directory = repositories.directoryOf(admission.repository)
    const { inquiry } = run
    const asked = inquiry === undefined ? {} : { inquiry }
    const invocation = {
      mode: run.mode,
      directory,
      protocol: run.protocol,
      maxPush,
      hook: run.hook,
      output: run.output,
      ...asked,
    }
    const { standsBack } = run
    return startGit(admission, invocation, signal, { idleLimit: idleLimit ?? standardIdleLimit, standsBack })
  }

  async #end(git: GitProcess, input: Readable | undefined, output: Writable): Promise<Ended> {
    const stopWatching = watchClient(git, input, output)
    const ending = await git.ended
    stopWatching()
    return this.#noted(git, ending)
  }

  /** Throws where the disk was at fault. */
  async #notedOfDisk(git: GitProcess, ending: Ended, admission: Admission): Promise<Ended> {
    if (ending.kind === 'exited' && ending.code !== 0) await throwForDisk(git.complaint, this.#directoryOf(admission))
    return this.#noted(git, ending)
  }

  #directoryOf({ repository }: Admission): string {
    return this.#parts.repositories.directoryOf(repository)
  }

  #noted(git: GitProcess, ending: Ended): Ended {
    if (ending.kind === 'exited' && ending.code !== 0) {
      this.#parts.log.warn({ git_exit: ending.code, git_stderr: git.complaint }, 'git failed')
    }
    return ending
  }
}

const isLanding = (admission: Admission<'receive-pack'> | Admission<'quarantine'>): admission is Admission<'receive-pack'> =>
  admission.service === 'receive-pack'

/** The answer broke off: the push must not look complete. */
const cutShort = (git: GitProcess): Buffer => {
  git.stop('the answer broke off')
  return Buffer.alloc(0)
}

/** The end of the answer to a push: the notice, for a push that git took, and the flush that was kept back. */
const closing = (ending: Ended, push: PushRequest, flush: Buffer, notice: string | undefined): Buffer => {
  const told = notice !== undefined && flush.length > 0 && hasSideBand(push)
  const landed = ending.kind === 'exited' && ending.code === 0
  return told && landed ? Buffer.concat([remoteMessage(`\n${notice}\n`), flush]) : flush
}
