import type { Readable } from 'node:stream'
import { MalformedPacket, type Packet, readHeader } from './pkt-line.ts'

/** The stream ended inside a packet. */
export class EndedInside extends MalformedPacket {
  constructor() {
    super('the data ended inside a packet', 'the remote end hung up unexpectedly')
  }
}

/** A packet together with its bytes as they stood. */
export interface ReadPacket {
  readonly packet: Packet
  readonly raw: Buffer
}

const events = ['readable', 'end', 'error', 'close'] as const

/**
 * Takes packets off a stream and never a byte more. It listens once for as long as it reads: a `readable` listener that
 * is added while a part of a packet lies there is called at once, again and again, and nothing else gets its turn.
 */
export class PacketReader {
  readonly #input: Readable
  #wake: () => void = () => {}
  #isReleased = false
  readonly #changed = (): void => this.#wake()

  constructor(input: Readable) {
    this.#input = input
    for (const event of events) input.on(event, this.#changed)
  }

  /** The next packet; undefined where the stream ends cleanly before it. Throws `MalformedPacket`. */
  async next(): Promise<ReadPacket | undefined> {
    const header = await this.#take(4)
    if (header.length === 0) return undefined
    if (header.length < 4) throw new EndedInside()
    const kind = readHeader(header)
    if (typeof kind !== 'number') return { packet: { kind }, raw: header }
    const payload = kind > 4 ? await this.#take(kind - 4) : Buffer.alloc(0)
    if (payload.length < kind - 4) throw new EndedInside()
    return { packet: { kind: 'data', payload }, raw: Buffer.concat([header, payload]) }
  }

  /** Leaves the stream to whoever reads on. Who still waits for a packet is told that there is none. */
  release(): void {
    this.#isReleased = true
    this.#wake()
    for (const event of events) this.#input.off(event, this.#changed)
  }

  /** Exactly `size` bytes, or fewer where the stream ends first. */
  async #take(size: number): Promise<Buffer> {
    for (;;) {
      const bytes: unknown = this.#input.read(size)
      if (Buffer.isBuffer(bytes)) return bytes
      if (this.#input.readableEnded) return Buffer.alloc(0)
      if (this.#input.destroyed || this.#isReleased) throw new MalformedPacket('the data broke off')
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }
}
