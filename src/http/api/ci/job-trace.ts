import type { FileHandle } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import { z } from 'zod'
import { write } from '../../../git/transfer.ts'
import { masksOf } from '../../../store/ci/masks.ts'
import { type Patched, patchTrace } from '../../../store/ci/trace.ts'
import { LogMask } from '../../../tokens/log-mask.ts'
import type { Answer } from '../answer.ts'
import { type Call, type Route, route } from '../call.ts'
import { messageEntity } from '../entity-words.ts'
import { ApiError } from '../errors.ts'
import { optional, text } from '../input.ts'
import { heardOf, jobIsOver, requireJob } from './job-caller.ts'
import { readRaw } from './raw-body.ts'
import { namedJob, reachJobs } from './reach-jobs.ts'
import { tokenField } from './runner-caller.ts'

/** A runner sends a MiB at most at once; with some room. */
const largestPatch = 2 * 2 ** 20

/** Seconds that a runner shall wait before its next piece. */
const patchEvery = '3'

const patchInput = z.object({ token: tokenField, debug_trace: optional(text()) })

const noRange = (): ApiError => new ApiError(400, { message: '400 Missing header Content-Range' })

/** The beginning alone counts: runners do not agree on what the end means. Throws 400. */
const startOf = (call: Call): number => {
  const [, start] = /^(?:bytes )?(\d{1,12})-/.exec(String(call.headers['content-range'] ?? '')) ?? []
  if (start === undefined) throw noRange()
  return Number(start)
}

const misplaced = (size: number): ApiError =>
  new ApiError(
    416,
    { message: '416 Range Not Satisfiable' },
    { headers: { Range: `0-${size}` }, log: { 'meta.refusal_reason': 'range_not_satisfiable' } },
  )

const answerOf = (patched: Patched, status: string): Answer => {
  if (patched.kind === 'over') throw jobIsOver({ status: 'failed' })
  if (patched.kind === 'misplaced') throw misplaced(patched.size)
  return {
    status: 202,
    headers: {
      'Job-Status': status,
      Range: `0-${patched.size}`,
      'X-GitLab-Trace-Update-Interval': patchEvery,
    },
    body: { message: '202 Accepted' },
  }
}

const patch = async (call: Call): Promise<Answer> => {
  const { job, token } = await requireJob(call, call.read(patchInput).token)
  const start = startOf(call)
  const bytes = await readRaw(call, largestPatch)
  await heardOf(call, job)
  const mask = new LogMask([token, ...masksOf(call.parts.sealer, job)])
  const { store, jobs } = call.parts
  return answerOf(await patchTrace(store, jobs.files, job, { start, bytes }, mask, call.parts.clock()), job.status)
}

const pieceSize = 65_536

/** Up to what is there now: a log that grows is asked for again. */
const copy = async (file: FileHandle, from: number, to: number, response: ServerResponse): Promise<void> => {
  for (let at = from; at < to && !response.destroyed; ) {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(pieceSize), 0, Math.min(pieceSize, to - at), at)
    if (bytesRead === 0) return
    at += bytesRead
    await write(response, buffer.subarray(0, bytesRead))
  }
}

const plain = { 'Content-Type': 'text/plain; charset=utf-8' }

/** `Range: bytes=N-`: what a reader does not have yet. Any other range is as if none were asked for. */
const askedFrom = (call: Call): number | undefined => {
  const [, from] = /^bytes=(\d{1,12})-$/.exec(call.headers.range ?? '') ?? []
  return from === undefined ? undefined : Number(from)
}

const beyond = (size: number): ApiError =>
  new ApiError(416, { message: '416 Range Not Satisfiable' }, { headers: { 'Content-Range': `bytes */${size}` } })

const headersFor = (from: number | undefined, size: number): Record<string, string> => ({
  ...plain,
  'Accept-Ranges': 'bytes',
  'Content-Length': String(size - (from ?? 0)),
  ...(from !== undefined && { 'Content-Range': `bytes ${from}-${size - 1}/${size}` }),
})

const send = async (file: FileHandle, from: number | undefined): Promise<Answer> => {
  const { size } = await file.stat()
  if (from !== undefined && from >= size) throw beyond(size)
  return {
    status: from === undefined ? 200 : 206,
    headers: headersFor(from, size),
    stream: (response) => copy(file, from ?? 0, size, response).finally(() => file.close()),
  }
}

const show = async (call: Call): Promise<Answer> => {
  const { project } = await reachJobs(call)
  const job = await namedJob(call, project)
  const file = await call.parts.jobs.files.readTrace(job.id)
  if (file === undefined) return { status: 200, body: '', headers: plain }
  try {
    const answer = await send(file, askedFrom(call))
    // Nobody will read it then.
    if (call.method === 'HEAD') await file.close()
    return answer
  } catch (fault) {
    await file.close()
    throw fault
  }
}

/** Logs of jobs: as a runner writes them (gitlab `lib/api/ci/runner.rb`), and as people read them (`lib/api/ci/jobs.rb`). */
export const jobTraceRoutes: readonly Route[] = [
  route('PATCH', '/jobs/:id/trace', {
    forRunners: true,
    raw: true,
    input: [patchInput],
    output: messageEntity,
    status: 202,
    handler: patch,
  }),
  route('GET', '/projects/:id/jobs/:job_id/trace', { output: z.string(), media: 'text/plain', handler: show }),
]
