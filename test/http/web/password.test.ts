import { afterAll, beforeAll, expect, test } from 'vitest'
import { Passwords } from '../../../src/tokens/passwords.ts'
import { type PagesScene, pagesScene, password } from './pages-scene.ts'

const page = '/-/user_settings/password/edit'
const fresh = 'another battery staple'

let scene: PagesScene
beforeAll(async () => {
  scene = await pagesScene()
  const { passwords } = scene.server.parts
  // The stand-in of these tests hashes nothing.
  Object.assign(passwords, { hash: (secret: Parameters<Passwords['hash']>[0]) => new Passwords().hash(secret) })
})
afterAll(() => scene.close())

const filled = (current: string, first: string, second = first) => ({
  'user[password]': current,
  'user[new_password]': first,
  'user[password_confirmation]': second,
})

test('a password is changed by who knows the old one; every other session ends, and the old one opens nothing', async () => {
  const [browser, other] = [await scene.signedIn('ada'), scene.browser()]
  await other.signIn('ada', password)
  const before = browser.cookie
  await browser.get(page)
  const done = await browser.submit('Change password', filled(password, fresh))
  expect([done.status, done.text.includes('Your password is changed')]).toEqual([200, true])
  expect(browser.cookie).not.toBe(before)
  expect([(await browser.get(page)).status, (await other.get(page)).status]).toEqual([200, 303])
  expect((await scene.browser().signIn('ada', password)).status).toBe(422)
  expect((await scene.browser().signIn('ada', fresh)).status).toBe(303)
  const events = await scene.server.store.activity
    .selectFrom('audit_events')
    .select('message')
    .where('name', '=', 'user_password_updated')
    .execute()
  expect(events).toEqual([{ message: 'Changed password' }])
})

test.each([
  ['a wrong current password', filled('wrong', fresh), 'user_password__problem', 'The password is wrong.'],
  ['one that is too short', filled(password, 'short'), 'user_new_password__problem', 'is too short (minimum is 8 characters)'],
  ['one that is too long', filled(password, 'x'.repeat(129)), 'user_new_password__problem', 'is too long'],
  ['two that differ', filled(password, fresh, `${fresh}x`), 'user_password_confirmation__problem', 'differ'],
] as const)('%s changes nothing, and is told at its field', async (_, fields, id, text) => {
  const name = `user${id.length}${text.length}`
  const browser = await scene.signedIn(name)
  await browser.get(page)
  const refused = await browser.submit('Change password', fields)
  expect(refused.status).toBe(422)
  expect(new RegExp(`id="${id}">([^<]*)<`).exec(refused.text)?.[1]).toContain(text)
  expect((await scene.browser().signIn(name, password)).status).toBe(303)
})
