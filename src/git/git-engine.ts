import { Readable, type Writable } from 'node:stream'
import type { Admission } from '../access/decide.ts'
import type { ProjectId } from '../core/ids.ts'
import { readCommand } from './command-request.ts'
import {
  type AnswerEnds,
  abortedBy,
  type Ending,
  type Ends,
  type GitEngine,
  type RepositoryEngine,
  toldAtOnce,
} from './engine.ts'
import type { FetchCache } from './fetch-cache/fetch-cache.ts'
import { type FetchRequest, KeptFetches } from './kept-fetches.ts'
import { protocolVersion } from './protocol-version.ts'
import { Collected } from './refs/collected.ts'
import { type GitSays, RefAnswers, type ShowsRefs } from './refs/ref-answers.ts'
import { converse } from './session.ts'
import { type AfterPush, type EngineParts, StockGit } from './stock-git.ts'
import { write } from './transfer.ts'

/** The beginning of an advertisement has its capabilities in it. */
const beginning = 65_536

/** How long git may take to say what it can do, in milliseconds. */
const patience = 10_000

type Telling = Pick<AnswerEnds, 'output' | 'begin' | 'tell'>

const done: Ending = { kind: 'exited', code: 0 }

const asking = (git: StockGit): GitSays => ({
  async advertisement(admission, protocol) {
    const output = new Collected(beginning)
    const ending = await git.advertise(admission, protocol, output, AbortSignal.timeout(patience))
    return ending.kind === 'exited' && ending.code === 0 ? output.bytes : undefined
  },
  peels: (admission, ids) => git.peels(admission, ids, AbortSignal.timeout(patience)),
})

export interface GitParts extends EngineParts {
  /** Where answers to fetches are kept; undefined where each is made anew. */
  readonly fetches?: FetchCache
}

/** Answers from memory what can be, and has git do the rest. */
class AnsweringGit implements GitEngine, RepositoryEngine, Queued {
  readonly #git: StockGit
  readonly #refs: RefAnswers
  readonly #fetches: KeptFetches | undefined

  constructor({ fetches, ...parts }: GitParts) {
    const directoryOf = (repository: ProjectId): string => parts.repositories.directoryOf(repository)
    const git = new StockGit(parts)
    this.#git = git
    this.#refs = new RefAnswers(directoryOf, asking(git))
    const { snapshots } = this.#refs
    this.#fetches = fetches && new KeptFetches({ cache: fetches, git, snapshots, directoryOf })
  }

  get waiting(): number {
    return this.#git.waiting
  }

  knownAdvertisement(admission: ShowsRefs, protocol: string | undefined): Promise<Buffer | undefined> {
    return this.#refs.advertisement(admission, protocol)
  }

  async advertise(admission: ShowsRefs, protocol: string | undefined, output: Writable, signal: AbortSignal): Promise<Ending> {
    const known = await this.#refs.advertisement(admission, protocol)
    return known === undefined ? this.#git.advertise(admission, protocol, output, signal) : hand({ output }, known, signal)
  }

  async answerFetch(
    admission: Admission<'upload-pack'>,
    protocol: string | undefined,
    request: Buffer,
    ends: AnswerEnds,
    signal: AbortSignal,
  ): Promise<Ending> {
    const command = protocolVersion(protocol) === 2 ? readCommand(request) : undefined
    const known = command && (await this.#refs.refs(admission, command))
    if (known !== undefined) return hand(ends, known, signal)
    const kept = await this.#answerOnce({ admission, protocol, bytes: request, command }, ends, signal)
    if (kept !== undefined) return kept
    const input = Readable.from([request], { objectMode: false })
    return this.#git.uploadPack(admission, 'stateless', protocol, { input, output: ends.output, errors: ends.errors }, signal)
  }

  /** What is out of the ordinary is not kept. */
  async #answerOnce(request: FetchRequest, ends: AnswerEnds, signal: AbortSignal): Promise<Ending | undefined> {
    const { protocol, command } = request
    const isOrdinary = protocolVersion(protocol) === 2 ? command?.name === 'fetch' : true
    // `deepen-not` may name a ref that is hidden, and so is in no snapshot.
    return isOrdinary && !request.bytes.includes('deepen-not ') ? this.#fetches?.answer(request, ends, signal) : undefined
  }

  async uploadPack(
    admission: Admission<'upload-pack'>,
    mode: 'stateless' | 'session',
    protocol: string | undefined,
    ends: Ends,
    signal: AbortSignal,
  ): Promise<Ending> {
    const isSession = mode === 'session' && protocolVersion(protocol) === 2
    const known = isSession ? await this.#refs.advertisement(admission, protocol) : undefined
    return known === undefined
      ? this.#git.uploadPack(admission, mode, protocol, ends, signal)
      : converse(this, admission, known, ends, signal)
  }

  uploadArchive(...given: Parameters<GitEngine['uploadArchive']>): Promise<Ending> {
    return this.#git.uploadArchive(...given)
  }

  receivePack(...given: Parameters<GitEngine['receivePack']>): Promise<Ending> {
    return this.#git.receivePack(...given)
  }

  ask: RepositoryEngine['ask'] = (...given) => this.#git.ask(...given)

  changeRefs: RepositoryEngine['changeRefs'] = (...given) => this.#git.changeRefs(...given)
}

const hand = async ({ output, begin, tell }: Telling, answer: Buffer, signal: AbortSignal): Promise<Ending> => {
  if (signal.aborted) return abortedBy(signal)
  if (tell !== undefined && answer.length <= toldAtOnce) {
    tell(answer)
    return done
  }
  begin?.(answer.length)
  await write(output, answer, signal)
  return signal.aborted ? abortedBy(signal) : done
}

/** How many requests wait for another process of git to end. */
export interface Queued {
  readonly waiting: number
}

export type { AfterPush }

export const makeGitEngine = (parts: GitParts): GitEngine & RepositoryEngine & Queued => new AnsweringGit(parts)
