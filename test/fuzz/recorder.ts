import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'

const ignore = (): void => {}

/** Passes connections on to a server and keeps what their clients send. */
export class Recorder {
  readonly #server: Server
  readonly #heard: Buffer[][] = []
  readonly #open = new Set<Socket>()

  private constructor(server: Server, host: string, port: number) {
    this.#server = server
    server.on('connection', (client) => this.#pass(client, connect(port, host)))
  }

  static async before(host: string, port: number): Promise<Recorder> {
    const server = createServer({ allowHalfOpen: true })
    const recorder = new Recorder(server, host, port)
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return recorder
  }

  #pass(client: Socket, upstream: Socket): void {
    const chunks: Buffer[] = []
    this.#heard.push(chunks)
    client.on('data', (chunk: Buffer) => chunks.push(chunk))
    for (const socket of [client, upstream]) {
      this.#open.add(socket)
      socket.on('error', ignore)
      socket.on('close', () => this.#open.delete(socket))
    }
    client.pipe(upstream).pipe(client)
  }

  get port(): number {
    const address = this.#server.address()
    if (address === null || typeof address === 'string') throw new Error('the recorder has no address')
    return address.port
  }

  /** What came over each connection since the last time. */
  take(): Buffer[] {
    return this.#heard.splice(0).map((chunks) => Buffer.concat(chunks))
  }

  close(): void {
    for (const socket of this.#open) socket.destroy()
    this.#server.close()
  }
}
