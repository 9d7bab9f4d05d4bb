import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { UserId } from '../../../src/core/ids.ts'
import { Secret } from '../../../src/core/secret.ts'
import { StoredCredentials } from '../../../src/store/lookups.ts'
import { hasTwoFactor } from '../../../src/store/web/two-factor.ts'
import { Passwords } from '../../../src/tokens/passwords.ts'
import { codeAt } from '../../../src/tokens/totp.ts'
import { enrol, type PagesScene, pagesScene, password, shownCodes, shownSeed } from './pages-scene.ts'

const applications = '/-/user_settings/applications'
const twoFactor = '/-/profile/two_factor_auth'
const step = 30_000

const wrongCode = (right: string): string => String((Number(right) + 1) % 1_000_000).padStart(6, '0')

describe('a second factor', () => {
  let scene: PagesScene
  beforeAll(async () => {
    scene = await pagesScene()
  })
  afterAll(() => scene.close())

  const idOf = async (username: string): Promise<UserId> => {
    const row = await scene.server.store.read
      .selectFrom('users')
      .select('id')
      .where('username', '=', username)
      .executeTakeFirstOrThrow()
    return row.id
  }

  test('is turned on by a code of the key that is shown, and by the password', async () => {
    const [browser, elsewhere] = [await scene.signedIn('ada'), scene.browser()]
    await elsewhere.signIn('ada', password)
    const seed = shownSeed(await browser.get(twoFactor))
    const code = codeAt(seed, scene.now())
    const badCode = await browser.submit('Turn on', { pin_code: wrongCode(code), current_password: password })
    expect([badCode.status, shownSeed(badCode)]).toEqual([422, seed])
    const badPassword = await browser.submit('Turn on', { pin_code: code, current_password: 'wrong' })
    expect(badPassword.status).toBe(422)
    expect(badPassword.text).toContain('aria-describedby="current_password_problem"')
    expect(await hasTwoFactor(scene.server.store.read, await idOf('ada'))).toBe(false)
    const done = await browser.submit('Turn on', { pin_code: code, current_password: password })
    expect([done.status, shownCodes(done).length]).toEqual([200, 10])
    expect(await hasTwoFactor(scene.server.store.read, await idOf('ada'))).toBe(true)
    expect((await browser.get(twoFactor)).text).toContain('10 recovery codes are left')
    expect((await elsewhere.get(applications)).status).toBe(303)
  })

  test('is kept sealed, and its recovery codes as digests', async () => {
    const { seed, codes } = await enrol(scene, await scene.signedIn('bea'))
    const { read } = scene.server.store
    const rows = [
      await read.selectFrom('two_factor').selectAll().execute(),
      await read.selectFrom('recovery_codes').selectAll().execute(),
    ]
    const kept = JSON.stringify(rows)
    expect(kept).not.toContain(Secret.open(seed))
    for (const code of codes) expect(kept).not.toContain(code)
    expect(JSON.stringify(scene.server.lines)).not.toContain(Secret.open(seed))
  })

  test('is asked for after the password, and no session opens before it', async () => {
    const { seed } = await enrol(scene, await scene.signedIn('cal'))
    scene.wait(step)
    const browser = scene.browser()
    const first = await browser.signIn('cal', password, '/users/sign_in?return_to=%2Foauth%2Fdevice')
    expect(first.location).toBe('/users/sign_in?return_to=%2Foauth%2Fdevice')
    const between = browser.cookie
    expect((await browser.get(applications)).status).toBe(303)
    expect((await browser.get('/users/sign_in?return_to=%2Foauth%2Fdevice')).text).toContain('autocomplete="one-time-code"')
    const wrong = await browser.submit('Verify', { 'user[otp_attempt]': wrongCode(codeAt(seed, scene.now())) })
    expect(wrong.status).toBe(422)
    const right = await browser.submit('Verify', { 'user[otp_attempt]': codeAt(seed, scene.now()) })
    expect([right.status, right.location]).toEqual([303, '/oauth/device'])
    expect(browser.cookie).not.toBe(between)
    expect((await browser.get(applications)).status).toBe(200)
    browser.cookie = between
    expect((await browser.get('/users/sign_in')).text).toContain('name="user[password]"')
  })

  test('takes each code once, that of the enrolment included, and one step of drift', async () => {
    const { seed } = await enrol(scene, await scene.signedIn('dan'))
    const tryCode = async (code: string): Promise<number> => {
      const browser = scene.browser()
      await browser.signIn('dan', password)
      await browser.follow()
      return (await browser.submit('Verify', { 'user[otp_attempt]': code })).status
    }
    const enrolled = codeAt(seed, scene.now())
    expect(await tryCode(enrolled)).toBe(422)
    const early = codeAt(seed, scene.now() + step)
    expect(await tryCode(early)).toBe(303)
    expect(await tryCode(early)).toBe(422)
    scene.wait(step)
    expect(await tryCode(codeAt(seed, scene.now()))).toBe(422)
    scene.wait(3 * step)
    expect(await tryCode(codeAt(seed, scene.now() - 2 * step))).toBe(422)
    expect(await tryCode(codeAt(seed, scene.now() - step))).toBe(303)
  })

  test('lets of two who bring the same code at once in one', async () => {
    const { seed } = await enrol(scene, await scene.signedIn('eve'))
    scene.wait(step)
    const browsers = [scene.browser(), scene.browser(), scene.browser()]
    for (const browser of browsers) {
      await browser.signIn('eve', password)
      await browser.follow()
    }
    const code = { 'user[otp_attempt]': codeAt(seed, scene.now()) }
    const statuses = (await Promise.all(browsers.map((browser) => browser.submit('Verify', code)))).map(({ status }) => status)
    expect(statuses.toSorted()).toEqual([303, 422, 422])
  })

  test('can be replaced by a recovery code, once each', async () => {
    const { codes } = await enrol(scene, await scene.signedIn('fay'))
    const [code = ''] = codes
    for (const [typed, status] of [
      [code.toUpperCase().replaceAll('-', ' '), 303],
      [code, 422],
    ] as const) {
      const browser = scene.browser()
      await browser.signIn('fay', password)
      await browser.follow()
      expect((await browser.submit('Verify', { 'user[otp_attempt]': typed })).status).toBe(status)
    }
  })

  test('asks for the password again after five wrong codes, and rests after ten', async () => {
    const { seed } = await enrol(scene, await scene.signedIn('gus'))
    scene.wait(step)
    const browser = scene.browser()
    for (let round = 0; round < 2; round += 1) {
      await browser.signIn('gus', password)
      await browser.follow()
      const tries = []
      for (let tried = 0; tried < 5; tried += 1) {
        tries.push((await browser.submit('Verify', { 'user[otp_attempt]': wrongCode(codeAt(seed, scene.now())) })).status)
      }
      expect(tries).toEqual([422, 422, 422, 422, 303])
      expect((await browser.follow()).text).toContain('name="user[password]"')
    }
    expect((await browser.signIn('gus', password)).status).toBe(422)
  })

  test('closes git and the registry to the password alone', async () => {
    const lookups = new StoredCredentials(scene.server.store.read, new Passwords(), scene.now)
    const browser = await scene.signedIn('hal')
    expect(await lookups.passwordOwner('hal', new Secret(password))).toMatchObject({ twoFactor: false })
    await enrol(scene, browser)
    expect(await lookups.passwordOwner('hal', new Secret(password))).toMatchObject({ twoFactor: true })
  })

  test('raises the security epoch when it is turned on and off', async () => {
    const epoch = async (): Promise<number> =>
      (await scene.server.store.read.selectFrom('security_epoch').select('value').executeTakeFirstOrThrow()).value
    const browser = await scene.signedIn('ivy')
    const before = await epoch()
    await enrol(scene, browser)
    const between = await epoch()
    await browser.get(twoFactor)
    const refused = await browser.submit('Turn off', { password_to_turn_off: 'wrong' })
    expect(refused.status).toBe(422)
    expect(refused.text.match(/ id="[^"]*_problem"/g)).toEqual([' id="password_to_turn_off_problem"'])
    expect((await browser.submit('Turn off', { password_to_turn_off: password })).status).toBe(303)
    expect(await epoch()).toBeGreaterThan(between)
    expect(between).toBeGreaterThan(before)
    expect((await browser.get(twoFactor)).text).toContain('Turn on two-factor authentication')
    expect((await scene.browser().signIn('ivy', password)).location).toBe(applications)
  })

  test('gets new recovery codes in the place of the old ones', async () => {
    const [browser, elsewhere] = [await scene.signedIn('jon'), scene.browser()]
    const { codes } = await enrol(scene, browser)
    await elsewhere.signIn('jon', password)
    await elsewhere.follow()
    await elsewhere.submit('Verify', { 'user[otp_attempt]': codes[0] ?? '' })
    expect((await elsewhere.get(applications)).status).toBe(200)
    await browser.get(twoFactor)
    const renewed = shownCodes(await browser.submit('Make new codes', { current_password: password }))
    expect(renewed.filter((code) => codes.includes(code))).toEqual([])
    expect((await elsewhere.get(applications)).status).toBe(303)
    const other = scene.browser()
    await other.signIn('jon', password)
    await other.follow()
    expect((await other.submit('Verify', { 'user[otp_attempt]': codes[1] ?? '' })).status).toBe(422)
    expect((await other.submit('Verify', { 'user[otp_attempt]': renewed[1] ?? '' })).status).toBe(303)
  })

  test('is turned off by an administrator for who lost it, but not for another administrator', async () => {
    const browser = await scene.signedIn('mia')
    await enrol(scene, browser)
    const { ask, root } = scene.server
    const asRoot = (method: string, path: string) => ask(method, path, { token: root.token })
    const [id, chief] = [await idOf('mia'), await scene.person('chief', { is_admin: 1, two_factor_enabled: 1 })]
    expect((await asRoot('GET', `/users/${id}`)).body).toMatchObject({ two_factor_enabled: true })
    expect((await asRoot('PATCH', `/users/${id}/disable_two_factor`)).status).toBe(204)
    expect((await asRoot('GET', `/users/${id}`)).body).toMatchObject({ two_factor_enabled: false })
    expect((await browser.get(applications)).status).toBe(303)
    expect((await scene.browser().signIn('mia', password)).location).toBe(applications)
    expect(await asRoot('PATCH', `/users/${id}/disable_two_factor`)).toMatchObject({
      status: 400,
      body: { message: '400 Bad request - Two-factor authentication is not enabled for this user' },
    })
    expect((await asRoot('PATCH', `/users/${chief}/disable_two_factor`)).status).toBe(403)
  })

  test('is set up with a key of ours, for the one whom it was offered to', async () => {
    const [browser, other] = [await scene.signedIn('kim'), await scene.signedIn('leo')]
    const seed = shownSeed(await other.get(twoFactor))
    const offer = /name="offer" value="([^"]+)"/.exec(other.last?.text ?? '')?.[1] ?? ''
    await browser.get(twoFactor)
    for (const stolen of [offer, 'v1.a.b.c', '']) {
      const page = await browser.submit('Turn on', {
        offer: stolen,
        pin_code: codeAt(seed, scene.now()),
        current_password: password,
      })
      expect(page.status).toBe(422)
    }
    expect(await hasTwoFactor(scene.server.store.read, await idOf('kim'))).toBe(false)
  })

  test('is told in the audit', async () => {
    await scene.server.parts.activity.trail.settled()
    const names = await scene.server.store.activity.selectFrom('audit_events').select('name').distinct().execute()
    expect(names.map(({ name }) => name)).toEqual(
      expect.arrayContaining([
        'user_enable_two_factor',
        'user_disable_two_factor',
        'two_factor_recovery_codes_renewed',
        'two_factor_recovery_code_used',
        'authenticated_with_two_factor',
        'login_failed_with_otp_authentication',
        'user_access_locked',
      ]),
    )
  })
})
