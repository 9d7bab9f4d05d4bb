/** A pkt-line. */
export const packet = (content: string | Buffer): Buffer => {
  const bytes = Buffer.from(content)
  return Buffer.concat([Buffer.from((bytes.length + 4).toString(16).padStart(4, '0')), bytes])
}

export const flush = Buffer.from('0000')
export const delimiter = Buffer.from('0001')

/** A command of protocol v2; each word is a packet. */
export const command = (name: string, capabilities: readonly string[], words: readonly string[]): Buffer =>
  Buffer.concat([
    packet(`command=${name}\n`),
    ...capabilities.map((capability) => packet(capability)),
    ...(words.length === 0 ? [] : [delimiter]),
    ...words.map((word) => packet(word)),
    flush,
  ])

export const usualCapabilities: readonly string[] = ['agent=git/2.39.5\n', 'object-format=sha1']

export const lsRefs = (words: readonly string[], capabilities = usualCapabilities): Buffer =>
  command('ls-refs', capabilities, words)

export const fetchCommand = (words: readonly string[]): Buffer => command('fetch', usualCapabilities, words)

/** A packet of an answer: its content, or which of the three special ones it is. */
export type Packet = Buffer | 'flush' | 'delimiter' | 'end'

const special: Readonly<Record<number, Packet>> = { 0: 'flush', 1: 'delimiter', 2: 'end' }

/** Throws where the bytes do not end with a packet. */
export const packetsOf = (bytes: Buffer): Packet[] => {
  const packets: Packet[] = []
  for (let at = 0; at < bytes.length; ) {
    const digits = bytes.toString('latin1', at, at + 4)
    const length = /^[0-9a-f]{4}$/i.test(digits) ? Number.parseInt(digits, 16) : Number.NaN
    const named = special[length]
    if (named === undefined && (!(length >= 4) || at + length > bytes.length)) throw new Error(`no packet at ${at}`)
    packets.push(named ?? bytes.subarray(at + 4, at + length))
    at += Math.max(length, 4)
  }
  return packets
}

/** What came on a band of the packfile section of a fetch. */
export const band = (answer: Buffer, number: 1 | 2 | 3): Buffer => {
  const packets = packetsOf(answer)
  const from = packets.findIndex((one) => one.toString() === 'packfile\n')
  const within = from < 0 ? [] : packets.slice(from + 1)
  return Buffer.concat(within.flatMap((one) => (Buffer.isBuffer(one) && one[0] === number ? [one.subarray(1)] : [])))
}
