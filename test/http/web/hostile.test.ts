import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Secret } from '../../../src/core/secret.ts'
import { formTokenOf } from '../../../src/tokens/form-token.ts'
import { pagesScene } from './pages-scene.ts'

const pages = [
  '/users/sign_in',
  '/users/sign_out',
  '/oauth/authorize',
  '/oauth/device',
  '/oauth/authorized_applications/1',
  '/-/user_settings/applications',
  '/-/profile/two_factor_auth',
  '/-/profile/two_factor_auth/codes',
  '/-/user_settings/password',
  '/-/user_settings/password/edit',
]

const names = [
  '_method',
  'return_to',
  'offer',
  'pin_code',
  'user_code',
  'decision',
  'client_id',
  'redirect_uri',
  'scope',
  'user[otp_attempt]',
]

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom('delete', 'put', '\0', '../..', '__proto__', '0', '-1', '9'.repeat(30), 'v1.a.b.c', '%', '<b>'),
)

const fields = fc.array(fc.tuple(fc.oneof(fc.constantFrom(...names), text), text), { maxLength: 6 })

test('nothing that is sent to a page brings it down', async () => {
  const scene = await pagesScene({ SALLYPORT_BAN: 'off' })
  const browser = await scene.signedIn('ada')
  const session = browser.cookie ?? ''
  const send = async (method: string, path: string, sent: [string, string][], raw: string): Promise<number> => {
    const query = new URLSearchParams(sent.map(([name, value]): [string, string] => [name.toWellFormed(), value.toWellFormed()]))
    browser.cookie = session
    if (method === 'GET') return (await browser.get(`${path}?${query}&${encodeURIComponent(raw.toWellFormed())}`)).status
    query.append('authenticity_token', formTokenOf(new Secret(session)))
    return (await browser.ask(method, path, { body: query })).status
  }
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom('GET', 'POST', 'DELETE'),
      fc.constantFrom(...pages),
      fields,
      text,
      async (method, path, sent, raw) => {
        expect(await send(method, path, sent, raw)).toBeLessThan(500)
      },
    ),
    { numRuns: 80 },
  )
  await scene.close()
})

test('an application of no number is none', async () => {
  const scene = await pagesScene()
  const browser = await scene.signedIn('ada')
  const form = new URLSearchParams({ authenticity_token: formTokenOf(new Secret(browser.cookie ?? '')) })
  for (const word of ['', '%', '%00', '%ff', '..', '1/2', '9'.repeat(400)]) {
    const { status } = await browser.ask('DELETE', `/oauth/authorized_applications/${word}`, { body: form })
    expect(status).toBeLessThan(500)
  }
  await scene.close()
})

test('a fault is a page with a number, by which the log has the rest', async () => {
  const scene = await pagesScene()
  const browser = await scene.signedIn('ada')
  await scene.server.store.write.schema.dropTable('web_sessions').execute()
  const page = await browser.get('/-/user_settings/applications')
  expect([page.status, page.headers.get('content-type')]).toEqual([500, 'text/html; charset=utf-8'])
  const id = page.headers.get('x-request-id') ?? ''
  expect(page.text).toContain(id)
  expect(page.text).not.toContain('web_sessions')
  const line = scene.server.lines.find(({ msg }) => msg === 'a page failed')
  expect(line).toMatchObject({ correlation_id: id, err: { message: expect.stringContaining('web_sessions') } })
  await scene.close()
})
