import {
  type Cipheriv,
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  type Decipheriv,
  decapsulate,
  diffieHellman,
  generateKeyPairSync,
  type KeyObject,
  verify,
} from 'node:crypto'
import { connect, type Socket } from 'node:net'
import { ed25519Blob, ed25519Signature } from './agent.ts'
import { deriveKey, makeOffer, message, number, packed, readTexts, text, unpacked } from './raw-wire.ts'

const ident = 'SSH-2.0-raw'
const sha256 = (bytes: Buffer): Buffer => createHash('sha256').update(bytes).digest()

/** The private halves of a client's share. */
export interface Secrets {
  readonly sealed: KeyObject
  readonly curve: KeyObject
}

const der = (prefix: string, bytes: Buffer): Buffer => Buffer.concat([Buffer.from(prefix, 'hex'), bytes])

/** Secrets from a seed of ML-KEM-768 (RFC 9935) and the bytes of a key for X25519 (RFC 8410). */
export const secretsFrom = (seed: Buffer, curve: Buffer): Secrets => ({
  sealed: createPrivateKey({
    key: der('3054020100300b060960864801650304040204428040', seed),
    format: 'der',
    type: 'pkcs8',
  }),
  curve: createPrivateKey({ key: der('302e020100300506032b656e04220420', curve), format: 'der', type: 'pkcs8' }),
})

export const newSecrets = (): Secrets => ({
  sealed: generateKeyPairSync('ml-kem-768').privateKey,
  curve: generateKeyPairSync('x25519').privateKey,
})

const publicBytes = (key: KeyObject, length: number): Buffer =>
  createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(-length)

export const shareOf = ({ sealed, curve }: Secrets): Buffer => Buffer.concat([publicBytes(sealed, 1184), publicBytes(curve, 32)])

const curveKey = (bytes: Buffer): KeyObject =>
  createPublicKey({ key: der('302a300506032b656e032100', bytes), format: 'der', type: 'spki' })

/** The client's half of the exchange, as the draft has it: first the secret of ML-KEM, then that of X25519. */
const agreed = ({ sealed, curve }: Secrets, answer: Buffer): Buffer =>
  sha256(
    Buffer.concat([
      decapsulate(sealed, answer.subarray(0, 1088)),
      diffieHellman({ privateKey: curve, publicKey: curveKey(answer.subarray(1088)) }),
    ]),
  )

/** One direction of an encrypted connection: aes128-ctr with hmac-sha2-256-etm@openssh.com. */
interface Direction {
  readonly cipher: Cipheriv | Decipheriv
  readonly macKey: Buffer
}

const macLength = 32

export interface RawOptions {
  readonly secrets?: Secrets
  /** The whole message in which algorithms are offered. */
  readonly offer?: Buffer
  /** The loopback address that it comes from. */
  readonly from?: string
}

/** A client that sends what it is told to, of which each byte is known. It speaks `mlkem768x25519-sha256` alone. */
export class RawClient {
  readonly socket: Socket
  readonly #secrets: Secrets
  readonly #offer: Buffer
  #received: Buffer = Buffer.alloc(0)
  #serverIdent = ''
  #serverOffer: Buffer = Buffer.alloc(0)
  #sessionId: Buffer | undefined
  #hash: Buffer = Buffer.alloc(0)
  #secret: Buffer = Buffer.alloc(0)
  #out: Direction | undefined
  #in: Direction | undefined
  /** Packets that were sent and read; strict key exchange begins anew with each. */
  sent = 0
  read = 0

  private constructor(port: number, { secrets, offer, from }: RawOptions) {
    this.#secrets = secrets ?? newSecrets()
    this.#offer = offer ?? makeOffer()
    this.socket = connect({ port, host: '127.0.0.1', noDelay: true, ...(from && { localAddress: from }) })
    this.socket.on('error', () => {})
    this.socket.on('data', (chunk) => {
      this.#received = Buffer.concat([this.#received, chunk])
    })
  }

  /** Connects and says who it is, nothing more. */
  static async connect(port: number, options: RawOptions = {}): Promise<RawClient> {
    const client = new RawClient(port, options)
    client.socket.write(`${ident}\r\n`)
    const end = await client.#until(() => client.#received.indexOf('\r\n') + 1)
    client.#serverIdent = client.#received.toString('latin1', 0, end - 1)
    client.#received = client.#received.subarray(end + 1)
    return client
  }

  /** Connects, and exchanges keys. */
  static async open(port: number, options: RawOptions = {}): Promise<RawClient> {
    const client = await RawClient.connect(port, options)
    await client.exchange()
    return client
  }

  async closed(): Promise<void> {
    if (!this.socket.closed) await new Promise((resolve) => this.socket.once('close', resolve))
  }

  /** What `look` finds in the bytes that have come, once it is true. Throws where the connection ends before. */
  async #until<Found>(look: () => Found | 0 | false | undefined): Promise<Found> {
    for (;;) {
      const found = look()
      if (found) return found
      if (this.socket.readableEnded || this.socket.destroyed) throw new Error('the connection ended')
      await new Promise<void>((resolve) => {
        const go = (): void => {
          for (const event of ['data', 'end', 'close']) this.socket.off(event, go)
          resolve()
        }
        for (const event of ['data', 'end', 'close']) this.socket.on(event, go)
      })
    }
  }

  async #take(length: number): Promise<Buffer> {
    await this.#until(() => this.#received.length >= length)
    const taken = this.#received.subarray(0, length)
    this.#received = this.#received.subarray(length)
    return taken
  }

  send(payload: Buffer): void {
    const packet = packed(payload, this.#out ? 16 : 8, this.#out !== undefined)
    if (this.#out) {
      const body = Buffer.concat([packet.subarray(0, 4), this.#out.cipher.update(packet.subarray(4))])
      const mac = createHmac('sha256', this.#out.macKey).update(number(this.sent)).update(body).digest()
      this.socket.write(Buffer.concat([body, mac]))
    } else this.socket.write(packet)
    this.sent = (this.sent + 1) >>> 0
  }

  /** The next payload of the server. Throws where the connection ends, or a MAC is wrong. */
  async next(): Promise<Buffer> {
    const length = await this.#take(4)
    const body = await this.#take(length.readUInt32BE(0))
    const count = number(this.read)
    this.read += 1
    if (this.#in === undefined) return unpacked(body)
    const mac = await this.#take(macLength)
    const right = createHmac('sha256', this.#in.macKey).update(count).update(length).update(body).digest()
    if (!right.equals(mac)) throw new Error('a wrong MAC')
    return unpacked(this.#in.cipher.update(body))
  }

  async expect(type: number): Promise<Buffer> {
    const payload = await this.next()
    if (payload[0] === type) return payload
    throw new Error(`message ${payload[0]} came in place of ${type}`)
  }

  /** Passes over all that comes before a message of this kind. */
  async until(type: number): Promise<Buffer> {
    for (;;) {
      const payload = await this.next()
      if (payload[0] === type) return payload
    }
  }

  /** Sends the offer and reads the server's. */
  async offers(): Promise<void> {
    this.send(this.#offer)
    await this.readOffer()
  }

  async readOffer(): Promise<void> {
    this.#serverOffer = await this.until(message.offer)
  }

  /** The server's lists, in the order in which they stand in its offer. */
  get offered(): string[] {
    return readTexts(this.#serverOffer, 17, 10).map((list) => list.toString('latin1'))
  }

  /** Reads the server's share, and checks its signature over all that was said. */
  async readShare(): Promise<void> {
    const [hostKey, answer, signed] = readTexts(await this.expect(message.shareReply), 1, 3)
    if (!hostKey || !answer || !signed) throw new Error('three strings')
    this.#secret = agreed(this.#secrets, answer)
    const said = [ident, this.#serverIdent, this.#offer, this.#serverOffer, hostKey, shareOf(this.#secrets), answer, this.#secret]
    this.#hash = sha256(Buffer.concat(said.map((part) => text(part))))
    const [, key = Buffer.alloc(0)] = readTexts(hostKey, 0, 2)
    const [, signature = Buffer.alloc(0)] = readTexts(signed, 0, 2)
    const publicKey = createPublicKey({ key: der('302a300506032b6570032100', key), format: 'der', type: 'spki' })
    if (!verify(null, this.#hash, publicKey, signature)) throw new Error('the host key has not signed this')
    this.#sessionId ??= this.#hash
  }

  /** Takes the new keys in both directions. */
  async changeKeys(isStrict = true): Promise<void> {
    this.send(Buffer.from([message.newKeys]))
    await this.expect(message.newKeys)
    const id = this.#sessionId ?? this.#hash
    const key = (letter: string, length = 16): Buffer => deriveKey(this.#secret, this.#hash, id, letter, length)
    this.#out = { cipher: createCipheriv('aes-128-ctr', key('C'), key('A')), macKey: key('E', macLength) }
    this.#in = { cipher: createDecipheriv('aes-128-ctr', key('D'), key('B')), macKey: key('F', macLength) }
    if (!isStrict) return
    this.sent = 0
    this.read = 0
  }

  sendShare(share = shareOf(this.#secrets)): void {
    this.send(Buffer.concat([Buffer.from([message.share]), text(share)]))
  }

  async exchange(isStrict = true): Promise<void> {
    await this.offers()
    this.sendShare()
    await this.readShare()
    await this.changeKeys(isStrict)
  }

  /** Asks to log in, once keys are exchanged; what the server says of its extensions is read. */
  async beginLogin(): Promise<void> {
    await this.expect(message.extensions)
    this.send(Buffer.concat([Buffer.from([message.serviceRequest]), text('ssh-userauth')]))
    await this.expect(message.serviceAccept)
  }

  /** Asks to be let in by a key, with its signature over this session, and answers what the server says to that. */
  async login(key: KeyObject, name = 'git'): Promise<number | undefined> {
    this.sendLogin(name, ed25519Blob(createPublicKey(key)), key)
    return (await this.next())[0]
  }

  /** A request by a public key; without the private one it is only an offer (RFC 4252, section 7). */
  sendLogin(name: string, blob: Buffer, key?: KeyObject): void {
    const [algorithm = Buffer.alloc(0)] = readTexts(blob, 0, 1)
    const said = [Buffer.from([message.loginRequest]), text(name), text('ssh-connection'), text('publickey')]
    const request = Buffer.concat([...said, Buffer.from([key ? 1 : 0]), text(algorithm), text(blob)])
    const signed = Buffer.concat([text(this.#sessionId ?? ''), request])
    this.send(key ? Buffer.concat([request, text(ed25519Signature(key, signed))]) : request)
  }
}
