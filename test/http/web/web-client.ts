import { argon2Sync } from 'node:crypto'
import { linkedFields } from './read-page.ts'

/** A hash that is checked in a millisecond. */
export const cheapHash = (password: string): string => {
  const nonce = Buffer.from('salt of the test')
  const tag = argon2Sync('argon2id', { message: password, nonce, memory: 8, passes: 1, parallelism: 1, tagLength: 32 })
  const base64 = (bytes: Buffer): string => bytes.toString('base64').replaceAll('=', '')
  return `$argon2id$v=19$m=8,t=1,p=1$${base64(nonce)}$${base64(tag)}`
}

export interface Page {
  readonly status: number
  readonly text: string
  readonly headers: Headers
  /** Where a redirect leads, as it was sent. */
  readonly location: string | undefined
}

/** A browser as far as tests of single answers need one: it keeps the cookie and sends what a page's forms hold. */
export class WebClient {
  readonly #base: string
  cookie: string | undefined
  last: Page | undefined

  constructor(base: string) {
    this.#base = base
  }

  async ask(method: string, path: string, given: { headers?: Record<string, string>; body?: URLSearchParams | string } = {}) {
    const response = await fetch(`${this.#base}${path}`, {
      method,
      redirect: 'manual',
      headers: { ...(this.cookie !== undefined && { Cookie: `_gitlab_session=${this.cookie}` }), ...given.headers },
      ...(given.body !== undefined && { body: given.body }),
    })
    const set = /^_gitlab_session=([^;]+)/.exec(response.headers.get('set-cookie') ?? '')?.[1]
    if (set !== undefined) this.cookie = set
    const location = response.headers.get('location') ?? undefined
    const page: Page = { status: response.status, text: await response.text(), headers: response.headers, location }
    this.last = page
    return page
  }

  get(path: string): Promise<Page> {
    return this.ask('GET', path)
  }

  /** Sends the form of the last page whose submit button has these words, with its hidden fields and the given ones. */
  submit(button: string, fields: Record<string, string> = {}, headers: Record<string, string> = {}): Promise<Page> {
    const form = linkedFields(this.last?.text ?? '', button)
    return this.ask('POST', form.action, { body: new URLSearchParams({ ...form.fields, ...fields }), headers })
  }

  /** Goes where the last answer sent it. */
  follow(): Promise<Page> {
    if (this.last?.location === undefined) throw new Error(`nothing leads on from here: ${this.last?.status}`)
    return this.get(this.last.location)
  }

  /** Asks for the sign-in page and gives the password. */
  async signIn(login: string, password: string, path = '/users/sign_in'): Promise<Page> {
    await this.get(path)
    return this.submit('Sign in', { 'user[login]': login, 'user[password]': password })
  }
}
