import type { Readable } from 'node:stream'
import type { RefUpdate } from '../core/ref-update.ts'

/** The head of a push, read up to and including its flush-pkt (git's `pack-protocol`, "Reference Update Request"). */
export interface PushRequest {
  readonly updates: readonly RefUpdate[]
  readonly capabilities: ReadonlySet<string>
  /** The bytes that were read, to be given to git as they stood. */
  readonly raw: Buffer
}

/** Something that is not the head of a push; the message is safe to show. */
export class MalformedPush extends Error {}

/** Reads the head of a push from the stream and leaves the stream right behind it. Throws `MalformedPush`. */
export const readPush = async (_input: Readable): Promise<PushRequest> => {
  throw new MalformedPush('not written')
}
