import { Readable } from 'node:stream'
import type { HeldRequest } from './held-requests.ts'
import { EndedInside, PacketReader, type ReadPacket } from './packet-reader.ts'

/** A request of a session, up to and including the flush-pkt that ends it. */
export type SessionRequest =
  | { readonly kind: 'whole' }
  /** Longer than is held: what was read, and the rest as it comes. */
  | { readonly kind: 'long'; readonly input: Readable }
  /** The client has said that it wants nothing more, or has left. */
  | { readonly kind: 'end' }

/** Reads the requests of one session of protocol 2, one after another. */
export class SessionRequests {
  readonly #reader: PacketReader

  constructor(input: Readable) {
    this.#reader = new PacketReader(input)
  }

  /**
   * Throws `MalformedPacket` where the client sends what are no packets.
   * @param held takes the bytes of the request
   */
  async next(held: HeldRequest): Promise<SessionRequest> {
    const first = await this.#first()
    if (first === undefined || first.packet.kind === 'flush') return { kind: 'end' }
    held.add(first.raw)
    for await (const { packet, raw } of this.#packets()) {
      if (!held.add(raw) && packet.kind !== 'flush') return { kind: 'long', input: this.#withRest([...held.chunks]) }
    }
    return { kind: 'whole' }
  }

  /** Where the client leaves before a request has begun, it has ended the session. */
  async #first(): Promise<ReadPacket | undefined> {
    try {
      return await this.#reader.next()
    } catch (fault) {
      if (fault instanceof EndedInside) return undefined
      throw fault
    }
  }

  release(): void {
    this.#reader.release()
  }

  /** The packets of one request. Where the client leaves in the middle of it, they end early, and git will say so. */
  async *#packets(): AsyncGenerator<ReadPacket> {
    for (;;) {
      const read = await this.#reader.next()
      if (read === undefined) return
      yield read
      if (read.packet.kind === 'flush') return
    }
  }

  #withRest(held: readonly Buffer[]): Readable {
    const packets = this.#packets()
    const all = async function* (): AsyncGenerator<Buffer> {
      yield* held
      for await (const { raw } of packets) yield raw
    }
    return Readable.from(all(), { objectMode: false })
  }
}
