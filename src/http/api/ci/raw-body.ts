import type { Call } from '../call.ts'
import { ApiError } from '../errors.ts'

export const bodyTooLarge = (message = '413 Request Entity Too Large'): ApiError =>
  new ApiError(413, { message }, { log: { 'meta.refusal_reason': 'entity.too.large' } })

const brokenOff = (): ApiError =>
  new ApiError(400, { message: '400 Bad request' }, { log: { 'meta.refusal_reason': 'client_gone' } })

/**
 * A body in the pieces in which it comes, no faster than they are taken. Throws 413 once it is larger than `most`, in
 * bytes, and 400 where the client went away; the connection stays open for the answer.
 */
export async function* piecesOf(call: Call, most: number): AsyncGenerator<Buffer> {
  if (Number(call.headers['content-length'] ?? 0) > most) throw bodyTooLarge()
  let size = 0
  try {
    for await (const piece of call.takeBody().iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      size += piece.length
      if (size > most) throw bodyTooLarge()
      yield piece
    }
  } catch (fault) {
    throw call.signal.aborted ? brokenOff() : fault
  }
}

/** The whole of a small body. Throws as `piecesOf` does. */
export const readRaw = async (call: Call, most: number): Promise<Buffer> => {
  const pieces: Buffer[] = []
  for await (const piece of piecesOf(call, most)) pieces.push(piece)
  return Buffer.concat(pieces)
}
