import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ApplicationId } from '../../../src/core/ids.ts'
import { Secret } from '../../../src/core/secret.ts'
import { createApplication } from '../../../src/store/oauth/applications.ts'
import { makeDevice } from '../../../src/store/oauth/devices.ts'
import { digestOf, digestOfText } from '../../../src/tokens/digest.ts'
import { type PagesScene, pagesScene, password } from './pages-scene.ts'

const redirectUri = 'http://127.0.0.1:7171/callback'
const challenge = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM'

const asked = (more: Record<string, string> = {}): string =>
  `/oauth/authorize?${new URLSearchParams({
    client_id: 'public-app',
    redirect_uri: redirectUri,
    response_type: 'code',
    scope: 'read_api write_repository',
    state: 'a<b>&"c',
    code_challenge: challenge,
    code_challenge_method: 'S256',
    ...more,
  })}`

describe('consent', () => {
  let scene: PagesScene
  const add = (uid: string, confidential: boolean, trusted = false) =>
    createApplication(
      scene.server.store,
      {
        uid,
        secretDigest: digestOfText(`secret of ${uid}`),
        name: `<b>${uid}</b>`,
        redirectUris: [redirectUri],
        scopes: ['api', 'read_api', 'write_repository'],
        confidential,
        trusted,
        owner: undefined,
      },
      scene.now(),
    )
  beforeAll(async () => {
    scene = await pagesScene()
    await add('public-app', false)
    await add('house-app', true)
    await add('trusted-app', true, true)
  })
  afterAll(() => scene.close())

  const letIn = async (username: string, application: { readonly id: ApplicationId }): Promise<void> => {
    const { read, write } = scene.server.store
    const user = await read.selectFrom('users').select('id').where('username', '=', username).executeTakeFirstOrThrow()
    const at = new Date(scene.now()).toISOString()
    await write
      .insertInto('oauth_tokens')
      .values({
        application_id: application.id,
        user_id: user.id,
        access_digest: digestOfText(`access of ${application.id}`),
        refresh_digest: digestOfText(`refresh of ${application.id}`),
        scopes: '["read_api"]',
        family: `${application.id}`,
        auth_time: at,
        created_at: at,
        expires_at: new Date(scene.now() + 7_200_000).toISOString(),
        revoked_at: null,
      })
      .execute()
  }

  const codes = () => scene.server.store.read.selectFrom('oauth_codes').selectAll().execute()

  test('is asked after signing in, shows who asks for what, and gives a code', async () => {
    await scene.person('ada')
    const browser = scene.browser()
    await browser.get(asked())
    expect(browser.last?.location).toMatch(/^\/users\/sign_in\?return_to=/)
    await browser.follow()
    expect(browser.last?.headers.get('content-security-policy')).toContain("form-action 'self' http://127.0.0.1:7171;")
    await browser.submit('Sign in', { 'user[login]': 'ada', 'user[password]': password })
    const page = await browser.follow()
    expect(page.status).toBe(200)
    expect(page.text).toContain('&lt;b&gt;public-app&lt;/b&gt;')
    expect(page.text).not.toContain('<b>public-app')
    expect(page.text).toContain('<code>write_repository</code>')
    expect(page.headers.get('content-security-policy')).toContain("form-action 'self' http://127.0.0.1:7171;")
    const done = await browser.submit('Authorize')
    const to = new URL(done.location ?? '')
    expect(to.origin + to.pathname).toBe(redirectUri)
    expect(to.searchParams.get('state')).toBe('a<b>&"c')
    const code = to.searchParams.get('code') ?? ''
    const [row] = await codes()
    expect(row).toMatchObject({ digest: digestOf(new Secret(code)), challenge, redirect_uri: redirectUri })
    expect(row?.scopes).toBe('["read_api","write_repository"]')
    expect(JSON.stringify(scene.server.lines)).not.toContain(code)
  })

  test('may be denied, which the application is told', async () => {
    const browser = await scene.signedIn('bea')
    const before = (await codes()).length
    await browser.get(asked())
    const denied = await browser.submit('Deny')
    expect(denied.location).toMatch(/^http:\/\/127\.0\.0\.1:7171\/callback\?error=access_denied&/)
    expect((await codes()).length).toBe(before)
  })

  test.each([
    ['an application that nobody knows', { client_id: 'nobody' }, 401],
    ['an address that is not registered', { redirect_uri: 'https://evil.example/' }, 400],
    ['an address with a path of its own', { redirect_uri: `${redirectUri}/../x` }, 400],
  ])('%s is told on a page, and nobody is sent there', async (_, more, status) => {
    const page = await scene.browser().get(asked(more))
    expect([page.status, page.location]).toEqual([status, undefined])
    expect(page.headers.get('content-security-policy')).toContain("form-action 'self';")
  })

  test('a form that says something else than its page is read anew', async () => {
    const browser = await scene.signedIn('cal')
    await browser.get(asked())
    expect((await browser.submit('Authorize', { redirect_uri: 'https://evil.example/' })).status).toBe(400)
    await browser.get(asked())
    const more = await browser.submit('Authorize', { scope: 'api sudo' })
    expect(more.location).toContain('error=invalid_scope')
    await browser.get(asked())
    expect((await browser.submit('Authorize', { authenticity_token: 'x' })).status).toBe(422)
  })

  test('nobody is asked for a trusted application, and nothing is assumed of a public one', async () => {
    const browser = await scene.signedIn('dan')
    expect((await browser.get(asked({ client_id: 'trusted-app' }))).location).toContain('code=')
    expect((await browser.get(asked({ client_id: 'trusted-app', prompt: 'consent' }))).status).toBe(200)
    expect((await browser.get(asked({ client_id: 'house-app' }))).status).toBe(200)
    expect((await browser.get(asked({ prompt: 'none' }))).location).toContain('error=consent_required')
    expect((await scene.browser().get(asked({ prompt: 'none' }))).location).toContain('error=login_required')
  })

  test('a fresh sign-in is asked for where the application wants one', async () => {
    const browser = await scene.signedIn('eve')
    scene.wait(60_000)
    for (const more of [{ prompt: 'login' }, { max_age: '30' }] as Record<string, string>[]) {
      const page = await browser.get(asked(more))
      expect(page.location).toMatch(/^\/users\/sign_in\?return_to=.*&again=1$/)
      expect((await browser.follow()).text).toContain('name="user[password]"')
    }
    await browser.submit('Sign in', { 'user[login]': 'eve', 'user[password]': password })
    expect((await browser.follow()).text).toContain('Authorize')
    expect((await browser.get(asked({ max_age: '120' }))).status).toBe(200)
  })

  test('a device is let in by the code that it shows', async () => {
    const browser = await scene.signedIn('fay')
    const application = await add('device-app', false)
    const device = async () =>
      makeDevice(scene.server.store, { applicationId: application.id, scopes: ['read_api'] }, scene.now())
    const state = async () =>
      (await scene.server.store.read.selectFrom('oauth_devices').select('state').orderBy('id', 'desc').executeTakeFirstOrThrow())
        .state
    const { userCode } = await device()
    await browser.get(`/oauth/device?user_code=${userCode}`)
    expect(await state()).toBe('waiting')
    const page = await browser.submit('Continue', { user_code: `${userCode.slice(0, 4).toLowerCase()}-${userCode.slice(4)}` })
    expect(page.text).toContain('&lt;b&gt;device-app&lt;/b&gt;')
    expect((await browser.submit('Authorize')).text).toContain('The device is let in')
    expect(await state()).toBe('granted')
    const other = await device()
    await browser.get('/oauth/device')
    await browser.submit('Continue', { user_code: other.userCode })
    expect((await browser.submit('Deny')).text).toContain('The device was denied')
    expect(await state()).toBe('denied')
  })

  test('codes of devices cannot be guessed at will', async () => {
    const browser = await scene.signedIn('gus')
    for (let tries = 0; tries < 10; tries += 1) {
      await browser.get('/oauth/device')
      expect((await browser.submit('Continue', { user_code: `WRONG${tries}` })).status).toBe(422)
    }
    await browser.submit('Continue', { user_code: 'WRONGX' })
    expect(scene.server.lines.at(-1)).toMatchObject({ 'meta.refusal_reason': 'device_codes_locked' })
  })

  test('a public application is asked about again, although it was let in before', async () => {
    const browser = await scene.signedIn('ida')
    await letIn('ida', await add('public-again', false))
    await letIn('ida', await add('house-again', true))
    expect((await browser.get(asked({ client_id: 'public-again', scope: 'read_api' }))).status).toBe(200)
    expect((await browser.get(asked({ client_id: 'house-again', scope: 'read_api' }))).status).toBe(303)
    expect((await browser.get(asked({ client_id: 'house-again', scope: 'api' }))).status).toBe(200)
  })

  test('what was let in is listed, and revoked with a button', async () => {
    const browser = await scene.signedIn('hal')
    const application = await add('listed-app', true)
    await letIn('hal', application)
    expect((await browser.get('/-/user_settings/applications')).text).toContain('&lt;b&gt;listed-app')
    await browser.submit('Revoke')
    const after = await browser.follow()
    expect(after.text).toContain('There is none.')
    const token = await scene.server.store.read
      .selectFrom('oauth_tokens')
      .select('revoked_at')
      .where('application_id', '=', application.id)
      .executeTakeFirstOrThrow()
    expect(token.revoked_at).not.toBeNull()
  })
})
