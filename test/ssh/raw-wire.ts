import { createHash } from 'node:crypto'

/** Numbers of messages (RFC 4250, section 4.1.2). */
export const message = {
  disconnect: 1,
  ignore: 2,
  unimplemented: 3,
  debug: 4,
  serviceRequest: 5,
  serviceAccept: 6,
  extensions: 7,
  offer: 20,
  newKeys: 21,
  share: 30,
  shareReply: 31,
  loginRequest: 50,
  loginFailure: 51,
  loginSuccess: 52,
  keyAccepted: 60,
  globalRequest: 80,
  requestFailure: 82,
  channelOpen: 90,
  channelRefused: 92,
  channelData: 94,
  channelClose: 97,
  channelRequest: 98,
  channelSuccess: 99,
} as const

export const number = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

export const text = (content: string | Buffer): Buffer => {
  const bytes = Buffer.from(content)
  return Buffer.concat([number(bytes.length), bytes])
}

/** The strings that stand in a payload from a place on. */
export const readTexts = (payload: Buffer, from: number, count: number): Buffer[] => {
  const found: Buffer[] = []
  let at = from
  while (found.length < count) {
    const end = at + 4 + payload.readUInt32BE(at)
    if (end > payload.length) throw new Error('a string runs over its packet')
    found.push(payload.subarray(at + 4, end))
    at = end
  }
  return found
}

/** What is offered where a test does not care: AES in counter mode, whose MAC counts packets. */
const usual = [
  'mlkem768x25519-sha256,kex-strict-c-v00@openssh.com,ext-info-c',
  'ssh-ed25519',
  'aes128-ctr',
  'aes128-ctr',
  'hmac-sha2-256-etm@openssh.com',
  'hmac-sha2-256-etm@openssh.com',
  'none',
  'none',
  '',
  '',
] as const

export const makeOffer = (exchanges: string = usual[0], cookie = Buffer.alloc(16, 7), guessFollows = false): Buffer =>
  Buffer.concat([
    Buffer.from([message.offer]),
    cookie,
    ...[exchanges, ...usual.slice(1)].map((list) => text(list)),
    Buffer.from([guessFollows ? 1 : 0]),
    number(0),
  ])

/** A payload in a packet whose padding is zeros, so that a recorded conversation can be had again. */
export const packed = (payload: Buffer, block: number, isLengthApart: boolean): Buffer => {
  const counted = payload.length + 1 + (isLengthApart ? 0 : 4)
  const short = block - (counted % block)
  const padding = short < 4 ? short + block : short
  return Buffer.concat([number(payload.length + 1 + padding), Buffer.from([padding]), payload, Buffer.alloc(padding)])
}

export const unpacked = (packet: Buffer): Buffer => packet.subarray(1, packet.length - (packet[0] ?? 0))

/** A key of a connection (RFC 4253, section 7.2), whose secret is a string here and no number. */
export const deriveKey = (secret: Buffer, exchangeHash: Buffer, sessionId: Buffer, letter: string, length: number): Buffer =>
  createHash('sha256').update(text(secret)).update(exchangeHash).update(letter).update(sessionId).digest().subarray(0, length)
