import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import type { HeldRequest } from '../../git/held-requests.ts'
import { MalformedPacket, RequestCheck } from '../../git/pkt-line.ts'

/** A body that git is not given; the message is safe to show. */
export class BadBody extends Error {
  readonly status: 400 | 408 | 413

  constructor(status: 400 | 408 | 413, message: string) {
    super(message)
    this.status = status
  }
}

/** A fetch names its wishes and haves: a million refs take about this much. */
const largestFetch = 64 * 2 ** 20

const ignore = (): void => {}

/**
 * Keeps a stream that breaks when nobody uses it any more, such as after git ended, from ending the whole process.
 * Whoever uses it listens besides.
 */
const harmless = (stream: Readable): Readable => stream.on('error', ignore)

/** The bytes of a body, inflated where they were compressed. A broken connection breaks this stream too. */
const inflated = (request: IncomingMessage, compressed: boolean): Readable => {
  if (!compressed) return request
  const gunzip = createGunzip()
  request.on('close', () => {
    if (!request.readableEnded) gunzip.destroy(new Error('the request broke off'))
  })
  harmless(gunzip)
  return request.pipe(gunzip)
}

const isCorrupt = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' && error.code.startsWith('Z_')

/** Chunks of the body up to a limit of inflated bytes, whatever the ratio. Leaves the connection open for the answer. */
async function* bounded(source: Readable, limit: number): AsyncGenerator<Buffer> {
  let size = 0
  try {
    for await (const chunk of source.iterator({ destroyOnReturn: false })) {
      size += chunk.length
      if (size > limit) throw new BadBody(413, `The body is larger than ${limit} bytes.`)
      yield chunk
    }
  } catch (error) {
    if (error instanceof BadBody) throw error
    throw new BadBody(400, isCorrupt(error) ? 'The body is not valid gzip.' : 'The body broke off.')
  }
}

/** Passes on what is made of whole packets. */
async function* packets(source: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  const check = new RequestCheck()
  try {
    for await (const chunk of source) {
      check.check(chunk)
      yield chunk
    }
    check.end()
  } catch (error) {
    throw error instanceof MalformedPacket ? new BadBody(400, `The body is malformed: ${error.message}.`) : error
  }
}

async function* prepend(first: readonly Buffer[], rest: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  yield* first
  yield* rest
}

const streamOf = (chunks: AsyncGenerator<Buffer>): Readable => harmless(Readable.from(chunks, { objectMode: false }))

/**
 * Breaks a request off when its body is not there in time, or when the signal says that it is not wanted any more.
 * @param patience in milliseconds
 */
export const boundReading = (request: IncomingMessage, signal: AbortSignal, patience: number): void => {
  const cut = () => request.destroy()
  const late = setTimeout(() => request.destroy(new BadBody(408, 'The body took too long.')), patience)
  const done = () => {
    clearTimeout(late)
    signal.removeEventListener('abort', cut)
  }
  if (request.destroyed) done()
  signal.addEventListener('abort', cut, { once: true })
  for (const event of ['end', 'close']) request.once(event, done)
}

/** The body of a fetch, found well-formed as far as it was read. */
export type FetchBody =
  | { readonly kind: 'whole'; readonly held: HeldRequest }
  /** Longer than is held: what was read, and the rest as it comes. It fails with `BadBody` where that is malformed. */
  | { readonly kind: 'long'; readonly input: Readable }

const readFetchBody = async (chunks: AsyncGenerator<Buffer>, held: HeldRequest): Promise<FetchBody> => {
  for (;;) {
    const next = await chunks.next()
    if (next.done) return { kind: 'whole', held }
    if (!held.add(next.value)) return { kind: 'long', input: streamOf(prepend([...held.chunks], chunks)) }
  }
}

/** What is held of it is to be released by the caller in the end, however this went. */
export const openFetchBody = async (
  request: IncomingMessage,
  compressed: boolean,
  held: HeldRequest,
): Promise<FetchBody | BadBody> => {
  const chunks = packets(bounded(inflated(request, compressed), largestFetch))
  try {
    return await readFetchBody(chunks, held)
  } catch (error) {
    if (error instanceof BadBody) return error
    throw error
  }
}

/** The body of a push, not read yet. Git bounds the pack itself; what is compressed is bounded here. */
export const openPushBody = (request: IncomingMessage, compressed: boolean, limit: number): Readable =>
  compressed ? streamOf(bounded(inflated(request, true), limit)) : request

/** Reads a body to its end for nobody, so that the client is ready for an answer. False where the limits ended it. */
export const discard = (body: Readable, limits: { readonly bytes: number; readonly milliseconds?: number }): Promise<boolean> =>
  new Promise((resolve) => {
    let size = 0
    const stop = (whole: boolean) => {
      clearTimeout(timer)
      body.off('data', count)
      if (!whole) body.pause()
      resolve(whole)
    }
    const count = (chunk: Buffer) => {
      size += chunk.length
      if (size > limits.bytes) stop(false)
    }
    const timer = limits.milliseconds === undefined ? undefined : setTimeout(() => stop(false), limits.milliseconds)
    if (body.readableEnded) return stop(true)
    if (body.destroyed) return stop(false)
    body.unpipe()
    body.on('end', () => stop(true))
    body.on('error', () => stop(false))
    body.on('close', () => stop(false))
    body.on('data', count)
    body.resume()
  })
