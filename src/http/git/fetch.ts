import { Transform } from 'node:stream'
import { finished } from 'node:stream/promises'
import type { Admission } from '../../access/decide.ts'
import { type Entry, wasRefused } from '../../access/gate.ts'
import { encodePacket, flushPacket } from '../../git/pkt-line.ts'
import { BadBody, openFetchBody } from './body.ts'
import { isSuccess, type Outcome } from './outcome.ts'
import { refuse, refuseBody } from './replies.ts'
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

type Advertised = Admission<'upload-pack'> | Admission<'advertise-push'>

const ask = ({ gate }: GitDoorParts, { words, knock }: GitRequest): Promise<Entry<Advertised>> =>
  words.service === 'upload-pack' ? gate.pull(knock, 'upload-pack') : gate.advertisePush(knock)

/** `GET info/refs`: the refs of a repository, for one who may fetch from it or push to it at all. */
export const advertise = async (parts: GitDoorParts, asked: GitRequest): Promise<Outcome> => {
  const { visit, words, knock } = asked
  const entry = await ask(parts, asked)
  const { decision } = entry
  if (wasRefused(decision)) return refuse(visit, entry, decision, parts.baseUrl())
  prepare(visit.response, words.service, 'advertisement')
  const output = withServiceLine(words.service)
  output.pipe(visit.response, { end: false })
  visit.response.on('close', () => output.destroy())
  const action = words.service === 'upload-pack' ? fetching : pushing
  const ending = await follow(parts, knock, action, (signal) => parts.engine.advertise(decision, words.protocol, output, signal))
  if (ending.kind === 'exited') await flushed(output)
  if (!isSuccess(ending) && ending.kind === 'exited' && !visit.response.headersSent) {
    throw new Error(`git could not advertise the refs: it ended with ${ending.code}`)
  }
  return conclude(visit, ending, { entry })
}

/** `POST git-upload-pack`. The credential is judged again; nothing is taken over from `info/refs`. */
export const fetch = async (parts: GitDoorParts, { visit, words, knock }: GitRequest): Promise<Outcome> => {
  const { request, response, expectsContinue } = visit
  const entry = await parts.gate.pull(knock, 'upload-pack')
  const { decision } = entry
  if (wasRefused(decision)) return refuse(visit, entry, decision, parts.baseUrl())
  if (expectsContinue) response.writeContinue()
  const input = await openFetchBody(request, words.compressed)
  if (input instanceof BadBody) return refuseBody(visit, input, entry)
  prepare(response, 'upload-pack', 'result')
  const ends = { input, output: response, errors: undefined }
  const ending = await follow(parts, knock, fetching, (signal) =>
    parts.engine.uploadPack(decision, 'stateless', words.protocol, ends, signal),
  )
  return input.errored instanceof BadBody ? refuseBody(visit, input.errored, entry) : conclude(visit, ending, { entry })
}
