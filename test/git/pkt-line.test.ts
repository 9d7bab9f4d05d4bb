import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  encodeBand,
  encodePacket,
  flushPacket,
  MalformedPacket,
  type Packet,
  PacketParser,
  RequestCheck,
} from '../../src/git/pkt-line.ts'

/** Cuts bytes into chunks at the given places. */
const chunked = (bytes: Buffer, cuts: readonly number[]): Buffer[] => {
  const places = [...new Set([0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length])].sort((a, b) => a - b)
  return places.slice(1).map((end, at) => bytes.subarray(places[at], end))
}

const controls = { flush: '0000', delimiter: '0001', 'response-end': '0002' } as const

const encode = (packet: Packet): Buffer =>
  packet.kind === 'data' ? encodePacket(packet.payload) : Buffer.from(controls[packet.kind])

const packets: fc.Arbitrary<Packet> = fc.oneof(
  fc.uint8Array({ maxLength: 300 }).map((bytes) => ({ kind: 'data', payload: Buffer.from(bytes) }) as const),
  fc.constantFrom(...(['flush', 'delimiter', 'response-end'] as const)).map((kind) => ({ kind })),
)

describe('packets', () => {
  test('come back as they were, wherever the bytes are cut', () => {
    fc.assert(
      fc.property(fc.array(packets), fc.array(fc.nat()), (sent, cuts) => {
        const parser = new PacketParser()
        const read = chunked(Buffer.concat(sent.map(encode)), cuts).flatMap((chunk) => parser.push(chunk))
        parser.end()
        expect(read).toEqual(sent)
      }),
    )
  })

  test('any bytes are read or refused, nothing else', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.array(fc.nat()), (bytes, cuts) => {
        const parser = new PacketParser()
        try {
          for (const chunk of chunked(Buffer.from(bytes), cuts)) parser.push(chunk)
          parser.end()
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedPacket)
        }
      }),
    )
  })

  test('of a request are held against the same form, and one that ends an answer is none of a request', () => {
    const readsAll = (reader: { end(): void }, read: () => void): boolean => {
      try {
        read()
        reader.end()
        return true
      } catch (error) {
        expect(error).toBeInstanceOf(MalformedPacket)
        return false
      }
    }
    const some = fc.oneof(
      fc.array(packets).map((sent) => Buffer.concat(sent.map(encode))),
      fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
      fc.array(fc.constantFrom('0', '1', '2', '5', 'a', 'x'), { maxLength: 40 }).map((text) => Buffer.from(text.join(''))),
    )
    fc.assert(
      fc.property(some, fc.array(fc.nat()), (bytes, cuts) => {
        const [parser, check] = [new PacketParser(), new RequestCheck()]
        let endsAnswer = false
        const isParsed = readsAll(parser, () => {
          for (const { kind } of parser.push(bytes)) endsAnswer ||= kind === 'response-end'
        })
        const isTaken = readsAll(check, () => {
          for (const chunk of chunked(bytes, cuts)) check.check(chunk)
        })
        expect(isTaken).toBe(isParsed && !endsAnswer)
      }),
    )
  })

  test.each(['zzzz', '0003', '00g4', ' 004', '-001', 'fff1', 'ffff', '+123'])('the header %j is refused', (header) => {
    expect(() => new PacketParser().push(Buffer.from(header))).toThrow(MalformedPacket)
  })

  test.each(['0', '000', '0005', '0010too short'])('an end after %j is refused', (bytes) => {
    const parser = new PacketParser()
    parser.push(Buffer.from(bytes))
    expect(() => parser.end()).toThrow(MalformedPacket)
  })

  test('the longest packet is 65520 bytes', () => {
    expect(encodePacket(Buffer.alloc(65_516))).toHaveLength(65_520)
    expect(() => encodePacket(Buffer.alloc(65_517))).toThrow(RangeError)
  })

  test('a band splits what does not fit', () => {
    const data = Buffer.alloc(200_000, 'x')
    const parser = new PacketParser()
    const parts = parser.push(encodeBand(2, data)).map((packet) => (packet.kind === 'data' ? packet.payload : flushPacket))
    expect(parts).toHaveLength(4)
    expect(parts.every((part) => part[0] === 2)).toBe(true)
    expect(Buffer.concat(parts.map((part) => part.subarray(1))).equals(data)).toBe(true)
  })
})
