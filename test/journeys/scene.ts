import { Api } from '../support/api.ts'
import { ChildrenWatch } from '../support/children-watch.ts'
import { Client } from '../support/client.ts'
import { rootPassword, rootToken, type Sallyport, type Start, startSallyport } from '../support/sallyport.ts'
import { secretsLeft } from '../support/secrets-left.ts'

export const password = 'correct horse battery'

/** Someone on the scene, with a token for git and the API and a key for SSH. */
export interface Person {
  readonly id: number
  readonly username: string
  readonly token: string
  readonly key: string
}

export const roles = { guest: 10, planner: 15, reporter: 20, developer: 30, maintainer: 40, owner: 50 } as const

/** Who and what is there from the start; all of it unless said otherwise. */
export interface Furniture {
  readonly members: readonly (keyof typeof roles)[]
  readonly projects: readonly ('private' | 'internal' | 'public')[]
}

/** A server with one group, `castle`, a member for each role, some who are none, and three projects with a commit each. */
export class Scene {
  readonly server: Sallyport
  readonly api: Api
  readonly client: Client
  readonly people = new Map<string, Person>()
  groupId = 0
  readonly projects = new Map<string, number>()
  readonly #children: ChildrenWatch

  private constructor(server: Sallyport, client: Client) {
    this.server = server
    this.client = client
    this.api = new Api(server.http)
    this.#children = new ChildrenWatch(server.process.pid ?? 0)
  }

  static async open(start: Start = {}, furniture?: Furniture): Promise<Scene> {
    const server = await startSallyport(start)
    const scene = new Scene(server, await Client.make(server))
    try {
      await scene.#furnish(furniture)
      return scene
    } catch (fault) {
      await scene[Symbol.asyncDispose]()
      throw fault
    }
  }

  async #furnish(furniture: Furniture | undefined): Promise<void> {
    const group = await this.api.make('POST', '/groups', { name: 'castle', path: 'castle', visibility: 'public' })
    this.groupId = group.id
    for (const [name, level] of Object.entries(roles)) {
      if (furniture?.members.some((member) => member === name) === false) continue
      const person = await this.person(name)
      await this.api.make('POST', `/groups/${this.groupId}/members`, { user_id: person.id, access_level: level })
    }
    if (furniture === undefined) {
      await this.person('stranger')
      await this.person('external', { external: true })
    }
    for (const visibility of furniture?.projects ?? ['private', 'internal', 'public'])
      await this.project(visibility, { visibility })
  }

  async person(username: string, fields: Record<string, unknown> = {}): Promise<Person> {
    const user = await this.api.make('POST', '/users', {
      username,
      name: username,
      email: `${username}@example.com`,
      password,
      skip_confirmation: true,
      ...fields,
    })
    const { token } = await this.token(user.id, ['api'])
    const { file, line } = await this.client.key(username)
    await this.api.make('POST', `/users/${user.id}/keys`, { title: username, key: line })
    const person = { id: user.id, username, token, key: file }
    this.people.set(username, person)
    return person
  }

  /** One of those who are there from the start. `root` has a token and no key. */
  who(username: string): Person {
    const person = this.people.get(username)
    if (person === undefined) throw new Error(`nobody is called ${username}`)
    return person
  }

  token(userId: number, scopes: readonly string[], fields: Record<string, unknown> = {}): Promise<{ id: number; token: string }> {
    return this.api.make('POST', `/users/${userId}/personal_access_tokens`, { name: 'git', scopes, ...fields })
  }

  /** A project in `castle` with one commit on `main`. */
  async project(path: string, fields: Record<string, unknown> = {}, group = this.groupId): Promise<number> {
    const project = await this.api.make('POST', '/projects', { name: path, path, namespace_id: group, ...fields })
    this.projects.set(path, project.id)
    const directory = await this.client.repository(`seed-${path}`)
    const pushed = await this.client.git(
      ['push', '-q', this.client.url(project.path_with_namespace, 'root', rootToken), 'main'],
      { cwd: directory },
    )
    if (pushed.code !== 0) throw new Error(pushed.stderr)
    return project.id
  }

  id(path: string): number {
    const id = this.projects.get(path)
    if (id === undefined) throw new Error(`no project is called ${path}`)
    return id
  }

  /** `GET info/refs`, as git asks first. */
  infoRefs(path: string, service: string, credentials?: { login: string; secret: string }): Promise<Response> {
    const authorization = credentials && `Basic ${Buffer.from(`${credentials.login}:${credentials.secret}`).toString('base64')}`
    return fetch(`${this.server.http}/${path}.git/info/refs?service=git-${service}`, {
      headers: { ...(authorization !== undefined && { Authorization: authorization }) },
      redirect: 'manual',
    })
  }

  /** Whatever a journey did: no secret of its server lies in the home, the log, or what was started. */
  async #leaveNoSecret(): Promise<void> {
    const { home, log, output } = this.server
    this.#children.stop()
    await this.server.stop()
    // What somebody asks for is that client's own word.
    const ownWords = JSON.stringify(log.map((line) => ({ ...line, path: undefined })))
    const texts = { log: ownWords, output: output.join('\n'), children: [...this.#children.texts].join('\n') }
    const left = await secretsLeft({ home, texts, words: [password, rootPassword] })
    if (left.length > 0) throw new Error(`secrets lie in the open: ${left.slice(0, 5).join(', ')}`)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.client[Symbol.asyncDispose]()
      await this.#leaveNoSecret()
    } finally {
      await this.server[Symbol.asyncDispose]()
    }
  }
}
