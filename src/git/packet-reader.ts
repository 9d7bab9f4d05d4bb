import type { Readable } from 'node:stream'
import { MalformedPacket, type Packet, readHeader } from './pkt-line.ts'

/** A packet together with its bytes as they stood. */
export interface ReadPacket {
  readonly packet: Packet
  readonly raw: Buffer
}

/** Waits until the stream may have more to read, or never will. */
const change = (input: Readable): Promise<void> =>
  new Promise((resolve) => {
    const events = ['readable', 'end', 'error', 'close'] as const
    const done = () => {
      for (const event of events) input.off(event, done)
      resolve()
    }
    for (const event of events) input.on(event, done)
  })

/** Exactly `size` bytes, or fewer where the stream ends first. What follows stays in the stream. */
const take = async (input: Readable, size: number): Promise<Buffer> => {
  for (;;) {
    const bytes: unknown = input.read(size)
    if (Buffer.isBuffer(bytes)) return bytes
    if (input.readableEnded || input.destroyed) return Buffer.alloc(0)
    await change(input)
  }
}

/** The next packet; undefined where the stream ends cleanly before it. Throws `MalformedPacket`. */
export const readPacket = async (input: Readable): Promise<ReadPacket | undefined> => {
  const header = await take(input, 4)
  if (header.length === 0) return undefined
  if (header.length < 4) throw new MalformedPacket('the data ended inside a packet')
  const kind = readHeader(header)
  if (typeof kind !== 'number') return { packet: { kind }, raw: header }
  const payload = kind > 4 ? await take(input, kind - 4) : Buffer.alloc(0)
  if (payload.length < kind - 4) throw new MalformedPacket('the data ended inside a packet')
  return { packet: { kind: 'data', payload }, raw: Buffer.concat([header, payload]) }
}
