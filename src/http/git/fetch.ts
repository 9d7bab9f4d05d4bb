import { Transform } from 'node:stream'
import { finished } from 'node:stream/promises'
import type { Admission } from '../../access/decide.ts'
import { wasRefused } from '../../access/gate.ts'
import { abortedBy, type Ending, toldAtOnce } from '../../git/engine.ts'
import { HeldRequest } from '../../git/held-requests.ts'
import { encodePacket, flushPacket } from '../../git/pkt-line.ts'
import { BadBody, boundReading, type FetchBody, openFetchBody } from './body.ts'
import { isSuccess, type Outcome } from './outcome.ts'
import { refuse, refuseBody } from './replies.ts'
import { enterToFetch, enterToPush } from './throttle.ts'
import { conclude, fetching, follow, type GitDoorParts, type GitRequest, prepare, pushing } from './transfer.ts'

/** HTTP's own line in front of an advertisement. */
const serviceLine = (service: string): Buffer => Buffer.concat([encodePacket(`# service=git-${service}\n`), flushPacket])

/** Puts it in front of what git writes, and nowhere where git writes nothing. */
const withServiceLine = (service: string): Transform => {
  let isFirst = true
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      if (isFirst) this.push(serviceLine(service))
      isFirst = false
      done(null, chunk)
    },
  })
}

/** Ends a stream in front of the answer and waits until all of it was handed on, or nobody is there to take it. */
const flushed = async (stream: Transform): Promise<void> => {
  stream.end()
  await finished(stream).catch(() => {})
}

/** Advertises for as long as the admission stands. */
const haveAdvertised = async (
  parts: GitDoorParts,
  { visit, words, knock }: GitRequest,
  admission: Admission<'upload-pack'> | Admission<'advertise-push'>,
): Promise<Ending> => {
  const output = withServiceLine(words.service)
  output.pipe(visit.response, { end: false })
  visit.response.on('close', () => output.destroy())
  const action = words.service === 'upload-pack' ? fetching : pushing
  const ending = await follow(parts, { knock, action, admission }, (signal) =>
    parts.engine.advertise(admission, words.protocol, output, signal),
  )
  if (ending.kind === 'exited') await flushed(output)
  if (!isSuccess(ending) && ending.kind === 'exited' && !visit.response.headersSent) {
    throw new Error(`git could not advertise the refs: it ended with ${ending.code}`)
  }
  return ending
}

/** `GET info/refs`: the refs of a repository, for one who may fetch from it or push to it at all. */
export const advertise = async (parts: GitDoorParts, asked: GitRequest): Promise<Outcome> => {
  const { visit, words } = asked
  const { entry, throttled } = await (words.service === 'upload-pack' ? enterToFetch : enterToPush)(parts, asked)
  if (throttled !== undefined) return throttled
  const { decision } = entry
  if (wasRefused(decision)) return refuse(visit, entry, decision, parts.baseUrl())
  prepare(visit.response, words.service, 'advertisement')
  const known = await parts.engine.knownAdvertisement(decision, words.protocol)
  if (known === undefined || known.length > toldAtOnce)
    return conclude(visit, await haveAdvertised(parts, asked, decision), { entry })
  const line = serviceLine(words.service)
  visit.response.setHeader('Content-Length', line.length + known.length)
  // Node hands both to the system at once.
  visit.response.write(line)
  visit.response.end(known)
  return { status: 200, entry }
}

/** Answers a body that was read whole, or has git answer one that is still coming. */
const answerBody = async (
  { engine }: GitDoorParts,
  { visit, words }: GitRequest,
  admission: Admission<'upload-pack'>,
  body: FetchBody,
  signal: AbortSignal,
): Promise<Ending | BadBody> => {
  const { response } = visit
  prepare(response, 'upload-pack', 'result')
  if (body.kind === 'whole') {
    const begin = (size: number): void => void response.setHeader('Content-Length', size)
    const tell = (answer: Buffer): void => {
      begin(answer.length)
      response.end(answer)
    }
    const ends = { output: response, errors: undefined, begin, tell }
    return engine.answerFetch(admission, words.protocol, body.held.bytes, ends, signal)
  }
  const ends = { input: body.input, output: response, errors: undefined }
  const ending = await engine.uploadPack(admission, 'stateless', words.protocol, ends, signal)
  return body.input.errored instanceof BadBody && !signal.aborted ? body.input.errored : ending
}

/** Reads the wishes and has them answered, for as long as the signal allows. */
const converse = async (
  parts: GitDoorParts,
  asked: GitRequest,
  admission: Admission<'upload-pack'>,
  signal: AbortSignal,
): Promise<Ending | BadBody> => {
  const { request } = asked.visit
  boundReading(request, signal, parts.fetchPatience)
  const held = new HeldRequest()
  try {
    const body = await openFetchBody(request, asked.words.compressed, held)
    if (signal.aborted) return abortedBy(signal)
    return body instanceof BadBody ? body : await answerBody(parts, asked, admission, body, signal)
  } finally {
    held.release()
  }
}

/**
 * `POST git-upload-pack`. The credential is judged again; nothing is taken over from `info/refs`. It is followed from
 * then on, since a client may take its time to send its wishes.
 */
export const fetch = async (parts: GitDoorParts, asked: GitRequest): Promise<Outcome> => {
  const { visit, knock } = asked
  const { entry, throttled } = await enterToFetch(parts, asked)
  if (throttled !== undefined) return throttled
  const { decision } = entry
  if (wasRefused(decision)) return refuse(visit, entry, decision, parts.baseUrl())
  if (visit.expectsContinue) visit.response.writeContinue()
  const ending = await follow(parts, { knock, action: fetching, admission: decision }, (signal) =>
    converse(parts, asked, decision, signal),
  )
  return ending instanceof BadBody ? refuseBody(visit, ending, entry) : conclude(visit, ending, { entry })
}
