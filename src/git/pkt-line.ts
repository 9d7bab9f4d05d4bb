/** The longest packet, its four digits included (git's `protocol-common`, "pkt-line Format"). */
const longestPacket = 65_520
const headerLength = 4
/** Bytes that a packet holds at most. */
export const longestContent: number = longestPacket - headerLength
const longestBandData = longestContent - 1

export const flushPacket: Buffer = Buffer.from('0000')

/** Bytes that are not packets; the message is safe to show. */
export class MalformedPacket extends Error {
  /** What git says of the same (`get_packet_data` and `packet_read_with_status` of its `pkt-line.c`). */
  readonly gitWords: string

  constructor(message: string, gitWords: string = message) {
    super(message)
    this.gitWords = gitWords
  }
}

export type Packet =
  | { readonly kind: 'data'; readonly payload: Buffer }
  | { readonly kind: 'flush' }
  | { readonly kind: 'delimiter' }
  | { readonly kind: 'response-end' }

type Control = Exclude<Packet['kind'], 'data'>

const controls: readonly (Control | undefined)[] = ['flush', 'delimiter', 'response-end', undefined]

/** What the four digits announce: the length of the whole packet in bytes, or a packet without content. */
export const readHeader = (header: Buffer): number | Control => {
  const digits = header.toString('latin1')
  if (!/^[0-9a-fA-F]{4}$/.test(digits)) {
    throw new MalformedPacket(
      'a packet does not begin with four hexadecimal digits',
      `protocol error: bad line length character: ${digits}`,
    )
  }
  const length = Number.parseInt(digits, 16)
  if (length > longestPacket) {
    throw new MalformedPacket(
      `a packet is longer than ${longestPacket} bytes`,
      `protocol error: bad line length ${length - headerLength}`,
    )
  }
  if (length >= headerLength) return length
  const control = controls[length]
  if (control === undefined) throw new MalformedPacket('a packet of length 3 does not exist', 'protocol error: bad line length 3')
  return control
}

export const encodePacket = (payload: Buffer | string): Buffer => {
  const bytes = typeof payload === 'string' ? Buffer.from(payload) : payload
  const length = bytes.length + headerLength
  if (length > longestPacket) throw new RangeError(`a packet holds at most ${longestContent} bytes`)
  return Buffer.concat([Buffer.from(length.toString(16).padStart(4, '0')), bytes])
}

/** Side-band 1 carries data, 2 what git shows as `remote:`, 3 a fatal error. Long data becomes several packets. */
export const encodeBand = (band: 1 | 2 | 3, data: Buffer): Buffer => {
  const packets: Buffer[] = []
  for (let at = 0; at < data.length; at += longestBandData) {
    packets.push(encodePacket(Buffer.concat([Buffer.from([band]), data.subarray(at, at + longestBandData)])))
  }
  return Buffer.concat(packets)
}

const isWhole = (kind: number | Control): kind is number => typeof kind === 'number'

/** The value of each byte as a hexadecimal digit; what is none has one that no length can have. */
const digitValues: readonly number[] = Array.from({ length: 256 }, (_, byte) => {
  const digit = String.fromCharCode(byte)
  return /^[0-9a-fA-F]$/.test(digit) ? Number.parseInt(digit, 16) : 2 ** 20
})

const digitAt = (bytes: Buffer, at: number): number => digitValues[bytes[at] ?? 0] ?? 2 ** 20

/** What four digits announce, as a number alone: where it is none that a packet has, `readHeader` says why. */
const announcedAt = (bytes: Buffer, at: number): number =>
  digitAt(bytes, at) * 4_096 + digitAt(bytes, at + 1) * 256 + digitAt(bytes, at + 2) * 16 + digitAt(bytes, at + 3)

/** More than this, there is no request: one of a million wishes has fewer. Packets of no bytes would be work for nothing. */
const mostPackets = 1_500_000

/** The chunks of a request, held against the form of packets and then forgotten: it keeps four bytes at most. */
export class RequestCheck {
  readonly #header = Buffer.alloc(headerLength)
  /** Bytes of the header that have come, and bytes of the content that have not. */
  #read = 0
  #left = 0
  #packets = 0

  /** Throws `MalformedPacket`. */
  check(chunk: Buffer): void {
    for (let at = this.#nextOddity(chunk, 0); at < chunk.length; at = this.#nextOddity(chunk, at)) {
      const length = Math.min(this.#left > 0 ? this.#left : headerLength - this.#read, chunk.length - at)
      if (this.#left > 0) this.#left -= length
      else this.#readHeader(chunk.subarray(at, at + length))
      at += length
    }
  }

  /** Goes past packets that lie in the chunk whole, which nearly all do: a request may hold a million. Returns how far. */
  #nextOddity(chunk: Buffer, from: number): number {
    let at = from
    while (this.#left === 0 && this.#read === 0 && at + headerLength <= chunk.length) {
      const announced = announcedAt(chunk, at)
      // A flush or a delimiter is its four digits alone.
      const length = announced < 2 ? headerLength : announced
      if (length < headerLength || length > longestPacket || at + length > chunk.length) break
      this.#countPacket()
      at += length
    }
    return at
  }

  #countPacket(): void {
    this.#packets += 1
    if (this.#packets > mostPackets) throw new MalformedPacket(`a request holds at most ${mostPackets} packets`)
  }

  /** Throws `MalformedPacket` where the bytes ended inside a packet. */
  end(): void {
    if (this.#read > 0 || this.#left > 0) throw new MalformedPacket('the data ended inside a packet')
  }

  #readHeader(bytes: Buffer): void {
    bytes.copy(this.#header, this.#read)
    this.#read = (this.#read + bytes.length) % headerLength
    if (this.#read > 0) return
    this.#countPacket()
    const kind = readHeader(this.#header)
    // It ends an answer and no question; git calls it a fault of its own (`BUG: unexpected response end packet`).
    if (kind === 'response-end') throw new MalformedPacket('the end of an answer has no place in a request')
    if (isWhole(kind)) this.#left = kind - headerLength
  }
}

/** Packets out of chunks that are cut anywhere. It keeps at most one unfinished packet. */
export class PacketParser {
  #pending: Buffer = Buffer.alloc(0)

  /** The packets that this chunk completes. Throws `MalformedPacket`. */
  push(chunk: Buffer): Packet[] {
    const packets: Packet[] = []
    let rest = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk])
    while (rest.length >= headerLength) {
      const header = readHeader(rest.subarray(0, headerLength))
      const length = isWhole(header) ? header : headerLength
      if (rest.length < length) break
      packets.push(isWhole(header) ? { kind: 'data', payload: rest.subarray(headerLength, length) } : { kind: header })
      rest = rest.subarray(length)
    }
    this.#pending = rest
    return packets
  }

  /** Throws `MalformedPacket` where the bytes ended inside a packet. */
  end(): void {
    if (this.#pending.length > 0) throw new MalformedPacket('the data ended inside a packet')
  }
}
