import { writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { join } from 'node:path'
import { decodeJwt } from 'jose'
import { WebClient } from '../http/web/web-client.ts'
import { Api } from '../support/api.ts'
import { Client } from '../support/client.ts'
import { type LocalIssuer, openIssuer } from '../support/issuer.ts'
import { rootToken, type Sallyport, startSallyport } from '../support/sallyport.ts'

export const password = 'correct horse battery'

type Headers = Readonly<Record<string, string>>

/** A way in: asked for, it says whether it was open. `once` is asked after the end alone, since asking uses it up. */
export interface Way {
  readonly name: string
  readonly once?: boolean
  ask(): Promise<boolean>
}

/** A group below another one, with a project of its own; somebody is a Maintainer of the upper group. */
export interface Place {
  readonly above: number
  readonly group: number
  readonly project: number
  readonly path: string
  readonly user: number
  readonly username: string
  readonly token: string
}

/** Something that opens ways, and what its end has to name. */
export interface Held {
  readonly ways: readonly Way[]
  readonly id: number
  readonly secret: string
  /** Whom the account belongs to where that is a bot. */
  readonly account?: number
  /** The file of a private key. */
  readonly key?: string
}

const basic = (login: string, secret: string): Headers => ({
  Authorization: `Basic ${Buffer.from(`${login}:${secret}`).toString('base64')}`,
})
const form = { 'Content-Type': 'application/x-www-form-urlencoded' }

interface Heard {
  readonly status: number
  readonly text: string
}

let last = 0
const next = (): number => {
  last += 1
  return last
}

/** A server of two workers with a registry and an outside issuer, and makers of all that lets somebody in. */
export class HeldWorld {
  readonly server: Sallyport
  readonly api: Api
  readonly client: Client
  readonly issuer: LocalIssuer
  application = { id: 0, client_id: '', client_secret: '' }

  private constructor(server: Sallyport, client: Client, issuer: LocalIssuer) {
    this.server = server
    this.client = client
    this.issuer = issuer
    this.api = new Api(server.http)
  }

  static async open(): Promise<HeldWorld> {
    const env = { SALLYPORT_OUTBOUND_ALLOW: '127.0.0.1', SALLYPORT_REGISTRY: '127.0.0.1:5050', SALLYPORT_BAN: 'off' }
    const server = await startSallyport({ workers: 2, env })
    const world = new HeldWorld(server, await Client.make(server), await openIssuer())
    await world.api.make('PUT', '/application/settings', { resource_owner_password_credentials_enabled: true })
    await world.newApplication()
    return world
  }

  async newApplication(): Promise<void> {
    const fields = { name: 'helper', redirect_uri: 'http://127.0.0.1/', scopes: 'api' }
    const made = await this.api.make('POST', '/applications', fields)
    this.application = { id: made.id, client_id: made.application_id, client_secret: made.secret }
  }

  async place(): Promise<Place> {
    const name = `n${next()}`
    const fields = { username: name, name, email: `${name}@example.com`, password, skip_confirmation: true }
    const user = (await this.api.make('POST', '/users', fields)).id
    const scopes = ['api']
    const { token } = await this.api.make('POST', `/users/${user}/personal_access_tokens`, { name: 'own', scopes })
    const above = (await this.api.make('POST', '/groups', { name: `up${name}`, path: `up${name}` })).id
    await this.api.make('POST', `/groups/${above}/members`, { user_id: user, access_level: 40 })
    const group = (await this.api.make('POST', '/groups', { name, path: name, parent_id: above })).id
    const whole = { name: 'hold', path: 'hold', namespace_id: group, initialize_with_readme: true }
    const made = await this.api.make('POST', '/projects', whole)
    return { above, group, project: made.id, path: made.path_with_namespace, user, username: name, token }
  }

  /** Over a connection of its own: the two workers take new connections in turn. */
  send(method: string, path: string, headers: Headers, body = ''): Promise<Heard> {
    return new Promise((resolve, reject) => {
      const asked = request(`${this.server.http}${path}`, { method, headers, agent: false }, (response) => {
        let text = ''
        response.on('data', (bytes: Buffer) => {
          text += bytes.toString()
        })
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text }))
      })
      asked.on('error', reject)
      asked.end(body)
    })
  }

  #opens(name: string, method: string, path: string, headers: Headers, body = ''): Way {
    return { name, ask: async () => (await this.send(method, path, headers, body)).status < 300 }
  }

  #fetch({ path }: Place, login: string, secret: string): Way {
    return this.#opens('fetch', 'GET', `/${path}.git/info/refs?service=git-upload-pack`, basic(login, secret))
  }

  #push({ path }: Place, login: string, secret: string): Way {
    const headers = { ...basic(login, secret), 'Content-Type': 'application/x-git-receive-pack-request' }
    return this.#opens('push', 'POST', `/${path}.git/git-receive-pack`, headers, '0000')
  }

  #registry({ path }: Place, login: string, secret: string): Way {
    const address = `/jwt/auth?service=container_registry&scope=repository:${path}:pull`
    const ask = async (): Promise<boolean> => {
      const { status, text } = await this.send('GET', address, basic(login, secret))
      const { access } = status === 200 ? decodeJwt(JSON.parse(text).token) : {}
      return Array.isArray(access) && access.length > 0
    }
    return { name: 'registry', ask }
  }

  #ssh({ path }: Place, key: string): Way {
    const list = async () => (await this.client.git(['ls-remote', '-q', this.client.sshUrl(path)], { key })).code === 0
    // Two at once, so that both workers are asked.
    return { name: 'ssh', ask: async () => (await Promise.all([list(), list()])).some((opened) => opened) }
  }

  /** All ways of a token that the API takes too. */
  #all(place: Place, secret: string, headers: Headers = { 'PRIVATE-TOKEN': secret }): Way[] {
    return [
      this.#opens('api', 'GET', `/api/v4/projects/${place.project}`, headers),
      this.#fetch(place, 'x', secret),
      this.#push(place, 'x', secret),
      this.#registry(place, 'x', secret),
    ]
  }

  async personal(place: Place): Promise<Held> {
    const fields = { name: 'x', scopes: ['api'] }
    const { id, token } = await this.api.make('POST', `/users/${place.user}/personal_access_tokens`, fields)
    return { id, secret: token, ways: this.#all(place, token) }
  }

  async impersonation(place: Place): Promise<Held> {
    const fields = { name: 'x', scopes: ['api'] }
    const { id, token } = await this.api.make('POST', `/users/${place.user}/impersonation_tokens`, fields)
    return { id, secret: token, ways: this.#all(place, token) }
  }

  async bot(place: Place, home: 'projects' | 'groups'): Promise<Held> {
    const fields = { name: 'x', scopes: ['api'], access_level: 40 }
    const at = home === 'projects' ? place.project : place.group
    const { id, token, user_id } = await this.api.make('POST', `/${home}/${at}/access_tokens`, fields)
    return { id, secret: token, account: user_id, ways: this.#all(place, token) }
  }

  async service(place: Place): Promise<Held> {
    const home = `/groups/${place.above}/service_accounts`
    const account = (await this.api.make('POST', home, {})).id
    await this.api.make('POST', `/groups/${place.above}/members`, { user_id: account, access_level: 40 })
    const fields = { name: 's', scopes: ['api'] }
    const { id, token } = await this.api.make('POST', `${home}/${account}/personal_access_tokens`, fields)
    return { id, secret: token, account, ways: this.#all(place, token) }
  }

  async deployToken(place: Place, home: 'projects' | 'groups'): Promise<Held> {
    const at = home === 'projects' ? place.project : place.group
    const fields = { name: 'd', username: 'd', scopes: ['read_repository', 'read_registry'] }
    const { id, token } = await this.api.make('POST', `/${home}/${at}/deploy_tokens`, fields)
    return { id, secret: token, ways: [this.#fetch(place, 'd', token), this.#registry(place, 'd', token)] }
  }

  async byPassword(place: Place): Promise<Held> {
    const ways = [this.#fetch, this.#push, this.#registry].map((way) => way.call(this, place, place.username, password))
    return { id: place.user, secret: password, ways }
  }

  /** One of an application, with the refresh token behind it. */
  async oauth(place: Place): Promise<Held> {
    const { id: _, ...client } = this.application
    const asked = { grant_type: 'password', username: place.username, password, scope: 'api', ...client }
    const { text } = await this.send('POST', '/oauth/token', form, String(new URLSearchParams(asked)))
    const { access_token, refresh_token } = JSON.parse(text)
    const again = String(new URLSearchParams({ grant_type: 'refresh_token', refresh_token, ...client }))
    const refresh = { ...this.#opens('refresh', 'POST', '/oauth/token', form, again), once: true }
    const bearer = { Authorization: `Bearer ${access_token}` }
    return { id: 0, secret: refresh_token, ways: [...this.#all(place, access_token, bearer), refresh] }
  }

  async job(place: Place): Promise<Held> {
    const leases = `/projects/${place.project}/sallyport/job_leases`
    const { id, token } = await this.api.as(place.token).make('POST', leases, { ref: 'main', seconds: 600 })
    const login = 'gitlab-ci-token'
    const own = this.#opens('api', 'GET', '/api/v4/job', { 'JOB-TOKEN': token })
    return { id, secret: token, ways: [own, this.#fetch(place, login, token), this.#registry(place, login, token)] }
  }

  async trust(place: Place): Promise<{ id: number; audience: string }> {
    const audience = `a${next()}`
    const claims = { repository: 'octo/ship' }
    const scopes = ['read_repository', 'read_registry']
    const terms = { name: audience, issuer: this.issuer.url, audience, claims, access_level: 20, scopes }
    const home = `/projects/${place.project}/sallyport/trusts`
    const { id } = await this.api.as(place.token).make('POST', home, terms)
    return { id, audience }
  }

  async #exchanged(place: Place, audience: string, more: Headers = {}): Promise<string> {
    const asked = {
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      subject_token: await this.issuer.token({ aud: audience }),
      subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
      audience: place.path,
      ...more,
    }
    const path = '/api/v4/sallyport/token_exchange'
    const { status, text } = await this.send('POST', path, form, String(new URLSearchParams(asked)))
    if (status !== 200) throw new Error(`no exchange: ${text}`)
    return JSON.parse(text).access_token
  }

  /** What an outside issuer's job was given: a token, and a certificate for a key of its own. */
  async trusted(place: Place): Promise<Held> {
    const { id, audience } = await this.trust(place)
    const token = await this.#exchanged(place, audience)
    const { file, line } = await this.client.key(`job-${next()}`)
    const certificate = await this.#exchanged(place, audience, {
      requested_token_type: 'urn:sallyport:params:oauth:token-type:ssh-certificate',
      public_key: line,
    })
    await writeFile(`${file}-cert.pub`, `${certificate}\n`)
    const ways = [this.#fetch(place, 'x', token), this.#registry(place, 'x', token), this.#ssh(place, file)]
    return { id, secret: token, key: file, ways }
  }

  async userKey(place: Place): Promise<Held> {
    const { file, line } = await this.client.key(`user-${next()}`)
    const { id } = await this.api.make('POST', `/users/${place.user}/keys`, { title: 'k', key: line })
    return { id, secret: file, key: file, ways: [this.#ssh(place, file)] }
  }

  async deployKey(place: Place): Promise<Held> {
    const { file, line } = await this.client.key(`deploy-${next()}`)
    const home = `/projects/${place.project}/deploy_keys`
    const { id } = await this.api.as(place.token).make('POST', home, { title: 'd', key: line, can_push: true })
    return { id, secret: file, key: file, ways: [this.#ssh(place, file)] }
  }

  /** Gives the project a branch with a configuration, so that there is something to begin. */
  async #configured({ path }: Place): Promise<void> {
    const directory = await this.client.repository(`ci-${next()}`)
    await writeFile(join(directory, '.gitlab-ci.yml'), 'job:\n  script: ["true"]\n')
    await this.client.git(['add', '.'], { cwd: directory })
    await this.client.commit(directory, 'ci')
    const pushed = await this.client.git(['push', '-q', this.client.url(path, 'root', rootToken), 'HEAD:ci'], { cwd: directory })
    if (pushed.code !== 0) throw new Error(pushed.stderr)
  }

  async trigger(place: Place): Promise<Held> {
    await this.#configured(place)
    const home = `/projects/${place.project}/triggers`
    const { id, token } = await this.api.as(place.token).make('POST', home, { description: 't' })
    const path = `/api/v4/projects/${place.project}/trigger/pipeline`
    return { id, secret: token, ways: [this.#opens('trigger', 'POST', path, form, `token=${token}&ref=ci`)] }
  }

  async runner(place: Place): Promise<Held> {
    const fields = { runner_type: 'project_type', project_id: place.project }
    const { id, token } = await this.api.make('POST', '/user/runners', fields)
    return { id, secret: token, ways: [this.#opens('verify', 'POST', '/api/v4/runners/verify', form, `token=${token}`)] }
  }

  async session({ user, username }: Place): Promise<Held> {
    const browser = new WebClient(this.server.http)
    await browser.signIn(username, password)
    const cookie = { Cookie: `_gitlab_session=${browser.cookie}` }
    return {
      id: user,
      secret: String(browser.cookie),
      ways: [this.#opens('page', 'GET', '/-/user_settings/applications', cookie)],
    }
  }

  file(name: string): string {
    return join(this.server.home, name)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client[Symbol.asyncDispose]()
    await this.issuer[Symbol.asyncDispose]()
    await this.server[Symbol.asyncDispose]()
  }
}
