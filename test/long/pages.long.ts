import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Secret } from '../../src/core/secret.ts'
import { codeAt } from '../../src/tokens/totp.ts'
import { Api } from '../support/api.ts'
import { startBrowser } from '../support/browser.ts'
import { Client } from '../support/client.ts'
import { startCatcher } from '../support/redirect-catcher.ts'
import { type Sallyport, startSallyport } from '../support/sallyport.ts'

const password = 'correct horse 7'
const challenge = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM'

/** The next code that was not taken yet: each counts once, so a person may have to wait for it. */
const nextStep = async (): Promise<void> => {
  const step = Math.floor(Date.now() / 30_000)
  while (Math.floor(Date.now() / 30_000) === step) await new Promise((resolve) => setTimeout(resolve, 200))
}

describe('the pages in a browser that runs no scripts', () => {
  let server: Sallyport
  let browser: Browser
  let api: Api
  let people = 0
  beforeAll(async () => {
    server = await startSallyport()
    browser = await startBrowser()
    api = new Api(server.http)
  })
  afterAll(async () => {
    await browser?.close()
    await server?.[Symbol.asyncDispose]()
  })

  const person = async (): Promise<string> => {
    people += 1
    const username = `person${people}`
    await api.make('POST', '/users', { username, name: username, email: `${username}@example.org`, password })
    return username
  }

  const open = async (options: Parameters<Browser['newContext']>[0] = {}): Promise<Page> =>
    (await browser.newContext({ javaScriptEnabled: false, ...options })).newPage()

  const signIn = async (page: Page, username: string, given = password): Promise<void> => {
    if (!page.url().includes('/users/sign_in')) await page.goto(`${server.http}/users/sign_in`)
    await page.getByLabel('Username or primary email').fill(username)
    await page.getByLabel('Password').fill(given)
    await page.getByRole('button', { name: 'Sign in' }).click()
  }

  const heading = (page: Page): Promise<string | null> => page.getByRole('heading', { level: 1 }).textContent()

  const application = (redirect: string, scopes = 'read_api'): Promise<{ application_id: string }> =>
    api.make('POST', '/applications', { name: 'Tool', redirect_uri: redirect, scopes, confidential: false })

  const authorize = (uid: string, redirect: string): string =>
    `${server.http}/oauth/authorize?${new URLSearchParams({
      client_id: uid,
      redirect_uri: redirect,
      response_type: 'code',
      scope: 'read_api',
      state: 's',
      code_challenge: challenge,
      code_challenge_method: 'S256',
    })}`

  const enrol = async (page: Page): Promise<{ seed: Secret; codes: string[] }> => {
    await page.goto(`${server.http}/-/profile/two_factor_auth`)
    const seed = new Secret((await page.locator('#seed').textContent())?.replaceAll(' ', '') ?? '')
    await page.getByLabel('Code that the authenticator shows now').fill(codeAt(seed, Date.now()))
    await page.getByLabel('Current password').fill(password)
    await page.getByRole('button', { name: 'Turn on' }).click()
    expect(await heading(page)).toBe('Two-factor authentication is on now')
    return { seed, codes: await page.locator('.codes code').allTextContents() }
  }

  test('a second factor: enrolment, its code, a recovery code, and the end of the password over git', async () => {
    const username = await person()
    const project = await api.make('POST', '/projects', {
      name: `of-${username}`,
      visibility: 'internal',
      initialize_with_readme: true,
    })
    await using client = await Client.make(server)
    const url = client.url(project.path_with_namespace, username, password)
    expect((await client.git(['ls-remote', url])).code).toBe(0)
    const page = await open()
    await signIn(page, username)
    const { seed, codes } = await enrol(page)
    expect(codes).toHaveLength(10)
    expect(await client.git(['ls-remote', url])).toMatchObject({ code: 128 })
    await server.logged((line) => line['meta.refusal_reason'] === 'two_factor_required')
    await nextStep()
    const other = await open()
    await signIn(other, username)
    expect(await heading(other)).toBe('Two-factor authentication')
    await other.getByLabel('Two-factor code').fill('000000')
    await other.getByRole('button', { name: 'Verify code' }).click()
    expect(await other.getByRole('alert').textContent()).toBe('Invalid two-factor code.')
    await other.getByLabel('Two-factor code').fill(codeAt(seed, Date.now()))
    await other.getByRole('button', { name: 'Verify code' }).click()
    expect(await heading(other)).toBe('Authorized applications')
    const third = await open()
    await signIn(third, username)
    await third.getByLabel('Two-factor code').fill(codes[0] ?? '')
    await third.getByRole('button', { name: 'Verify code' }).click()
    expect(await heading(third)).toBe('Authorized applications')
    await third.goto(`${server.http}/-/profile/two_factor_auth`)
    expect(await third.getByText('9 recovery codes are left.').count()).toBe(1)
    await third.locator('#password_to_turn_off').fill(password)
    await third.getByRole('button', { name: 'Turn off' }).click()
    expect(await heading(third)).toBe('Turn on two-factor authentication')
    expect((await client.git(['ls-remote', url])).code).toBe(0)
    // The form that was sent once is not taken again, and its session is over.
    await page.reload()
    expect(await heading(page)).toBe('The form was not taken')
    await page.goto(`${server.http}/-/user_settings/applications`)
    expect(await heading(page)).toBe('Sign in')
  })

  test('wrong passwords are told at their fields, and the account rests after ten', async () => {
    const username = await person()
    const page = await open()
    for (let tries = 0; tries < 10; tries += 1) await signIn(page, username, 'wrong password')
    expect(await page.getByRole('alert').textContent()).toBe('Invalid login or password.')
    expect(await page.title()).toBe('Error: Sign in · Sallyport')
    const field = page.getByLabel('Password')
    expect(await field.getAttribute('aria-invalid')).toBe('true')
    const [hint, problem] = (await field.getAttribute('aria-describedby'))?.split(' ') ?? []
    expect(await page.locator(`#${hint}`).count()).toBe(1)
    expect(await page.locator(`#${problem}`).textContent()).toBe('Check the password.')
    expect(await page.getByLabel('Username or primary email').inputValue()).toBe(username)
    await signIn(page, username)
    expect(await heading(page)).toBe('Sign in')
  })

  test('consent by keyboard alone: the cursor is in the first field, and each step has a focus that is seen', async () => {
    const username = await person()
    await using catcher = await startCatcher()
    const { application_id: uid } = await application('http://127.0.0.1/callback')
    const page = await open({ javaScriptEnabled: true })
    await page.goto(authorize(uid, catcher.uri))
    // A browser puts the cursor there as it draws the page, which may be after it was loaded.
    await page.waitForFunction('document.activeElement.name === "user[login]"')
    await page.keyboard.type(username)
    await page.keyboard.press('Tab')
    await page.keyboard.type(password)
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Authorize Tool?' }).waitFor()
    await page.keyboard.press('Tab')
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Skip to content')
    const seen: string[] = []
    for (let tabs = 0; tabs < 8 && !seen.includes('Authorize'); tabs += 1) {
      await page.keyboard.press('Tab')
      seen.push(await page.evaluate<string>('document.activeElement.textContent'))
      expect(await page.evaluate('getComputedStyle(document.activeElement).outlineStyle')).toBe('solid')
    }
    expect(seen).toEqual(['Applications', 'Two-factor', 'Password', 'Sign out', 'Authorize'])
    await page.keyboard.press('Enter')
    expect((await catcher.caught).get('code')).toMatch(/^[0-9a-f]{64}$/)
  })

  test('consent denied goes back with the error, also to an address of another scheme or kind', async () => {
    const username = await person()
    await using catcher = await startCatcher()
    const { application_id: uid } = await application('http://127.0.0.1/callback')
    const page = await open()
    await page.goto(authorize(uid, catcher.uri))
    await signIn(page, username)
    await page.getByRole('button', { name: 'Deny' }).click()
    await page.waitForURL(`${catcher.uri}?**`)
    expect((await catcher.caught).get('error')).toBe('access_denied')
  })

  test('a device is let in', async () => {
    const username = await person()
    const { application_id: uid } = await application('http://127.0.0.1/callback')
    const asked = await fetch(`${server.http}/oauth/authorize_device`, {
      method: 'POST',
      body: new URLSearchParams({ client_id: uid, scope: 'read_api' }),
    })
    const device = (await asked.json()) as { device_code: string; user_code: string; verification_uri_complete: string }
    const poll = async (): Promise<Record<string, string>> =>
      (
        await fetch(`${server.http}/oauth/token`, {
          method: 'POST',
          body: new URLSearchParams({
            grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
            client_id: uid,
            device_code: device.device_code,
          }),
        })
      ).json() as Promise<Record<string, string>>
    expect(await poll()).toMatchObject({ error: 'authorization_pending' })
    const page = await open()
    await page.goto(device.verification_uri_complete)
    await signIn(page, username)
    expect(await page.getByLabel('Code that the device shows').inputValue()).toBe(device.user_code)
    await page.getByRole('button', { name: 'Continue' }).click()
    expect(await heading(page)).toBe('Let Tool in?')
    await page.getByRole('button', { name: 'Authorize' }).click()
    expect(await heading(page)).toBe('The device is let in')
    await new Promise((resolve) => setTimeout(resolve, 5_500))
    const { access_token: token } = await poll()
    const who = await fetch(`${server.http}/api/v4/user`, { headers: { Authorization: `Bearer ${token}` } })
    expect(await who.json()).toMatchObject({ username })
    await page.goto(`${server.http}/-/user_settings/applications`)
    await page.getByRole('button', { name: 'Revoke Tool' }).click()
    expect(await page.getByRole('status').textContent()).toContain('revoked')
    const after = await fetch(`${server.http}/api/v4/user`, { headers: { Authorization: `Bearer ${token}` } })
    expect(after.status).toBe(401)
  })

  test('nothing is cut off on a narrow screen, or with large letters', async () => {
    const username = await person()
    const page = await open({ viewport: { width: 320, height: 568 } })
    await signIn(page, username)
    for (const path of [
      '/-/user_settings/applications',
      '/-/profile/two_factor_auth',
      '/-/user_settings/password/edit',
      '/oauth/device',
      '/users/sign_out',
    ]) {
      await page.goto(`${server.http}${path}`)
      const [inner, outer] = await page.evaluate<[number, number]>('[document.documentElement.scrollWidth, window.innerWidth]')
      expect([path, inner]).toEqual([path, Math.min(inner, outer)])
      for (const button of await page.getByRole('button').all()) {
        expect((await button.boundingBox())?.height).toBeGreaterThanOrEqual(44)
      }
    }
  })

  test('another site can neither send a form in a person’s name, nor frame a page', async () => {
    const username = await person()
    const page = await open({ javaScriptEnabled: true })
    await signIn(page, username)
    await page.getByRole('heading', { name: 'Authorized applications' }).waitFor()
    const evil = await page.context().newPage()
    // Another site, since the port may differ but `localhost` is another host.
    const local = server.http.replace('127.0.0.1', 'localhost')
    await evil.route('http://evil.example/**', (route) =>
      route.fulfill({
        contentType: 'text/html',
        body: `<form method="post" action="${server.http}/users/sign_out"><button>Win</button></form>
<iframe src="${server.http}/-/user_settings/applications"></iframe><iframe src="${local}/users/sign_in"></iframe>`,
      }),
    )
    await evil.goto('http://evil.example/')
    for (const frame of evil.frames().slice(1)) expect(await frame.content()).not.toContain('Sallyport')
    await evil.getByRole('button', { name: 'Win' }).click()
    expect(await heading(evil)).toBe('The form was not taken')
    await page.reload()
    expect(await heading(page)).toBe('Authorized applications')
  })

  test('signing out ends it, also for the page that is still open', async () => {
    const username = await person()
    const context: BrowserContext = await browser.newContext({ javaScriptEnabled: false })
    const [page, other] = [await context.newPage(), await context.newPage()]
    await signIn(page, username)
    await other.goto(`${server.http}/-/profile/two_factor_auth`)
    await page.getByRole('button', { name: 'Sign out' }).click()
    expect(await heading(page)).toBe('Sign in')
    await other.getByLabel('Current password').fill(password)
    await other.getByLabel('Code that the authenticator shows now').fill('123456')
    await other.getByRole('button', { name: 'Turn on' }).click()
    expect(await heading(other)).toBe('The form was not taken')
    await other.goBack()
    await other.reload()
    expect(await heading(other)).toBe('Sign in')
  })

  test('a block ends a session at the very next click', async () => {
    const username = await person()
    const page = await open()
    await signIn(page, username)
    const [user] = await api.make('GET', `/users?username=${username}`)
    await api.make('POST', `/users/${user.id}/block`)
    await page.reload()
    expect(await heading(page)).toBe('Sign in')
    await signIn(page, username)
    expect(await page.getByRole('alert').textContent()).toContain('blocked')
  })
})
