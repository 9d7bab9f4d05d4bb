import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import ssh2 from 'ssh2'
import type { ProjectId } from '../../../src/core/ids.ts'
import { Repositories } from '../../../src/git/repositories.ts'
import { Api } from '../../support/api.ts'
import { type Sallyport, startSallyport } from '../../support/sallyport.ts'
import { KeptConnection, KeptLogin } from './kept-connection.ts'

const deadline = 30_000

export interface Project {
  readonly id: number
  /** `root/name` */
  readonly path: string
  /** Where the repository lies. */
  readonly directory: string
}

/** One worker, with a connection over each door that stays with it. */
export interface Worker {
  readonly pid: number
  readonly http: KeptConnection
  readonly ssh: KeptLogin
}

/** The program as it is shipped, with a way to ask each worker by itself. */
export class ProvingGround {
  readonly server: Sallyport
  readonly api: Api
  /** One of each; whoever wants to be alone on a connection takes `connect`. */
  workers: readonly Worker[] = []
  readonly key: string
  readonly #size: number
  readonly #connections: { close(): void }[] = []

  private constructor(server: Sallyport, key: string, size: number) {
    this.server = server
    this.api = new Api(server.http)
    this.key = key
    this.#size = size
  }

  static async open(workers = 1, flags: readonly string[] = []): Promise<ProvingGround> {
    const server = await startSallyport({ workers, flags })
    const pair = ssh2.utils.generateKeyPairSync('ed25519')
    const ground = new ProvingGround(server, pair.private, workers)
    try {
      await ground.api.make('POST', '/user/keys', { title: 'test', key: pair.public })
      ground.workers = await ground.connect()
      return ground
    } catch (fault) {
      await ground[Symbol.asyncDispose]()
      throw fault
    }
  }

  async project(name: string): Promise<Project> {
    const { id, path_with_namespace: path } = await this.api.make('POST', '/projects', { name, path: name })
    return { id, path, directory: new Repositories(join(this.server.home, 'repos')).directoryOf(id as ProjectId) }
  }

  /** Knocks until each worker has answered on both doors; the connections are nobody else's. */
  async connect(): Promise<readonly Worker[]> {
    const http = await this.#collect(() => this.#overHttp())
    const ssh = await this.#collect(() => this.#overSsh())
    return [...http].map(([pid, connection]) => {
      const login = ssh.get(pid)
      if (login === undefined) throw new Error(`worker ${pid} has no SSH door`)
      return { pid, http: connection, ssh: login }
    })
  }

  async #collect<Kind extends { close(): void }>(knock: () => Promise<[number, Kind]>) {
    const found = new Map<number, Kind>()
    const since = performance.now()
    while (found.size < this.#size) {
      if (performance.now() - since > deadline) throw new Error(`${found.size} of ${this.#size} workers answered`)
      const [pid, connection] = await knock()
      if (found.has(pid)) connection.close()
      else this.#connections.push(connection)
      if (!found.has(pid)) found.set(pid, connection)
    }
    return found
  }

  async #overHttp(): Promise<[number, KeptConnection]> {
    const connection = new KeptConnection(this.server.http)
    const { headers } = await connection.ask({ path: '/api/v4/version' })
    const line = await this.server.logged((one) => one['correlation_id'] === headers['x-request-id'])
    return [Number(line['pid']), connection]
  }

  async #overSsh(): Promise<[number, KeptLogin]> {
    const login = await KeptLogin.open(this.server, this.key)
    const mark = `nobody/${randomUUID()}`
    await login.uploadPack(mark, Buffer.alloc(0))
    const line = await this.server.logged((one) => one['path'] === mark)
    return [Number(line['pid']), login]
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const connection of this.#connections) connection.close()
    await this.server[Symbol.asyncDispose]()
  }
}
