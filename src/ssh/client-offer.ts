/** First byte of the message in which a side offers its algorithms (RFC 4253, section 7.1). */
export const messageOffer = 20

/** In an offer, its first byte and 16 random ones stand before ten lists of names. */
const listsAt = 1 + 16
const listCount = 10

/** What a client offers, as far as we look at it. */
export interface ClientOffer {
  readonly exchanges: readonly string[]
  readonly hostKeys: readonly string[]
  /** Where the list of exchanges ends. */
  readonly exchangesEnd: number
  /** Whether a share follows at once, for the exchange that stands first. */
  readonly guesses: boolean
  /** Where the byte lies that says so. */
  readonly guessAt: number
}

const endOfString = (payload: Buffer, at: number): number | undefined => {
  if (at + 4 > payload.length) return undefined
  const end = at + 4 + payload.readUInt32BE(at)
  return end > payload.length ? undefined : end
}

/** Reads an offer; undefined for what is none. */
export const readOffer = (payload: Buffer): ClientOffer | undefined => {
  const ends: number[] = []
  for (let at = listsAt; ends.length < listCount; ) {
    const end = endOfString(payload, at)
    if (end === undefined) return undefined
    ends.push(end)
    at = end
  }
  const [exchangesEnd = 0, hostKeysEnd = 0] = ends
  const guessAt = ends.at(-1) ?? 0
  const names = (from: number, end: number): string[] => payload.toString('latin1', from + 4, end).split(',')
  return {
    exchanges: names(listsAt, exchangesEnd),
    hostKeys: names(exchangesEnd, hostKeysEnd),
    exchangesEnd,
    guesses: payload[guessAt] === 1,
    guessAt,
  }
}

/** The same offer with other exchanges, and with or without a guess. */
export const retold = (payload: Buffer, offer: ClientOffer, exchanges: readonly string[], guesses: boolean): Buffer => {
  const list = Buffer.from(exchanges.join(','), 'latin1')
  const length = Buffer.alloc(4)
  length.writeUInt32BE(list.length)
  const between = payload.subarray(offer.exchangesEnd, offer.guessAt)
  return Buffer.concat([payload.subarray(0, listsAt), length, list, between, Buffer.from([guesses ? 1 : 0])])
}
