import type { UserId } from '../../../src/core/ids.ts'
import { Secret } from '../../../src/core/secret.ts'
import type { ApiParts } from '../../../src/http/api/parts.ts'
import type { Application } from '../../../src/oauth/application.ts'
import { findApplication } from '../../../src/store/oauth/applications.ts'
import { makeCode, type NewCode } from '../../../src/store/oauth/codes.ts'
import { answerDevice, findDeviceByUserCode } from '../../../src/store/oauth/devices.ts'
import { type ApiServer, startApi, today } from '../api/api-server.ts'

/** An application with the secret by which it is proven. */
export interface Client {
  readonly application: Application
  readonly secret: string
}

export interface Told {
  readonly status: number
  readonly headers: Headers
  readonly body: Record<string, unknown>
}

export type Form = Readonly<Record<string, string | undefined>>

export const redirectUri = 'https://app.example.org/callback'
export const loopback = 'http://127.0.0.1:41234/'

/** The example of RFC 7636, appendix B. */
export const verifier = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk'
export const challenge = { value: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM', method: 'S256' } as const

const allScopes = 'api read_api read_user read_repository write_repository sudo openid profile email'

export const basic = (uid: string, secret: string): string =>
  `Basic ${Buffer.from(`${encodeURIComponent(uid)}:${encodeURIComponent(secret)}`).toString('base64')}`

/** The server with a web application, a tool that keeps no secret, and a user, `ada`. */
export class OauthStage {
  readonly api: ApiServer & { readonly root: { readonly id: UserId; readonly token: string } }
  ada = 0 as UserId
  #clients = new Map<string, Client>()

  private constructor(api: OauthStage['api']) {
    this.api = api
  }

  static async open(env: Record<string, string> = {}, changed: Partial<ApiParts> = {}): Promise<OauthStage> {
    const stage = new OauthStage(await startApi(env, changed))
    stage.ada = await stage.api.addUser('ada')
    await stage.addClient('web', { redirect_uri: redirectUri })
    await stage.addClient('other', { redirect_uri: 'https://other.example.org/callback' })
    await stage.addClient('tool', { redirect_uri: 'http://127.0.0.1/', confidential: false })
    return stage
  }

  async addClient(name: string, fields: Record<string, unknown>): Promise<Client> {
    const json = { name, scopes: allScopes, ...fields }
    const made = await this.api.ask<Record<string, string>>('POST', '/applications', { token: this.api.root.token, json })
    const { application_id: uid = '', secret = '' } = made.body
    const application = await findApplication(this.api.store.read, uid)
    if (application === undefined) throw new Error(`no application: ${JSON.stringify(made.body)}`)
    const client = { application, secret }
    this.#clients.set(name, client)
    return client
  }

  client(name: string): Client {
    const client = this.#clients.get(name)
    if (client === undefined) throw new Error(`there is no application ${name}`)
    return client
  }

  get now(): number {
    return this.api.parts.clock()
  }

  async ask(method: string, path: string, init: RequestInit = {}): Promise<Told> {
    const response = await fetch(`${this.api.url}${path}`, { method, redirect: 'manual', ...init })
    const text = await response.text()
    const body = text.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : { text }
    return { status: response.status, headers: response.headers, body }
  }

  post(path: string, form: Form, headers: Record<string, string> = {}): Promise<Told> {
    const given = Object.entries(form).filter((pair): pair is [string, string] => pair[1] !== undefined)
    return this.ask('POST', path, { headers, body: new URLSearchParams(given) })
  }

  /** `POST /oauth/token` by a client of that name. */
  token(name: string, form: Form): Promise<Told> {
    const { application, secret } = this.client(name)
    const shown = application.confidential ? { client_secret: secret } : {}
    return this.post('/oauth/token', { client_id: application.uid, ...shown, ...form })
  }

  /** What the consent page makes once a user has agreed. */
  async code(name: string, fields: Partial<NewCode> = {}): Promise<string> {
    const { application } = this.client(name)
    const code: NewCode = {
      applicationId: application.id,
      userId: this.ada,
      redirectUri: application.confidential ? redirectUri : loopback,
      scopes: ['api'],
      challenge: application.confidential ? undefined : challenge,
      nonce: undefined,
      authTime: this.now - 60_000,
      ...fields,
    }
    return Secret.open(await makeCode(this.api.store, code, this.now))
  }

  /** A code changed for tokens. */
  async tokens(name: string, fields: Partial<NewCode> = {}): Promise<{ access: string; refresh: string; body: Told['body'] }> {
    const { confidential } = this.client(name).application
    const told = await this.token(name, {
      grant_type: 'authorization_code',
      code: await this.code(name, fields),
      redirect_uri: fields.redirectUri ?? (confidential ? redirectUri : loopback),
      code_verifier: confidential ? undefined : verifier,
    })
    if (told.status !== 200) throw new Error(`no tokens: ${JSON.stringify(told.body)}`)
    return { access: String(told.body['access_token']), refresh: String(told.body['refresh_token']), body: told.body }
  }

  /** What the device page does once somebody typed the code. */
  async answerDevice(userCode: string, answer: 'granted' | 'denied'): Promise<boolean> {
    const device = await findDeviceByUserCode(this.api.store.read, userCode, this.now)
    if (device === undefined) return false
    return answerDevice(this.api.store, device.id, answer === 'granted' ? { userId: this.ada } : 'denied', this.now)
  }

  /** Whether an access token still signs its user in. */
  async works(access: string): Promise<boolean> {
    return (await this.ask('GET', '/api/v4/user', { headers: { Authorization: `Bearer ${access}` } })).status === 200
  }

  /** The last line of the log, with why it refused. */
  get reason(): unknown {
    return this.api.lines.findLast((line) => 'path' in line)?.['meta.refusal_reason']
  }

  /** The names of all audit events so far. */
  async audited(): Promise<string[]> {
    await this.api.parts.activity.trail.settled()
    const rows = await this.api.store.activity.selectFrom('audit_events').select(['name', 'target_type', 'target_id']).execute()
    return rows.map((row) => `${row.name} ${row.target_type}/${row.target_id}`)
  }

  wait(milliseconds: number): void {
    this.api.moveClock(this.now + milliseconds)
  }

  close(): Promise<void> {
    return this.api.close()
  }
}

export { today }
