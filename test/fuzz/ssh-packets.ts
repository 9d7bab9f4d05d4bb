import { createPrivateKey, createPublicKey, sign } from 'node:crypto'
import { readFileSync } from 'node:fs'
import ssh2 from 'ssh2'
import { ed25519Blob, wireString } from '../ssh/agent.ts'

const number = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

const message = (code: number, ...parts: readonly (string | Buffer | number | boolean)[]): Buffer =>
  Buffer.concat([
    Buffer.from([code]),
    ...parts.map((part) => {
      if (typeof part === 'number') return number(part)
      if (typeof part === 'boolean') return Buffer.from([part ? 1 : 0])
      return wireString(part)
    }),
  ])

const identity = createPrivateKey({
  key: Buffer.from(`302e020100300506032b657004220420${'07'.repeat(32)}`, 'hex'),
  format: 'der',
  type: 'pkcs8',
})
const blob = ed25519Blob(createPublicKey(identity))

const rsaBlob = Buffer.concat([wireString('ssh-rsa'), wireString(Buffer.from([1, 0, 1])), wireString(Buffer.alloc(257, 0x5a))])
const ecdsaBlob = Buffer.concat([wireString('ecdsa-sha2-nistp256'), wireString('nistp256'), wireString(Buffer.alloc(65, 4))])

const long = Buffer.alloc(8)

/** A user's certificate as OpenSSH's `PROTOCOL.certkeys` has it, signed by nobody in particular. */
const certificate = Buffer.concat([
  wireString('ssh-ed25519-cert-v01@openssh.com'),
  wireString(Buffer.alloc(32, 1)),
  blob.subarray(-36),
  long,
  number(1),
  wireString('id'),
  wireString(wireString('git')),
  long,
  Buffer.alloc(8, 255),
  wireString(''),
  wireString(Buffer.concat([wireString('permit-pty'), wireString('')])),
  wireString(''),
  wireString(blob),
  wireString(Buffer.concat([wireString('ssh-ed25519'), wireString(Buffer.alloc(64))])),
])

const request = (algorithm: string, key: Buffer, signed: boolean): Buffer =>
  message(50, 'git', 'ssh-connection', 'publickey', signed, algorithm, key)

const signedBy = (session: Buffer, asked: Buffer): Buffer => {
  const signature = sign(null, Buffer.concat([wireString(session), asked]), identity)
  return Buffer.concat([asked, wireString(Buffer.concat([wireString('ssh-ed25519'), wireString(signature)]))])
}

/** What is said to log in (RFC 4252), with signatures over this session. */
export const loginPackets = (session: Buffer): readonly Buffer[] => [
  message(50, 'git', 'ssh-connection', 'none'),
  request('ssh-ed25519', blob, false),
  signedBy(session, request('ssh-ed25519', blob, true)),
  signedBy(session, request('ssh-ed25519-cert-v01@openssh.com', certificate, true)),
  signedBy(session, request('rsa-sha2-512', rsaBlob, true)),
  signedBy(session, request('ecdsa-sha2-nistp256', ecdsaBlob, true)),
  message(50, 'git', 'ssh-connection', 'password', false, 'secret'),
  message(50, 'git', 'ssh-connection', 'keyboard-interactive', '', ''),
  message(50, 'git', 'ssh-connection', 'hostbased', 'ssh-ed25519', blob, 'host', 'user', Buffer.alloc(64)),
  message(5, 'ssh-userauth'),
  message(7, 1, 'ext-info-in-auth@openssh.com', '0'),
  message(61, 1, 'answer'),
]

/** What is said by somebody who is in (RFC 4254), and between the two (RFC 4253). */
export const sessionPackets = (kexinit: Buffer): readonly Buffer[] => [
  message(90, 'session', 0, 2_097_152, 32_768),
  message(98, 0, 'env', true, 'GIT_PROTOCOL', 'version=2'),
  message(98, 0, 'exec', true, "git-upload-pack 'fuzz/git.git'"),
  message(94, 0, '0014command=ls-refs\n0000'),
  message(98, 0, 'pty-req', true, 'xterm', 80, 24, 0, 0, ''),
  message(98, 0, 'shell', true),
  message(98, 0, 'subsystem', true, 'sftp'),
  message(98, 0, 'signal', false, 'TERM'),
  message(93, 0, 1_000_000),
  message(95, 0, 1, 'to standard error'),
  message(96, 0),
  message(97, 0),
  message(90, 'direct-tcpip', 1, 1_000, 1_000, '127.0.0.1', 80, '127.0.0.1', 1),
  message(80, 'tcpip-forward', true, '0.0.0.0', 0),
  message(80, 'keepalive@openssh.com', true),
  message(80, 'no-more-sessions@openssh.com', false),
  message(2, 'ignored'),
  message(3, 1),
  message(4, true, 'debug', ''),
  message(1, 11, 'bye', ''),
  message(20),
  kexinit,
]

interface Sealing {
  allocPacket(size: number): Buffer
  encrypt(packet: Buffer): void
}

const isSealing = (value: unknown): value is Sealing =>
  typeof value === 'object' && value !== null && 'allocPacket' in value && 'encrypt' in value

const insides = (client: ssh2.Client): { seal: Sealing; session: Buffer } => {
  const protocol: unknown = Reflect.get(client, '_protocol')
  const seal: unknown = Reflect.get(Object(protocol), '_cipher')
  const session: unknown = Reflect.get(Object(Reflect.get(Object(protocol), '_kex')), 'sessionID')
  if (isSealing(seal) && Buffer.isBuffer(session)) return { seal, session }
  throw new Error('this release of ssh2 keeps its cipher elsewhere')
}

/** A client that says within an encrypted connection whatever it is told to. */
export class PacketLogin {
  readonly #client: ssh2.Client
  readonly ended: Promise<void>
  /** Names of the messages that came. */
  readonly heard: string[] = []
  #isOver = false

  private constructor(client: ssh2.Client) {
    this.#client = client
    this.ended = new Promise((resolve) =>
      client.on('close', () => {
        this.#isOver = true
        resolve()
      }),
    )
    client.on('error', () => {})
  }

  /** @param key undefined: goes no further than to where one logs in */
  static open(port: number, key: string | undefined): Promise<PacketLogin> {
    return new Promise((resolve, reject) => {
      const client = new ssh2.Client()
      const login = new PacketLogin(client)
      client.once('error', reject)
      client.once('ready', () => resolve(login))
      const waits = (): void => resolve(login)
      const methods = key === undefined ? { authHandler: waits } : { privateKey: readFileSync(key) }
      const debug = (line: string): void => {
        const [, name] = /^Inbound: Received (\w+)/.exec(line) ?? []
        if (name !== undefined) login.heard.push(name)
      }
      client.connect({ host: '127.0.0.1', port, username: 'git', readyTimeout: 60_000, debug, ...methods })
    })
  }

  get isOver(): boolean {
    return this.#isOver
  }

  get session(): Buffer {
    return insides(this.#client).session
  }

  say(payload: Buffer): void {
    if (this.#isOver) return
    const { seal } = insides(this.#client)
    const packet = seal.allocPacket(payload.length)
    packet.set(payload, 5)
    seal.encrypt(packet)
  }

  close(): void {
    this.#client.end()
  }
}

/** The payload of the first `KEXINIT` in what a client said in the open. */
export const kexinitIn = (greeting: Buffer): Buffer => {
  const at = greeting.indexOf('\n') + 1
  return greeting.subarray(at + 5, at + 4 + greeting.readUInt32BE(at) - (greeting[at + 4] ?? 0))
}
