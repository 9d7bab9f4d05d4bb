import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { beginSession } from '../../../src/store/web/sessions.ts'
import { type PagesScene, pagesScene, password } from './pages-scene.ts'

const applications = '/-/user_settings/applications'
const minute = 60_000
const hour = 60 * minute

describe('signing in', () => {
  let scene: PagesScene
  beforeAll(async () => {
    scene = await pagesScene()
  })
  afterAll(() => scene.close())

  test('asks for a name and a password, and opens a session under a new cookie', async () => {
    const browser = scene.browser()
    await scene.person('ada')
    const asked = await browser.get(applications)
    expect([asked.status, asked.location]).toEqual([303, '/users/sign_in'])
    const before = browser.cookie
    await browser.follow()
    const taken = await browser.submit('Sign in', { 'user[login]': 'ADA@example.org', 'user[password]': password })
    expect([taken.status, taken.location]).toEqual([303, applications])
    expect(taken.headers.get('set-cookie')).toMatch(/^_gitlab_session=[\w-]{20}; Path=\/; HttpOnly; SameSite=Lax; Secure$/)
    expect(browser.cookie).not.toBe(before)
    expect((await browser.follow()).text).toContain('<span>ada</span>')
    const stolen = scene.browser()
    stolen.cookie = before
    expect((await stolen.get(applications)).status).toBe(303)
  })

  test('keeps no cookie in the store, but a digest', async () => {
    const browser = await scene.signedIn('bea')
    const rows = await scene.server.store.read.selectFrom('web_sessions').selectAll().execute()
    expect(JSON.stringify(rows)).not.toContain(browser.cookie)
    expect(rows.every(({ digest }) => /^[0-9a-f]{64}$/.test(digest))).toBe(true)
  })

  test('is refused in one way for a wrong password and for nobody, and shows what was typed as text', async () => {
    await scene.person('cal')
    const browser = scene.browser()
    const wrong = await browser.signIn('cal', 'wrong')
    const nobody = await browser.signIn('"><script>x</script>', 'wrong')
    expect([wrong.status, nobody.status]).toEqual([422, 422])
    expect(wrong.text).toContain('role="alert">Invalid login or password.')
    expect(wrong.text).toContain('aria-describedby="user_login__problem" aria-invalid="true"')
    expect(nobody.text).toContain('value="&quot;&gt;&lt;script&gt;x&lt;/script&gt;"')
    expect(nobody.text).not.toContain('<script')
    const shape = (text: string) => text.replaceAll(/ value="[^"]*"/g, '')
    expect(shape(nobody.text)).toBe(shape(wrong.text))
    expect(scene.server.lines.at(-1)).toMatchObject({ status: 422, 'meta.refusal_reason': 'password_wrong' })
    expect(JSON.stringify(scene.server.lines)).not.toContain('"wrong"')
  })

  test('keeps fifty sessions of one person, the newest', async () => {
    const first = await scene.signedIn('sue')
    const id = scene.server.store.read.selectFrom('users').select('id').where('username', '=', 'sue')
    const begin = (stage: 'signed-in' | 'second-step') =>
      scene.server.store.write.transaction().execute(async (writer) => {
        const { id: user } = await id.executeTakeFirstOrThrow()
        await beginSession(writer, user, stage, scene.now())
      })
    for (let made = 0; made < 60; made += 1) await begin('second-step')
    for (let made = 0; made < 49; made += 1) await begin('signed-in')
    expect((await first.get(applications)).status).toBe(200)
    await begin('signed-in')
    expect((await first.get(applications)).status).toBe(303)
    const { count } = await scene.server.store.read
      .selectFrom('web_sessions')
      .select((of) => of.fn.countAll<number>().as('count'))
      .where('user_id', 'in', id)
      .executeTakeFirstOrThrow()
    expect(count).toBe(100)
  })

  test('once more takes the place of the session before', async () => {
    const browser = await scene.signedIn('rex')
    const before = browser.cookie
    await browser.signIn('rex', password, '/users/sign_in?again=1')
    expect((await browser.get(applications)).status).toBe(200)
    browser.cookie = before
    expect((await browser.get(applications)).status).toBe(303)
  })

  test('leads back to the page that was asked for, and nowhere else', async () => {
    await scene.person('dan')
    const browser = scene.browser()
    await browser.get('/oauth/device?user_code=ABCD')
    expect(browser.last?.location).toBe('/users/sign_in?return_to=%2Foauth%2Fdevice%3Fuser_code%3DABCD')
    const page = await browser.signIn('dan', password, browser.last?.location)
    expect(page.location).toBe('/oauth/device?user_code=ABCD')
    const led = scene.browser()
    expect((await led.signIn('dan', password, '/users/sign_in?return_to=https%3A%2F%2Fevil.example')).location).toBe(applications)
    expect((await led.get('/users/sign_in?return_to=//evil.example')).location).toBe(applications)
  })

  test('ends with signing out, for which an address is not enough', async () => {
    const browser = await scene.signedIn('eve')
    const session = browser.cookie
    expect((await browser.get('/users/sign_out')).status).toBe(200)
    expect((await browser.get(applications)).status).toBe(200)
    expect((await browser.submit('Sign out')).location).toBe('/users/sign_in')
    expect(browser.cookie).not.toBe(session)
    browser.cookie = session
    expect((await browser.get(applications)).status).toBe(303)
  })

  test.each([
    ['a block', { state: 'blocked' }],
    ['another password', { password_hash: 'x' }],
    ['a change of the second factor', { two_factor_enabled: 1 }],
  ] as const)('ends with %s, in every browser', async (_, change) => {
    const name = `user-${Object.keys(change)[0]?.replaceAll('_', '')}`
    const [one, other] = [await scene.signedIn(name), scene.browser()]
    await other.signIn(name, password)
    expect((await other.get(applications)).status).toBe(200)
    await scene.server.store.write.updateTable('users').set(change).where('username', '=', name).execute()
    expect([(await one.get(applications)).status, (await other.get(applications)).status]).toEqual([303, 303])
  })

  test('ends two hours after the last request, and after twelve in any case', async () => {
    const idle = await scene.signedIn('fay')
    scene.wait(2 * hour - minute)
    expect((await idle.get(applications)).status).toBe(200)
    scene.wait(2 * hour + minute)
    expect((await idle.get(applications)).status).toBe(303)
    const busy = await scene.signedIn('gus')
    for (let passed = 0; passed < 11; passed += 1) {
      scene.wait(hour)
      expect((await busy.get(applications)).status).toBe(200)
    }
    scene.wait(hour)
    expect((await busy.get(applications)).status).toBe(303)
  })

  test.each([
    ['blocked', { state: 'blocked' }, 'Your account has been blocked.', 'user_blocked'],
    ['waits', { state: 'blocked_pending_approval' }, 'Your account is pending approval', 'user_pending_approval'],
    ['unconfirmed', { confirmed_at: null }, 'Your primary email address is not confirmed.', 'user_unconfirmed'],
    ['stale', { password_expires_at: '2020-01-01T00:00:00.000Z' }, 'Your password expired.', 'user_password_expired'],
    ['bot', { kind: 'service_account' }, 'Invalid login or password.', 'password_wrong'],
  ] as const)('is refused to an account that %s, once its password was right', async (name, fields, text, reason) => {
    await scene.person(name, fields)
    const page = await scene.browser().signIn(name, password)
    expect(page.status).toBe(422)
    expect(page.text).toContain(text)
    expect(scene.server.lines.at(-1)).toMatchObject({ 'meta.refusal_reason': reason })
  })

  test('brings back whoever was deactivated', async () => {
    const id = await scene.person('away', { state: 'deactivated' })
    const browser = scene.browser()
    expect((await browser.signIn('away', password)).status).toBe(303)
    expect((await browser.get(applications)).status).toBe(200)
    const { state } = await scene.server.store.read
      .selectFrom('users')
      .select('state')
      .where('id', '=', id)
      .executeTakeFirstOrThrow()
    expect(state).toBe('active')
  })

  test('is told in the audit, and each request in the log', async () => {
    await scene.signedIn('hal')
    const browser = scene.browser()
    await browser.signIn('hal', 'wrong')
    await scene.server.parts.activity.trail.settled()
    const events = await scene.server.store.activity
      .selectFrom('audit_events')
      .select('name')
      .where('entity_path', '=', 'hal')
      .execute()
    expect(events.map(({ name }) => name)).toEqual(['authenticated_with_password', 'login_failed_with_standard_authentication'])
    const path = '/users/sign_in'
    expect(scene.server.lines.filter((line) => line['path'] === path).at(-1)).toMatchObject({ method: 'POST', path, status: 422 })
  })

  test('rests for ten minutes after ten wrong passwords, also for the right one', async () => {
    const id = await scene.person('ian')
    const browser = scene.browser()
    for (let tries = 0; tries < 10; tries += 1) await browser.signIn('ian', 'wrong')
    expect((await browser.signIn('ian', password)).status).toBe(422)
    await scene.server.parts.activity.trail.settled()
    const events = await scene.server.store.activity
      .selectFrom('audit_events')
      .select('name')
      .where('entity_id', '=', id)
      .execute()
    expect(events.map(({ name }) => name)).toContain('user_access_locked')
    scene.wait(10 * minute)
    expect((await browser.signIn('ian', password)).status).toBe(303)
  })
})

describe('a form', () => {
  let scene: PagesScene
  beforeAll(async () => {
    scene = await pagesScene()
  })
  afterAll(() => scene.close())

  test('is taken only with the token of the browser that it was shown in', async () => {
    const [ada, mallory] = [await scene.signedIn('ada'), scene.browser()]
    await mallory.get('/users/sign_in')
    const theirs = /name="authenticity_token" value="([^"]+)"/.exec(mallory.last?.text ?? '')?.[1] ?? ''
    const session = ada.cookie
    for (const body of [
      new URLSearchParams(),
      new URLSearchParams({ authenticity_token: theirs }),
      'authenticity_token=a&authenticity_token=b',
    ]) {
      const headers = { 'Content-Type': 'application/x-www-form-urlencoded' }
      expect((await ada.ask('POST', '/users/sign_out', { body, headers })).status).toBe(422)
    }
    expect(scene.server.lines.at(-1)).toMatchObject({ 'meta.refusal_reason': 'form_token_wrong' })
    expect(ada.cookie).toBe(session)
    expect((await ada.get(applications)).status).toBe(200)
  })

  test('is not taken from another site, whatever it holds', async () => {
    const browser = await scene.signedIn('bea')
    for (const headers of [{ Origin: 'https://evil.example' }, { 'Sec-Fetch-Site': 'cross-site' }]) {
      await browser.get(applications)
      expect((await browser.submit('Sign out', {}, headers)).status).toBe(422)
      expect(scene.server.lines.at(-1)).toMatchObject({ 'meta.refusal_reason': 'form_from_elsewhere' })
    }
    // As a browser sends it, which keeps a `Lax` cookie back; it must not get another in its place.
    const bare = await scene.browser().ask('POST', '/users/sign_out', { headers: { 'Sec-Fetch-Site': 'cross-site' } })
    expect([bare.status, bare.headers.get('set-cookie')]).toEqual([422, null])
    await browser.get(applications)
    expect((await browser.submit('Sign out', {}, { Origin: 'https://git.example.org' })).status).toBe(303)
  })

  test('of another kind or size is refused, and what it may mean is read in one way', async () => {
    const browser = scene.browser()
    await browser.get('/users/sign_in')
    const large = await browser.submit('Sign in', { 'user[login]': 'x'.repeat(40_000) })
    expect(large.status).toBe(413)
    const json = await browser.ask('POST', '/users/sign_in', { body: '{}', headers: { 'Content-Type': 'application/json' } })
    expect(json.status).toBe(422)
    expect((await browser.ask('PUT', '/users/sign_in')).headers.get('allow')).toBe('GET, POST')
    expect((await browser.ask('HEAD', '/users/sign_in')).status).toBe(200)
  })

  test('every page keeps frames, scripts and caches away', async () => {
    const browser = await scene.signedIn('cal')
    for (const path of [
      '/users/sign_out',
      applications,
      '/-/profile/two_factor_auth',
      '/-/user_settings/password/edit',
      '/oauth/device',
      '/oauth/authorize',
    ]) {
      const { headers, text } = await browser.get(path)
      const policy = headers.get('content-security-policy') ?? ''
      expect(policy).toMatch(
        /^default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'$/,
      )
      expect(headers.get('x-frame-options')).toBe('DENY')
      expect(headers.get('referrer-policy')).toBe('same-origin')
      expect(headers.get('cache-control')).toBe('no-store')
      expect(text).toMatch(/^<!doctype html>\n<html lang="en">/)
      expect(text).not.toMatch(/<script| style=| on[a-z]+=/)
      const style = /<link rel="stylesheet" href="([^"]+)">/.exec(text)?.[1] ?? ''
      expect((await browser.get(style)).headers.get('content-type')).toContain('text/css')
    }
  })
})

test('addresses with too many wrong passwords are shut out, as over git', async () => {
  const scene = await pagesScene({ SALLYPORT_BAN: '3/60/600', SALLYPORT_BAN_EXEMPT: '' })
  await scene.person('ada')
  const browser = scene.browser()
  for (let tries = 0; tries < 3; tries += 1) expect((await browser.signIn('nobody', 'wrong')).status).toBe(422)
  expect((await browser.signIn('ada', password)).status).toBe(403)
  expect(scene.server.lines.at(-1)).toMatchObject({ 'meta.refusal_reason': 'address_banned' })
  scene.wait(600_000)
  expect((await browser.signIn('ada', password)).status).toBe(303)
  await scene.close()
})

test('limits of the web hold where an administrator sets them', async () => {
  const scene = await pagesScene()
  await scene.server.store.write
    .insertInto('settings')
    .values([
      { key: 'throttle_unauthenticated_web_enabled', value: 'true' },
      { key: 'throttle_unauthenticated_web_requests_per_period', value: '2' },
    ])
    .execute()
  const browser = scene.browser()
  const statuses = [await browser.get('/users/sign_in'), await browser.get('/users/sign_in'), await browser.get('/users/sign_in')]
  expect(statuses.map(({ status }) => status)).toEqual([200, 200, 429])
  expect(browser.last?.headers.get('ratelimit-name')).toBe('throttle_unauthenticated_web')
  await scene.close()
})
