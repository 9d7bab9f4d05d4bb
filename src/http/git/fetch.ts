import { Transform } from 'node:stream'
import { finished } from 'node:stream/promises'
import type { Admission } from '../../access/decide.ts'
import { wasRefused } from '../../access/gate.ts'
import { abortedBy, type Ending } from '../../git/engine.ts'
import { encodePacket, flushPacket } from '../../git/pkt-line.ts'
import { BadBody, boundReading, openFetchBody } from './body.ts'
import { isSuccess, type Outcome } from './outcome.ts'
import { refuse, refuseBody } from './replies.ts'
import { enterToFetch, enterToPush } from './throttle.ts'
import { conclude, fetching, follow, type GitDoorParts, type GitRequest, prepare, pushing } from './transfer.ts'

/** Puts HTTP's own line in front of git's advertisement, and nothing where git writes nothing. */
const withServiceLine = (service: string): Transform => {
  let isFirst = true
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      if (isFirst) this.push(Buffer.concat([encodePacket(`# service=git-${service}\n`), flushPacket]))
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

/** `GET info/refs`: the refs of a repository, for one who may fetch from it or push to it at all. */
export const advertise = async (parts: GitDoorParts, asked: GitRequest): Promise<Outcome> => {
  const { visit, words, knock } = asked
  const { entry, throttled } = await (words.service === 'upload-pack' ? enterToFetch : enterToPush)(parts, asked)
  if (throttled !== undefined) return throttled
  const { decision } = entry
  if (wasRefused(decision)) return refuse(visit, entry, decision, parts.baseUrl())
  prepare(visit.response, words.service, 'advertisement')
  const output = withServiceLine(words.service)
  output.pipe(visit.response, { end: false })
  visit.response.on('close', () => output.destroy())
  const action = words.service === 'upload-pack' ? fetching : pushing
  const ending = await follow(parts, { knock, action, admission: decision }, (signal) =>
    parts.engine.advertise(decision, words.protocol, output, signal),
  )
  if (ending.kind === 'exited') await flushed(output)
  if (!isSuccess(ending) && ending.kind === 'exited' && !visit.response.headersSent) {
    throw new Error(`git could not advertise the refs: it ended with ${ending.code}`)
  }
  return conclude(visit, ending, { entry })
}

/** Reads the wishes and has git answer them, for as long as the signal allows. */
const converse = async (
  { engine, fetchPatience }: GitDoorParts,
  { visit, words }: GitRequest,
  admission: Admission<'upload-pack'>,
  signal: AbortSignal,
): Promise<Ending | BadBody> => {
  boundReading(visit.request, signal, fetchPatience)
  const input = await openFetchBody(visit.request, words.compressed)
  if (signal.aborted) return abortedBy(signal)
  if (input instanceof BadBody) return input
  prepare(visit.response, 'upload-pack', 'result')
  const ends = { input, output: visit.response, errors: undefined }
  const ending = await engine.uploadPack(admission, 'stateless', words.protocol, ends, signal)
  return input.errored instanceof BadBody && !signal.aborted ? input.errored : ending
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
