import type { Readable, Writable } from 'node:stream'
import type { Admission } from '../access/decide.ts'
import type { Refusal } from '../core/refusal.ts'
import type { Inquiry } from './inquiry.ts'
import type { NewTag } from './ref-changes.ts'
import type { PushRequest } from './ref-commands.ts'

/** The two ends of a git session, whatever door they belong to. */
export interface Ends {
  readonly input: Readable
  readonly output: Writable
  /** Where git's own standard error goes (SSH); over HTTP it is logged and not sent. */
  readonly errors: Writable | undefined
}

/**
 * How a session of git ended: its exit code, with what an obligation of its push declined; or why it was cut off; or
 * that it never began, since too many run already.
 */
export type Ending =
  | { readonly kind: 'exited'; readonly code: number; readonly declined?: Refusal }
  | { readonly kind: 'aborted'; readonly reason: string }
  | { readonly kind: 'busy' }

/** What both doors say where a session is not begun. */
export const serverIsBusy = 'The server is busy. Try again in a few seconds.'

/** The ending of a session that a signal cut off. */
export const abortedBy = ({ reason }: AbortSignal): Extract<Ending, { kind: 'aborted' }> => ({
  kind: 'aborted',
  reason: reason instanceof Error ? reason.message : 'the request was aborted',
})

/** Sessions of git with a client. Every call takes the admission for exactly that; none returns before the child is gone. */
export interface SessionEngine {
  /**
   * The ref advertisement, without HTTP's `# service` line.
   * @param protocol the client's `Git-Protocol` header or `GIT_PROTOCOL` (`version=2`), already checked for form
   */
  advertise(
    admission: Admission<'upload-pack'> | Admission<'advertise-push'>,
    protocol: string | undefined,
    output: Writable,
    signal: AbortSignal,
  ): Promise<Ending>

  /** One stateless request that is still coming (HTTP), or a whole session from the advertisement on (SSH). */
  uploadPack(
    admission: Admission<'upload-pack'>,
    mode: 'stateless' | 'session',
    protocol: string | undefined,
    ends: Ends,
    signal: AbortSignal,
  ): Promise<Ending>

  uploadArchive(admission: Admission<'upload-archive'>, ends: Ends, signal: AbortSignal): Promise<Ending>

  /**
   * Takes a push whose commands were read and admitted. `ends.input` continues right behind the commands.
   * @param notice lines for a person, sent as `remote:` after the push landed (a project that has moved)
   */
  receivePack(
    admission: Admission<'receive-pack'> | Admission<'quarantine'>,
    push: PushRequest,
    ends: Ends,
    signal: AbortSignal,
    notice: string | undefined,
  ): Promise<Ending>
}

/** Where the answer to a fetch goes. */
export interface AnswerEnds {
  readonly output: Writable
  readonly errors: Writable | undefined
  /** Told before the first byte how many there will be, where that is known. */
  readonly begin?: (size: number) => void
  /** Takes a short answer whole, instead of `output`. */
  readonly tell?: (answer: Buffer) => void
}

/** An answer of this size is gone before a revocation could matter; a longer one is followed. In bytes. */
export const toldAtOnce = 256 * 2 ** 10

/** What the doors ask. Answers from memory where it can; else git is started. */
export interface GitEngine extends SessionEngine {
  /** The ref advertisement, from memory; undefined where git has to be started for it. */
  knownAdvertisement(
    admission: Admission<'upload-pack'> | Admission<'advertise-push'>,
    protocol: string | undefined,
  ): Promise<Buffer | undefined>

  /**
   * One stateless request that was read whole. Questions about refs are answered from memory, and packs by one run of git
   * for all who ask the same at the same time.
   */
  answerFetch(
    admission: Admission<'upload-pack'>,
    protocol: string | undefined,
    request: Buffer,
    ends: AnswerEnds,
    signal: AbortSignal,
  ): Promise<Ending>
}

/** How a question ended: with what was made of git's answer, or as any session may end. */
export type Answered<Result> =
  | { readonly kind: 'answered'; readonly result: Result }
  | { readonly kind: 'failed'; readonly code: number; readonly complaint: string }
  | Exclude<Ending, { kind: 'exited' }>

/** What the API asks of git. Places and shares are the same as for sessions. */
export interface RepositoryEngine {
  /**
   * Asks one question. `read` is given git's output, and may stop before its end: then git is ended, and what was read
   * counts. Where git failed, it does not.
   */
  ask<Result>(
    admission: Admission<'inspect'>,
    inquiry: Inquiry,
    read: (output: AsyncIterable<Buffer>) => Promise<Result>,
    signal: AbortSignal,
  ): Promise<Answered<Result>>

  /** Makes the changes that were admitted, all or none; `tag` is the object that one of them wants to name. Durable. */
  changeRefs(admission: Admission<'change-refs'>, tag: NewTag | undefined, signal: AbortSignal): Promise<Ending>
}
