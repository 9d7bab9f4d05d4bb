import { createHash } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import { bytesOf } from '../../../git/answer.ts'
import { write } from '../../../git/transfer.ts'
import type { Answer } from '../answer.ts'
import { ApiError } from '../errors.ts'
import { type Code, unlimited } from './code.ts'

/** The largest file that is sent inside JSON, in bytes; larger ones come raw. GitLab counts these requests from there on. */
const mostInJson = 10 * 2 ** 20

/** How many bytes tell text from other things, as in git (`buffer_is_binary`). */
const telling = 8_000

const tooLarge = (size: number): ApiError => {
  const message = `The file holds ${size} bytes, more than ${mostInJson} that are sent in JSON. Ask for it raw.`
  return new ApiError(413, { message }, { log: { 'meta.refusal_reason': 'blob_too_large' } })
}

/** The content of a blob, to be sent inside JSON. Throws 413. */
export const readBlob = (code: Code, id: string, size: number): Promise<Buffer> => {
  if (size > mostInJson) throw tooLarge(size)
  return code.ask({ kind: 'blob', id }, (output) => bytesOf(output, mostInJson))
}

export const hashBlob = (code: Code, id: string): Promise<string> =>
  code.ask({ kind: 'blob', id }, async (output) => {
    const hash = createHash('sha256')
    for await (const chunk of output) hash.update(chunk)
    return hash.digest('hex')
  })

/** No kind of page: what a browser would run is text to it. */
const typeOf = (beginning: Buffer): string =>
  beginning.subarray(0, telling).includes(0) ? 'application/octet-stream' : 'text/plain; charset=utf-8'

const copy = async (response: ServerResponse, output: AsyncIterable<Buffer>): Promise<void> => {
  for await (const chunk of output) {
    if (!response.headersSent) response.setHeader('Content-Type', typeOf(chunk))
    if (response.destroyed) return
    await write(response, chunk)
  }
}

/** The blob as it is, written as it comes. Headers are GitLab's. */
export const sendBlob = (
  code: Code,
  blob: { readonly id: string; readonly size: number },
  headers: Answer['headers'],
): Answer => ({
  status: 200,
  headers: {
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Length': String(blob.size),
    'Content-Disposition': 'inline',
    'Cache-Control': 'max-age=0, private, must-revalidate, no-store, no-cache',
    ...headers,
  },
  stream: (response) => code.ask({ kind: 'blob', id: blob.id }, (output) => copy(response, output), unlimited),
})
