import { decodeJwt } from 'jose'
import { Api } from '../support/api.ts'
import type { Login } from '../support/registry.ts'
import { type Sallyport, type Start, startSallyport } from '../support/sallyport.ts'

export const password = 'correct horse battery'

const levels = { guest: 10, reporter: 20, developer: 30, maintainer: 40, owner: 50 } as const

export interface Asked {
  readonly scopes?: readonly string[]
  readonly service?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly method?: string
}

export interface Told {
  readonly status: number
  // biome-ignore lint/suspicious/noExplicitAny: an answer's shape is what a test asks about
  readonly body: any
  readonly headers: Headers
}

export const basic = ([login, secret]: readonly [string, string]): string =>
  `Basic ${Buffer.from(`${login}:${secret}`).toString('base64')}`

/**
 * A server with a registry, one project of each visibility in group `castle` and one in `other`, and somebody of each
 * role in `castle`. Only `castle/private` holds a commit, for its jobs.
 */
export class RegistryStage {
  readonly server: Sallyport
  readonly api: Api
  readonly projects = new Map<string, number>()
  readonly people = new Map<string, { readonly id: number; readonly token: string }>()
  readonly groups = new Map<string, number>()

  private constructor(server: Sallyport) {
    this.server = server
    this.api = new Api(server.http)
  }

  static async open(registry: string, start: Start = {}): Promise<RegistryStage> {
    const stage = new RegistryStage(await startSallyport({ ...start, env: { SALLYPORT_REGISTRY: registry, ...start.env } }))
    try {
      await stage.#furnish()
      return stage
    } catch (fault) {
      await stage[Symbol.asyncDispose]()
      throw fault
    }
  }

  async #furnish(): Promise<void> {
    for (const path of ['castle', 'other']) {
      const { id } = await this.api.make('POST', '/groups', { name: path, path, visibility: 'public' })
      this.groups.set(path, id)
    }
    for (const visibility of ['private', 'internal', 'public']) {
      await this.project('castle', visibility, { visibility, initialize_with_readme: visibility === 'private' })
    }
    await this.project('other', 'elsewhere', { visibility: 'private' })
    for (const [name, access_level] of Object.entries(levels)) {
      const { id } = await this.person(name)
      await this.api.make('POST', `/groups/${this.groups.get('castle')}/members`, { user_id: id, access_level })
    }
    await this.person('stranger')
    await this.person('external', { external: true })
  }

  async project(group: string, path: string, fields: Readonly<Record<string, unknown>> = {}): Promise<number> {
    const namespace_id = this.groups.get(group)
    const { id } = await this.api.make('POST', '/projects', { name: path, path, namespace_id, ...fields })
    this.projects.set(path, id)
    return id
  }

  async person(username: string, fields: Readonly<Record<string, unknown>> = {}) {
    const email = `${username}@example.com`
    const whole = { username, name: username, email, password, skip_confirmation: true, ...fields }
    const { id } = await this.api.make('POST', '/users', whole)
    const person = { id, token: await this.token(id, ['api']) }
    this.people.set(username, person)
    return person
  }

  who(username: string): { readonly id: number; readonly token: string } {
    const person = this.people.get(username)
    if (person === undefined) throw new Error(`nobody is called ${username}`)
    return person
  }

  /** The secret of a new token. */
  async token(user: number, scopes: readonly string[], fields: Readonly<Record<string, unknown>> = {}): Promise<string> {
    return (await this.api.make('POST', `/users/${user}/personal_access_tokens`, { name: 'images', scopes, ...fields })).token
  }

  tokenOf(username: string, scopes: readonly string[]): Promise<string> {
    return this.token(this.who(username).id, scopes)
  }

  async deployToken(owner: string, scopes: readonly string[]): Promise<Login> {
    const made = await this.api.make('POST', `/${owner}/deploy_tokens`, { name: 'images', username: 'deployer', scopes })
    return ['deployer', made.token]
  }

  /** An OAuth token, by a password in the hands of an application. */
  async oauth(username: string, scopes: string): Promise<Login> {
    await this.api.make('PUT', '/application/settings', { resource_owner_password_credentials_enabled: true })
    const redirect_uri = 'https://app.example.org/callback'
    const { application_id, secret } = await this.api.make('POST', '/applications', { name: 'app', redirect_uri, scopes })
    const form = { grant_type: 'password', username, password, scope: scopes, client_id: application_id, client_secret: secret }
    const response = await fetch(`${this.server.http}/oauth/token`, { method: 'POST', body: new URLSearchParams(form) })
    const { access_token } = (await response.json()) as { access_token?: string }
    if (access_token === undefined) throw new Error(`no OAuth token: ${response.status}`)
    return ['oauth2', access_token]
  }

  /** The token of a job that runs in a project of `castle`, with the rights of a Maintainer. */
  async job(path: string): Promise<Login> {
    const fields = { user: 'maintainer', ref: 'main', seconds: 600 }
    const made = await this.api.make('POST', `/projects/${this.projects.get(path)}/sallyport/job_leases`, fields)
    return ['gitlab-ci-token', made.token]
  }

  /** `GET /jwt/auth`, as clients ask. */
  async ask(
    login: Login,
    { scopes = [], service = 'container_registry', headers = {}, method = 'GET' }: Asked = {},
  ): Promise<Told> {
    const query = new URLSearchParams({ service })
    for (const scope of scopes) query.append('scope', scope)
    const response = await fetch(`${this.server.http}/jwt/auth?${query}`, {
      method,
      headers: { ...(login !== undefined && { Authorization: basic(login) }), ...headers },
    })
    const text = await response.text()
    const isJson = response.headers.get('content-type')?.startsWith('application/json')
    return { status: response.status, body: isJson ? JSON.parse(text) : text, headers: response.headers }
  }

  /** What is granted: the actions of each thing, or the status of a refusal. */
  async granted(login: Login, ...scopes: readonly string[]): Promise<Record<string, string> | number> {
    const { status, body } = await this.ask(login, { scopes })
    if (status !== 200) return status
    const { access } = decodeJwt<{ access: { name: string; actions: string[] }[] }>(body.token)
    return Object.fromEntries(access.map(({ name, actions }) => [name, actions.join(',')]))
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.server[Symbol.asyncDispose]()
  }
}
