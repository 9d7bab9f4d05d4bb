import type { UserId } from '../../../src/core/ids.ts'
import { Secret } from '../../../src/core/secret.ts'
import { codeAt } from '../../../src/tokens/totp.ts'
import { startApi, today, type UserFields } from '../api/api-server.ts'
import { cheapHash, type Page, WebClient } from './web-client.ts'

export const password = 'open sesame'

/** A server with people on it, and browsers for them. */
export interface PagesScene {
  readonly server: Awaited<ReturnType<typeof startApi>>
  readonly now: () => number
  /** Moves the clock on, by milliseconds. */
  wait(milliseconds: number): void
  browser(): WebClient
  person(username: string, fields?: UserFields): Promise<UserId>
  /** Somebody new, and a browser in which he is signed in. */
  signedIn(username: string): Promise<WebClient>
  close(): Promise<void>
}

const hash = cheapHash(password)

export const pagesScene = async (env: Record<string, string> = {}): Promise<PagesScene> => {
  const server = await startApi(env)
  let now = today
  const person = (username: string, fields: UserFields = {}) => server.addUser(username, { password_hash: hash, ...fields })
  return {
    server,
    now: () => now,
    wait(milliseconds) {
      now += milliseconds
      server.moveClock(now)
    },
    browser: () => new WebClient(server.url),
    person,
    async signedIn(username) {
      await person(username)
      const browser = new WebClient(server.url)
      await browser.signIn(username, password)
      return browser
    },
    close: () => server.close(),
  }
}

/** The key that the enrolment page shows. */
export const shownSeed = ({ text }: Page): Secret =>
  new Secret((/<code id="seed">([^<]*)<\/code>/.exec(text)?.[1] ?? '').replaceAll(' ', ''))

export const shownCodes = ({ text }: Page): string[] =>
  [...text.matchAll(/<li><code>([^<]*)<\/code>/g)].map(([, code = '']) => code)

/** Turns the second factor on in a browser that is signed in. */
export const turnOn = async (
  browser: WebClient,
  given: { readonly now: number; readonly password: string },
): Promise<{ seed: Secret; codes: string[] }> => {
  const seed = shownSeed(await browser.get('/-/profile/two_factor_auth'))
  const fields = { pin_code: codeAt(seed, given.now), current_password: given.password }
  return { seed, codes: shownCodes(await browser.submit('Turn on', fields)) }
}

export const enrol = (scene: PagesScene, browser: WebClient) => turnOn(browser, { now: scene.now(), password })
