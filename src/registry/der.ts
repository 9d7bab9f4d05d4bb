/** The little of DER (ITU-T X.690) that a certificate is written in. */

const lengthOf = (size: number): Buffer => {
  if (size < 0x80) return Buffer.from([size])
  const bytes = size < 0x100 ? [size] : [size >> 8, size & 0xff]
  return Buffer.from([0x80 | bytes.length, ...bytes])
}

/** One value with its tag; of fewer than 65,536 bytes, as everything in a certificate of ours is. */
const tagged = (tag: number, content: Buffer): Buffer => {
  if (content.length > 0xffff) throw new Error('a part of a certificate is too long')
  return Buffer.concat([Buffer.from([tag]), lengthOf(content.length), content])
}

export const sequence = (...parts: readonly Buffer[]): Buffer => tagged(0x30, Buffer.concat(parts))
export const set = (...parts: readonly Buffer[]): Buffer => tagged(0x31, Buffer.concat(parts))
export const octets = (content: Buffer): Buffer => tagged(0x04, content)
export const utf8 = (text: string): Buffer => tagged(0x0c, Buffer.from(text))
export const nothing = (): Buffer => tagged(0x05, Buffer.alloc(0))
export const yes = (): Buffer => tagged(0x01, Buffer.from([0xff]))

/** A number that is not negative, from its bytes, the highest first. */
export const integer = (bytes: Buffer): Buffer =>
  tagged(0x02, (bytes[0] ?? 0) < 0x80 && bytes.length > 0 ? bytes : Buffer.concat([Buffer.from([0]), bytes]))

/** @param unused how many bits at the end of the last byte say nothing */
export const bits = (content: Buffer, unused = 0): Buffer => tagged(0x03, Buffer.concat([Buffer.from([unused]), content]))

/** `[number]` around a whole value. */
export const explicit = (number: number, content: Buffer): Buffer => tagged(0xa0 | number, content)

/** `YYMMDDHHMMSSZ`, for years before 2050. */
export const shortTime = (text: string): Buffer => tagged(0x17, Buffer.from(text, 'latin1'))

/** `YYYYMMDDHHMMSSZ`. */
export const longTime = (text: string): Buffer => tagged(0x18, Buffer.from(text, 'latin1'))

const base128 = (value: number): number[] => {
  const low = value & 0x7f
  return value < 0x80 ? [low] : [...base128(Math.floor(value / 0x80)).map((byte) => byte | 0x80), low]
}

/** From its written form: `2.5.4.3`. */
export const objectId = (dotted: string): Buffer => {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number)
  return tagged(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]))
}
