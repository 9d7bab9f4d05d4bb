/** An IP address as eight groups of 16 bits. IPv4 stands in its mapped form (`::ffff:a.b.c.d`): both spellings are one address. */
export type IpAddress = readonly number[]

/** Addresses that begin with the same bits. */
export interface IpRange {
  readonly start: IpAddress
  /** Of the 128. */
  readonly bits: number
}

const mapped = [0, 0, 0, 0, 0, 0xffff] as const
const longestText = 45

const parseVersion4 = (text: string): readonly [number, number] | undefined => {
  const bytes = text.split('.').map((part) => (/^(?:0|[1-9]\d{0,2})$/.test(part) ? Number(part) : 256))
  const [a = 256, b = 256, c = 256, d = 256] = bytes
  return bytes.length === 4 && Math.max(a, b, c, d) < 256 ? [a * 256 + b, c * 256 + d] : undefined
}

/** One side of `::`. */
const parseGroups = (text: string): readonly number[] | undefined => {
  if (text === '') return []
  const words = text.split(':')
  const tail = words.at(-1)?.includes('.') ? parseVersion4(words.pop() ?? '') : []
  if (tail === undefined || !words.every((word) => /^[0-9a-fA-F]{1,4}$/.test(word))) return undefined
  return [...words.map((word) => Number.parseInt(word, 16)), ...tail]
}

const parseVersion6 = (text: string): IpAddress | undefined => {
  const sides = text.split('::')
  if (sides.length > 2) return undefined
  const left = parseGroups(sides[0] ?? '')
  const right = parseGroups(sides[1] ?? '')
  if (left === undefined || right === undefined || (sides.length === 2 && (sides[0] ?? '').includes('.'))) return undefined
  const missing = 8 - left.length - right.length
  if (sides.length === 1) return missing === 0 ? left : undefined
  return missing > 0 ? [...left, ...new Array<number>(missing).fill(0), ...right] : undefined
}

/** Reads an address in one of its written forms, without port, brackets or zone; undefined for anything else. */
export const parseIp = (text: string): IpAddress | undefined => {
  if (text.length > longestText) return undefined
  if (text.includes(':')) return parseVersion6(text)
  const pair = parseVersion4(text)
  return pair && [...mapped, ...pair]
}

const isVersion4 = (address: IpAddress): boolean => mapped.every((group, index) => address[index] === group)

/** The first of the longest runs of zero groups, which `::` stands for where it is longer than one (RFC 5952). */
const zeroRun = (address: IpAddress): { at: number; length: number } => {
  let best = { at: 0, length: 0 }
  for (let at = 0; at < 8; at += 1) {
    let length = 0
    while (at + length < 8 && address[at + length] === 0) length += 1
    if (length > best.length) best = { at, length }
  }
  return best
}

/** The one written form of an address: dotted for IPv4, mapped or not, else RFC 5952's. */
export const formatIp = (address: IpAddress): string => {
  if (isVersion4(address)) return [6, 7].flatMap((index) => [(address[index] ?? 0) >> 8, (address[index] ?? 0) & 255]).join('.')
  const words = address.map((group) => group.toString(16))
  const { at, length } = zeroRun(address)
  if (length < 2) return words.join(':')
  return `${words.slice(0, at).join(':')}::${words.slice(at + length).join(':')}`
}

/** A socket's peer: a link-local one comes with its interface (`fe80::1%eth0`). */
export const parsePeer = (remoteAddress: string | undefined): IpAddress | undefined =>
  parseIp((remoteAddress ?? '').split('%', 1)[0] ?? '')

/** A socket's peer in its one written form. */
export const peerAddress = (remoteAddress: string | undefined): string | undefined => {
  const address = parsePeer(remoteAddress)
  return address && formatIp(address)
}

const prefixOf = (text: string | undefined, most: number): number | undefined => {
  if (text === undefined) return most
  return /^\d{1,3}$/.test(text) && Number(text) <= most ? Number(text) : undefined
}

/** Reads an address or a CIDR range; undefined for anything else. */
export const parseIpRange = (text: string): IpRange | undefined => {
  const [address = '', prefix, ...rest] = text.split('/')
  const start = parseIp(address)
  const family = address.includes(':') ? 128 : 32
  const length = prefixOf(prefix, family)
  return start === undefined || length === undefined || rest.length > 0 ? undefined : { start, bits: 128 - family + length }
}

const isInRange = (address: IpAddress, { start, bits }: IpRange): boolean => {
  for (let index = 0; index * 16 < bits; index += 1) {
    const ignored = Math.max(0, 16 - (bits - index * 16))
    if ((address[index] ?? 0) >> ignored !== (start[index] ?? 0) >> ignored) return false
  }
  return true
}

export const isInRanges = (address: IpAddress, ranges: readonly IpRange[]): boolean =>
  ranges.some((range) => isInRange(address, range))

/** The ranges of a setting, which was checked when it was read. Throws for what is none. */
export const ipRanges = (texts: readonly string[]): readonly IpRange[] =>
  texts.map((text) => {
    const range = parseIpRange(text)
    if (range === undefined) throw new Error(`${text} is no address range`)
    return range
  })

/**
 * By what tries and requests are counted: an IPv4 address, or the network of 64 bits of an IPv6 one, since whoever has
 * one address of such a network has all of them.
 */
export const countedAs = (address: IpAddress): string =>
  isVersion4(address) ? formatIp(address) : `${formatIp([...address.slice(0, 4), 0, 0, 0, 0])}/64`
