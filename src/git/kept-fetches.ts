import { createHash } from 'node:crypto'
import type { Writable } from 'node:stream'
import type { Admission } from '../access/decide.ts'
import type { ProjectId } from '../core/ids.ts'
import type { Command } from './command-request.ts'
import { type AnswerEnds, abortedBy, type Ending } from './engine.ts'
import type { AnswerFile } from './fetch-cache/answer-file.ts'
import type { FetchCache } from './fetch-cache/fetch-cache.ts'
import type { MakingEnd } from './fetch-cache/making.ts'
import type { Served } from './fetch-cache/serving.ts'
import { lengthOfPacks, objectsState } from './objects-state.ts'
import { protocolVersion } from './protocol-version.ts'
import { Collected } from './refs/collected.ts'
import type { RefSnapshots } from './refs/snapshots.ts'
import type { StockGit } from './stock-git.ts'

/** One stateless request for a pack. */
export interface FetchRequest {
  readonly admission: Admission<'upload-pack'>
  readonly protocol: string | undefined
  readonly bytes: Buffer
  /** What was read of it; undefined where it is not by protocol 2. */
  readonly command: Command | undefined
}

/** What git says to its standard error that is worth keeping, in bytes. */
const longestComplaint = 4_096

/**
 * What is asked, in a digest. Who the client is changes nothing of the answer. In protocol 0 and 1 that stands inside of a packet, and
 * stays: bytes that are cut out of the middle could make one request look like another.
 */
const wishOf = ({ protocol, bytes, command }: FetchRequest): string => {
  const version = protocolVersion(protocol)
  const said = command?.capabilities.filter((line) => !line.startsWith('agent='))
  const head = JSON.stringify([version, command?.name, said])
  return createHash('sha256')
    .update(`${head}\n`)
    .update(command?.words ?? bytes)
    .digest('hex')
}

/** Whether a client has nothing yet and wants it all, so that its answer is about as long as the packs are. */
const isForAll = (request: Buffer): boolean => !['have ', 'deepen', 'filter '].some((word) => request.includes(word))

const digestOf = (text: string): string => createHash('sha256').update(text, 'latin1').digest('hex')

interface FetchParts {
  readonly cache: FetchCache
  readonly git: StockGit
  readonly snapshots: RefSnapshots
  readonly directoryOf: (repository: ProjectId) => string
}

/** Answers to fetches that are made once for all who ask the same, while refs and objects stay as they are. */
export class KeptFetches {
  readonly #parts: FetchParts

  constructor(parts: FetchParts) {
    this.#parts = parts
  }

  /** Undefined where git has to answer this client alone; then nothing was sent. */
  async answer(request: FetchRequest, ends: AnswerEnds, signal: AbortSignal): Promise<Ending | undefined> {
    const { repository } = request.admission
    const state = await this.#stateOf(repository)
    if (state === undefined) return undefined
    const errors = new Collected(longestComplaint)
    const make = (file: AnswerFile, stop: AbortSignal): Promise<MakingEnd> => this.#make(request, state, { file, errors }, stop)
    const served = await this.#parts.cache.serve({ repository, state, request: wishOf(request) }, make, {
      output: ends.output,
      signal,
      begin: (length) => {
        if (length !== undefined) ends.begin?.(length)
      },
    })
    if (served.kind !== 'direct' && errors.bytes.length > 0) ends.errors?.write(errors.bytes)
    return endingOf(served, signal)
  }

  async #make(
    { admission, protocol, bytes }: FetchRequest,
    state: string,
    into: { readonly file: AnswerFile; readonly errors: Writable },
    stop: AbortSignal,
  ): Promise<MakingEnd> {
    const { git, directoryOf } = this.#parts
    const length = isForAll(bytes) ? lengthOfPacks(directoryOf(admission.repository)) : 0
    if (!(await into.file.hasRoomFor(length))) return { kind: 'no-room' }
    const ending = await git.answerInto(admission, protocol, bytes, into, stop)
    if (ending.kind !== 'exited' || ending.code !== 0) return { kind: 'failed', ending }
    // Where a push came meanwhile, nobody will ask for this state any more, and git may have seen the next one.
    return { kind: 'whole', keep: (await this.#stateOf(admission.repository)) === state }
  }

  /** All on disk that an answer depends on. */
  async #stateOf(repository: ProjectId): Promise<string | undefined> {
    const { snapshots, directoryOf } = this.#parts
    const snapshot = await snapshots.of(repository)
    return snapshot && digestOf(`${snapshot.state} ${objectsState(directoryOf(repository))}`)
  }
}

const endingOf = (served: Served, signal: AbortSignal): Ending | undefined => {
  switch (served.kind) {
    case 'whole':
      return { kind: 'exited', code: 0 }
    case 'failed':
      return served.ending
    case 'cut':
      return { kind: 'aborted', reason: served.reason }
    case 'aborted':
      return signal.aborted ? abortedBy(signal) : { kind: 'aborted', reason: 'the client went away' }
    case 'direct':
      return undefined
  }
}
