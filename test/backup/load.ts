import { setTimeout as pause } from 'node:timers/promises'
import { Api } from '../support/api.ts'
import { rootToken, type Sallyport } from '../support/sallyport.ts'

/** Between two turns of one side, in milliseconds: enough happens at each moment, and the machine has other work. */
const rest = 80

/** For what tells of itself by no event. */
export const until = async (isSo: () => boolean): Promise<void> => {
  while (!isSo()) await pause(10)
}

/** One thing that was asked for, and when its answer came. */
export interface Done<What> {
  readonly what: What
  /** Milliseconds; before this it was not there. */
  readonly asked: number
  /** Milliseconds; from this on it was. */
  readonly answered: number
}

export interface BranchMade {
  readonly project: number
  readonly branch: string
}

export interface TokenMade {
  readonly id: number
  readonly token: string
}

const timed = async <What>(work: () => Promise<What>, told: Done<What>[]): Promise<What> => {
  const asked = Date.now()
  const what = await work()
  told.push({ what, asked, answered: Date.now() })
  return what
}

/** Work that goes on from several sides until it is told to stop, with an account of all that was answered. */
export class Load {
  readonly branches: Done<BranchMade>[] = []
  readonly births: Done<TokenMade>[] = []
  readonly ends: Done<TokenMade>[] = []
  readonly created: Done<number>[] = []
  readonly deleted: Done<number>[] = []
  readonly #api: Api
  readonly #projects: readonly number[]
  #isOver = false
  #running: Promise<unknown> = Promise.resolve()

  constructor(server: Sallyport, projects: readonly number[]) {
    this.#api = new Api(server.http, rootToken)
    this.#projects = projects
  }

  start(): void {
    const sides = [
      ...this.#projects.map((project) => this.#again((turn) => this.#branch(project, `branch-${turn}`))),
      this.#again((turn) => this.#token(`token-${turn}`)),
      this.#again((turn) => this.#project(`passing-${turn}`)),
    ]
    this.#running = Promise.all(sides)
  }

  async stop(): Promise<void> {
    this.#isOver = true
    await this.#running
  }

  async #again(work: (turn: number) => Promise<void>): Promise<void> {
    for (let turn = 0; !this.#isOver; turn += 1) {
      await work(turn)
      await pause(rest)
    }
  }

  async #branch(project: number, branch: string): Promise<void> {
    await timed(async () => {
      await this.#api.make('POST', `/projects/${project}/repository/branches`, { branch, ref: 'main' })
      return { project, branch }
    }, this.branches)
  }

  /** Every other one is ended at once. */
  async #token(name: string): Promise<void> {
    const made = await timed(async (): Promise<TokenMade> => {
      const { id, token } = await this.#api.make('POST', '/users/1/personal_access_tokens', { name, scopes: ['api'] })
      return { id, token }
    }, this.births)
    if (this.births.length % 2 === 0) return
    await timed(async () => {
      await this.#api.make('DELETE', `/personal_access_tokens/${made.id}`)
      return made
    }, this.ends)
  }

  async #project(path: string): Promise<void> {
    const id = await timed(async (): Promise<number> => {
      const made = await this.#api.make('POST', '/projects', { path, name: path, initialize_with_readme: true })
      return made.id
    }, this.created)
    if (this.created.length % 2 === 0) return
    await timed(async () => {
      await this.#api.make('DELETE', `/projects/${id}`)
      return id
    }, this.deleted)
  }
}
