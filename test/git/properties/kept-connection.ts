import { Agent, type IncomingHttpHeaders, request } from 'node:http'
import type { Socket } from 'node:net'
import ssh2 from 'ssh2'
import { rootToken, type Sallyport } from '../../support/sallyport.ts'

export interface Heard {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

export interface Call {
  readonly method?: 'GET' | 'POST'
  /** From the host on: `/group/project.git/info/refs`. */
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Buffer
  readonly token?: string
}

const basic = (token: string): string => `Basic ${Buffer.from(`git:${token}`).toString('base64')}`

/** One connection over HTTP that stays open, and so with the worker that took it. */
export class KeptConnection {
  readonly #base: string
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 })
  #socket: Socket | undefined

  constructor(base: string) {
    this.#base = base
  }

  /** Throws where the server closed the connection in between: another worker might answer then. */
  ask({ method = 'GET', path, headers = {}, body, token = rootToken }: Call): Promise<Heard> {
    return new Promise((resolve, reject) => {
      const authorization = token === '' ? {} : { Authorization: basic(token) }
      const length = body === undefined ? {} : { 'Content-Length': String(body.length) }
      const all = { ...authorization, ...length, ...headers }
      const asked = request(`${this.#base}${path}`, { method, agent: this.#agent, headers: all }, (answer) => {
        const chunks: Buffer[] = []
        answer.on('data', (chunk: Buffer) => chunks.push(chunk))
        answer.on('error', reject)
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(chunks) }))
      })
      asked.on('socket', (socket) => {
        if (this.#socket !== undefined && this.#socket !== socket) reject(new Error('the kept connection was closed'))
        this.#socket = socket
      })
      asked.on('error', reject)
      asked.end(body)
    })
  }

  infoRefs(project: string, service: string, protocol?: string): Promise<Heard> {
    const headers = protocol === undefined ? {} : { 'Git-Protocol': protocol }
    return this.ask({ path: `/${project}.git/info/refs?service=git-${service}`, headers })
  }

  uploadPack(project: string, body: Buffer, protocol = 'version=2', token = rootToken): Promise<Heard> {
    const headers = { 'Content-Type': 'application/x-git-upload-pack-request', 'Git-Protocol': protocol }
    return this.ask({ method: 'POST', path: `/${project}.git/git-upload-pack`, headers, body, token })
  }

  close(): void {
    this.#agent.destroy()
  }
}

/** What a command over SSH said. */
export interface Told {
  readonly code: number | undefined
  readonly output: Buffer
  readonly errors: string
}

/** One login over SSH that stays, and so with the worker that took it; each command has a channel of its own. */
export class KeptLogin {
  readonly #client: ssh2.Client

  private constructor(client: ssh2.Client) {
    this.#client = client
  }

  static open({ ssh }: Pick<Sallyport, 'ssh'>, privateKey: string): Promise<KeptLogin> {
    return new Promise((resolve, reject) => {
      const client = new ssh2.Client()
      client.on('ready', () => {
        client.setNoDelay(true)
        resolve(new KeptLogin(client))
      })
      client.on('error', reject)
      client.connect({ host: ssh.host, port: ssh.port, username: 'git', privateKey })
    })
  }

  run(line: string, input: Buffer, protocol?: string): Promise<Told> {
    return new Promise((resolve, reject) => {
      const env = protocol === undefined ? {} : { env: { GIT_PROTOCOL: protocol } }
      this.#client.exec(line, env, (fault, channel) => {
        if (fault !== undefined) return reject(fault)
        const output: Buffer[] = []
        const errors: Buffer[] = []
        let code: number | undefined
        channel.on('data', (bytes: Buffer) => output.push(bytes))
        channel.stderr.on('data', (bytes: Buffer) => errors.push(bytes))
        channel.on('exit', (number: number) => {
          code = number
        })
        channel.on('error', reject)
        channel.on('close', () => resolve({ code, output: Buffer.concat(output), errors: Buffer.concat(errors).toString() }))
        channel.end(input)
      })
    })
  }

  uploadPack(project: string, input: Buffer, protocol?: string): Promise<Told> {
    return this.run(`git-upload-pack '${project}.git'`, input, protocol)
  }

  close(): void {
    this.#client.end()
  }
}
