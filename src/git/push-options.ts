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

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Git takes any bytes for an option; those that are no text are nothing to us. */
const textOf = (payload: Buffer): string[] => {
  try {
    return [decoder.decode(payload).replace(/\n$/, '')]
  } catch {
    return []
  }
}

interface ReadOptions {
  readonly raw: Buffer[]
  readonly options: string[]
}

const readOptions = async (reader: PacketReader): Promise<ReadOptions> => {
  const raw: Buffer[] = []
  const options: string[] = []
  for (let size = 0; ; ) {
    const read = await reader.next()
    if (read === undefined) throw new MalformedPush('the push ended before its options did')
    size += read.raw.length
    if (size > mostBytes) throw new MalformedPush(`the options of the push are larger than ${mostBytes} bytes`)
    raw.push(read.raw)
    if (read.packet.kind === 'flush') return { raw, options }
    if (read.packet.kind !== 'data') throw new MalformedPush('the options of a push end with a flush packet')
    options.push(...textOf(read.packet.payload))
  }
}

const withOptions = async (input: Readable, push: PushRequest): Promise<PushRequest> => {
  const reader = new PacketReader(input)
  try {
    const { raw, options } = await readOptions(reader)
    return { ...push, options, raw: Buffer.concat([push.raw, ...raw]) }
  } catch (error) {
    throw error instanceof MalformedPacket ? new MalformedPush(error.message) : error
  } finally {
    reader.release()
  }
}

/**
 * Reads all of a push that stands before its pack, commands and options, and leaves the stream right behind it. Git
 * would keep all of its options in memory, so they are bounded here. Throws `MalformedPush`.
 */
export const readPushHead = async (input: Readable): Promise<PushRequest> => {
  const push = await readPush(input)
  return hasOptions(push) ? withOptions(input, push) : push
}
