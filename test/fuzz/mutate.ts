import type { Dice } from './dice.ts'

/** Changes some bytes into others; `other` is a second sample to take from. */
type Mutation = (bytes: Buffer, dice: Dice, other: Buffer) => Buffer

/** What parsers stumble over. */
const awkward: readonly Buffer[] = [
  ...['\0', '\r\n', '\n', '\r', '\t', ' ', '/', '//', '../', '/../', '%00', '%2e%2e%2f', '%', '\\', '"', "'", '`', '$(id)', ';'],
  ...['-', '--', '--upload-pack=id', '-oProxyCommand=id', 'ext::sh', '~', '@{', '^{}', '.lock', 'refs/heads/', 'HEAD', '*', '?'],
  ...['0000', '0001', '0002', '0003', '0004', '0005', 'fff0', 'fff1', 'ffff', 'FFFF', '00g0', 'PACK', '\x01', '\x02', '\x03'],
  ...['0', '-1', '1e309', '2147483648', '9223372036854775808', '99999999999999999999', 'NaN', 'null', 'true', '[]', '{}', '[[['],
  ...['{"__proto__":{"a":1}}', '__proto__', 'constructor', '&a[b]=1', '[]=', '=', '&', ',', ':', '\x1b[2J', '\ufeff', '\u202e'],
  ...['0'.repeat(40), '1'.repeat(40), '0'.repeat(64), 'a'.repeat(300), 'é'.repeat(130), '\ud800'],
].map((text) => Buffer.from(text))

const latin = [Buffer.from([0xff]), Buffer.from([0xc0, 0xaf]), Buffer.from([0x80]), Buffer.from([0xed, 0xa0, 0x80])]

const replace = (bytes: Buffer, from: number, to: number, by: Buffer): Buffer =>
  Buffer.concat([bytes.subarray(0, from), by, bytes.subarray(to)])

/** A stretch of at most `longest` bytes. */
const stretch = (bytes: Buffer, dice: Dice, longest = 64): readonly [number, number] => {
  const from = dice.below(bytes.length + 1)
  return [from, Math.min(bytes.length, from + 1 + dice.below(longest))]
}

const flip: Mutation = (bytes, dice) => {
  const changed = Buffer.from(bytes)
  const at = dice.below(bytes.length)
  changed[at] = (bytes[at] ?? 0) ^ (1 << dice.below(8))
  return changed
}

const setByte: Mutation = (bytes, dice) => {
  const changed = Buffer.from(bytes)
  changed[dice.below(bytes.length)] = dice.pick([0, 1, 9, 10, 13, 32, 34, 37, 44, 46, 47, 58, 91, 123, 127, 128, 254, 255])
  return changed
}

const insert: Mutation = (bytes, dice) => {
  const at = dice.below(bytes.length + 1)
  const by = dice.once(4) ? dice.bytes(1 + dice.below(8)) : dice.pick([...awkward, ...latin])
  return replace(bytes, at, at, by)
}

const overwrite: Mutation = (bytes, dice) => {
  const by = dice.pick([...awkward, ...latin])
  const at = dice.below(bytes.length + 1)
  return replace(bytes, at, Math.min(bytes.length, at + by.length), by)
}

const remove: Mutation = (bytes, dice) => {
  const [from, to] = stretch(bytes, dice, dice.once(4) ? bytes.length : 16)
  return replace(bytes, from, to, Buffer.alloc(0))
}

const duplicate: Mutation = (bytes, dice) => {
  const [from, to] = stretch(bytes, dice, 200)
  const times = dice.once(8) ? 200 : 1
  return replace(bytes, to, to, Buffer.concat(Array.from({ length: times }, () => bytes.subarray(from, to))))
}

const swap: Mutation = (bytes, dice) => {
  const [from, middle] = stretch(bytes, dice)
  const to = Math.min(bytes.length, middle + 1 + dice.below(64))
  return replace(bytes, from, to, Buffer.concat([bytes.subarray(middle, to), bytes.subarray(from, middle)]))
}

const truncate: Mutation = (bytes, dice) => bytes.subarray(0, dice.below(bytes.length))

/** The beginning of one conversation and the end of another. */
const splice: Mutation = (bytes, dice, other) =>
  Buffer.concat([bytes.subarray(0, dice.below(bytes.length + 1)), other.subarray(dice.below(other.length + 1))])

const everyMatch = (bytes: Buffer, pattern: RegExp): readonly (readonly [number, number])[] =>
  [...bytes.toString('latin1').matchAll(pattern)].map((match) => [match.index, match.index + match[0].length])

/** The length field of a pkt-line, near its value or far from it. */
const packetLength: Mutation = (bytes, dice) => {
  const fields = everyMatch(bytes, /[01][0-9a-f]{3}(?=want|have|done|comm|[0-9a-f]{40}|deep|filt|agen|obje|ref-|peel|symr)/g)
  if (fields.length === 0) return flip(bytes, dice, bytes)
  const [from, to] = dice.pick(fields)
  const length = Number.parseInt(bytes.toString('latin1', from, to), 16)
  const changed = dice.pick([length - 1, length + 1, length + 4, length - 4, 0, 1, 2, 3, 4, 0xfff0, 0xffff, dice.below(0x10000)])
  return replace(bytes, from, to, Buffer.from(Math.max(0, changed).toString(16).padStart(4, '0')))
}

/** A number of four bytes, as SSH has it before texts and packets. */
const wireLength: Mutation = (bytes, dice) => {
  const fields = everyMatch(bytes, /\0\0[^~][^\0]/gs)
  if (fields.length === 0) return flip(bytes, dice, bytes)
  const [from, to] = dice.pick(fields)
  const by = Buffer.alloc(4)
  by.writeUInt32BE(
    dice.pick([0, 1, 5, 0x7fffffff, 0x80000000, 0xffffffff, 0x40000, 35_000, bytes.length, bytes.readUInt32BE(from) + 1]),
  )
  return replace(bytes, from, to, by)
}

const decimal: Mutation = (bytes, dice) => {
  const fields = everyMatch(bytes, /\d+/g)
  if (fields.length === 0) return flip(bytes, dice, bytes)
  const [from, to] = dice.pick(fields)
  const by = ['0', '-1', '1', '4294967296', '9007199254740993', '9223372036854775808', '1e400', '0x10', '٣', '1.5', '']
  return replace(bytes, from, to, Buffer.from(dice.pick(by)))
}

/** A value of JSON, a form or a query becomes one of another kind. */
const value: Mutation = (bytes, dice) => {
  const fields = everyMatch(bytes, /(?<=[:=])("[^"]*"|[^&\s",}\]]+)/g)
  if (fields.length === 0) return flip(bytes, dice, bytes)
  const [from, to] = dice.pick(fields)
  const deep = '['.repeat(dice.pick([2, 60, 2_000]))
  const by = ['null', 'true', '[]', '{}', '""', '"\\u0000"', '"\\ud800"', '-1', '1e999', '[1,"a",null]', '{"a":{"b":[]}}', deep]
  return replace(bytes, from, to, Buffer.from(dice.pick(by)))
}

const simple = [flip, setByte, insert, overwrite, remove, duplicate, swap, truncate, splice] as const

export const httpMutations: readonly Mutation[] = [
  ...simple,
  insert,
  overwrite,
  packetLength,
  packetLength,
  decimal,
  value,
  value,
]
export const sshMutations: readonly Mutation[] = [...simple, flip, insert, wireLength, wireLength, packetLength]

/** One change, or up to four, one after the other. Nothing stays nothing. */
export const mutate = (bytes: Buffer, dice: Dice, other: Buffer, mutations: readonly Mutation[]): Buffer => {
  let changed = bytes
  let left = dice.once(3) ? 2 + dice.below(3) : 1
  for (; left > 0 && changed.length > 0; left -= 1) changed = dice.pick(mutations)(changed, dice, other)
  return changed
}
