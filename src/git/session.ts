import type { Admission } from '../access/decide.ts'
import { abortedBy, type Ending, type Ends, type GitEngine } from './engine.ts'
import { HeldRequest } from './held-requests.ts'
import { MalformedPacket } from './pkt-line.ts'
import { type SessionRequest, SessionRequests } from './session-requests.ts'
import { write } from './transfer.ts'

type Answers = Pick<GitEngine, 'answerFetch' | 'uploadPack'>

/** How git ends where it was sent what it does not understand (`die` of git's `usage.c`). */
const died: Ending = { kind: 'exited', code: 128 }

const over: Ending = { kind: 'exited', code: 0 }

const wish = 'version=2'

interface Session {
  readonly admission: Admission<'upload-pack'>
  readonly requests: SessionRequests
  readonly ends: Ends
  readonly signal: AbortSignal
}

const answer = (
  engine: Answers,
  { admission, ends, signal }: Session,
  request: Exclude<SessionRequest, { kind: 'end' }>,
  held: HeldRequest,
): Promise<Ending> =>
  request.kind === 'whole'
    ? engine.answerFetch(admission, wish, held.bytes, ends, signal)
    : engine.uploadPack(admission, 'stateless', wish, { ...ends, input: request.input }, signal)

/** Undefined where the session goes on. */
const answerNext = async (engine: Answers, session: Session): Promise<Ending | undefined> => {
  const held = new HeldRequest()
  try {
    const request = await session.requests.next(held)
    if (session.signal.aborted) return abortedBy(session.signal)
    if (request.kind === 'end') return over
    const ending = await answer(engine, session, request, held)
    return ending.kind === 'exited' && ending.code === 0 ? undefined : ending
  } finally {
    held.release()
  }
}

const answerAll = async (engine: Answers, session: Session): Promise<Ending> => {
  for (;;) {
    const ending = await answerNext(engine, session)
    if (ending !== undefined) return ending
  }
}

/** Where the input stands still, an abort must end the waiting for it. */
const whenAborted = (signal: AbortSignal): { readonly ending: Promise<Ending>; forget(): void } => {
  const { promise, resolve } = Promise.withResolvers<Ending>()
  const tell = (): void => resolve(abortedBy(signal))
  signal.addEventListener('abort', tell, { once: true })
  if (signal.aborted) tell()
  return { ending: promise, forget: () => signal.removeEventListener('abort', tell) }
}

/**
 * A session of protocol 2. Each of its requests stands for itself (git's `protocol-v2`: "stateless by default"), so that
 * each is answered as one over HTTP is.
 */
export const converse = async (
  engine: Answers,
  admission: Admission<'upload-pack'>,
  advertisement: Buffer,
  ends: Ends,
  signal: AbortSignal,
): Promise<Ending> => {
  await write(ends.output, advertisement)
  const requests = new SessionRequests(ends.input)
  const aborted = whenAborted(signal)
  try {
    return await Promise.race([answerAll(engine, { admission, requests, ends, signal }), aborted.ending])
  } catch (fault) {
    if (!(fault instanceof MalformedPacket)) throw fault
    if (signal.aborted) return abortedBy(signal)
    ends.errors?.write(`fatal: ${fault.gitWords}\n`)
    return died
  } finally {
    aborted.forget()
    requests.release()
  }
}
