import { createHash, type KeyObject, sign } from 'node:crypto'
import { createServer, type Server, type Socket } from 'node:net'

/** What an agent holds: a public key, and a way to sign with it that may be dishonest. */
export interface AgentKey {
  readonly blob: Buffer
  /** The whole signature in SSH's form; undefined: the agent refuses. */
  readonly sign: (data: Buffer, flags: number) => Buffer | undefined
}

const number = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

export const wireString = (content: string | Buffer): Buffer => {
  const bytes = Buffer.from(content)
  return Buffer.concat([number(bytes.length), bytes])
}

const failure = Buffer.from([5])
const requestIdentities = 11
const signRequest = 13

const readString = (bytes: Buffer, at: number): Buffer => bytes.subarray(at + 4, at + 4 + bytes.readUInt32BE(at))

const identities = (keys: readonly AgentKey[]): Buffer =>
  Buffer.concat([Buffer.from([12]), number(keys.length), ...keys.flatMap(({ blob }) => [wireString(blob), wireString('agent')])])

const answerTo = (keys: readonly AgentKey[], request: Buffer): Buffer => {
  if (request[0] === requestIdentities) return identities(keys)
  if (request[0] !== signRequest) return failure
  const blob = readString(request, 1)
  const data = readString(request, 5 + blob.length)
  const flags = request.readUInt32BE(9 + blob.length + data.length)
  const signature = keys.find((key) => key.blob.equals(blob))?.sign(data, flags)
  return signature ? Buffer.concat([Buffer.from([14]), wireString(signature)]) : failure
}

const serve = (socket: Socket, keys: readonly AgentKey[]): void => {
  let pending = Buffer.alloc(0)
  socket.on('error', () => {})
  socket.on('data', (chunk) => {
    pending = Buffer.concat([pending, chunk])
    while (pending.length >= 4 && pending.length >= 4 + pending.readUInt32BE(0)) {
      const request = readString(pending, 0)
      pending = pending.subarray(4 + request.length)
      socket.write(wireString(answerTo(keys, request)))
    }
  })
}

/** An SSH agent of our own on a Unix socket, for clients that do not play by the rules. */
export const openAgent = (path: string, keys: readonly AgentKey[]): Promise<Server> =>
  new Promise((resolve) => {
    const server = createServer((socket) => serve(socket, keys))
    server.listen(path, () => resolve(server))
  })

export const ed25519Blob = (key: KeyObject): Buffer =>
  Buffer.concat([wireString('ssh-ed25519'), wireString(key.export({ format: 'der', type: 'spki' }).subarray(-32))])

export const ed25519Signature = (key: KeyObject, data: Buffer): Buffer =>
  Buffer.concat([wireString('ssh-ed25519'), wireString(sign(null, data, key))])

const securityKey = 'sk-ssh-ed25519@openssh.com'

export const securityKeyBlob = (key: KeyObject): Buffer =>
  Buffer.concat([
    wireString(securityKey),
    wireString(key.export({ format: 'der', type: 'spki' }).subarray(-32)),
    wireString('ssh:'),
  ])

const sha256 = (bytes: Buffer | string): Buffer => createHash('sha256').update(bytes).digest()

/** Signs as a FIDO token does; bit 1 of `flags` says that it was touched. */
export const securityKeySignature = (key: KeyObject, data: Buffer, flags: number): Buffer => {
  const tail = Buffer.concat([Buffer.from([flags]), number(7)])
  const message = Buffer.concat([sha256('ssh:'), tail, sha256(data)])
  return Buffer.concat([wireString(securityKey), wireString(sign(null, message, key)), tail])
}
