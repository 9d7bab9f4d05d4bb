import type { Readable } from 'node:stream'
import { PacketReader } from './packet-reader.ts'
import { MalformedPacket } from './pkt-line.ts'
import { MalformedPush, type PushRequest, readPush } from './ref-commands.ts'

/** All options of a push together, in bytes. */
const mostBytes = 2 ** 20

const capability = 'push-options'

/** Git takes a few more spellings of a capability than we do; what it would read, we have to have read. */
const hasOptions = ({ capabilities, updates }: PushRequest): boolean => {
  if (updates.length === 0) return false
  const odd = [...capabilities].some((word) => word.includes(capability) && word !== capability)
  if (odd) throw new MalformedPush(`"${capability}" is a capability without a value`)
  return capabilities.has(capability)
}

const readOptions = async (reader: PacketReader): Promise<Buffer[]> => {
  const raw: Buffer[] = []
  for (let size = 0; ; ) {
    const read = await reader.next()
    if (read === undefined) throw new MalformedPush('the push ended before its options did')
    size += read.raw.length
    if (size > mostBytes) throw new MalformedPush(`the options of the push are larger than ${mostBytes} bytes`)
    raw.push(read.raw)
    if (read.packet.kind === 'flush') return raw
    if (read.packet.kind !== 'data') throw new MalformedPush('the options of a push end with a flush packet')
  }
}

const withOptions = async (input: Readable, push: PushRequest): Promise<PushRequest> => {
  const reader = new PacketReader(input)
  try {
    return { ...push, raw: Buffer.concat([push.raw, ...(await readOptions(reader))]) }
  } catch (error) {
    throw error instanceof MalformedPacket ? new MalformedPush(error.message) : error
  } finally {
    reader.release()
  }
}

/**
 * Reads all of a push that stands before its pack, commands and options, and leaves the stream right behind it. Nothing
 * of ours reads the options; but git would keep them all in memory. Throws `MalformedPush`.
 */
export const readPushHead = async (input: Readable): Promise<PushRequest> => {
  const push = await readPush(input)
  return hasOptions(push) ? withOptions(input, push) : push
}
