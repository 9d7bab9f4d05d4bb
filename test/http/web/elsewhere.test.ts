import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Secret } from '../../../src/core/secret.ts'
import { routes } from '../../../src/http/api/app.ts'
import { pages } from '../../../src/http/web/router.ts'
import { formTokenOf } from '../../../src/tokens/form-token.ts'
import { Wire } from '../../support/wire.ts'
import { type PagesScene, pagesScene, password } from './pages-scene.ts'
import type { WebClient } from './web-client.ts'

/** What another site can have a browser do while somebody is signed in here. */
let scene: PagesScene
let victim: WebClient
let mallory: WebClient
let wire: Wire

beforeAll(async () => {
  scene = await pagesScene()
  victim = await scene.signedIn('victim')
  mallory = await scene.signedIn('mallory')
  await scene.server.store.write.updateTable('users').set({ is_admin: 1 }).where('username', '=', 'victim').execute()
  wire = new Wire(scene.server.url)
})
afterAll(async () => {
  wire?.close()
  await scene?.close()
})

const cookieOf = ({ cookie = '' }: WebClient): string => `_gitlab_session=${cookie}`
const tokenFor = ({ cookie = '' }: WebClient): string => formTokenOf(new Secret(cookie))

/** All that is kept, but for when a session was seen last. */
const everything = async (): Promise<string> => {
  const { read } = scene.server.store
  const { rows } = await sql<{ name: string }>`select name from sqlite_master where type = 'table'`.execute(read)
  const tables = []
  for (const { name } of rows) tables.push([name, (await sql`select * from ${sql.table(name)}`.execute(read)).rows])
  return JSON.stringify(tables).replaceAll(/"(?:last_)?seen_at":"[^"]*"/g, '')
}

/** Fits each of the forms, so that nothing but where it comes from can be wrong with it. */
const fields = {
  'user[login]': 'mallory',
  'user[password]': password,
  current_password: password,
  decision: 'allow',
  user_code: 'x',
}

const forms = pages
  .filter(({ method }) => method !== 'GET')
  .map(({ method, path }) => [method, path.replace(':id', '1')] as const)

describe.each(forms)('%s %s', (method, path) => {
  const send = async (from: Record<string, string>, token: string | undefined) => {
    const body = new URLSearchParams({ ...fields, ...(method === 'DELETE' && { _method: 'delete' }) })
    if (token !== undefined) body.set('authenticity_token', token)
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded', Cookie: cookieOf(victim), ...from }
    const before = await everything()
    const answer = await wire.ask('POST', path, { headers, body: body.toString() })
    return { status: answer.slice(0, 3), setsCookie: /^set-cookie/im.test(answer), changed: (await everything()) !== before }
  }

  const refused = { status: '422', setsCookie: false, changed: false }

  test('is not taken from elsewhere', async () => {
    expect(await send({}, undefined)).toEqual(refused)
    expect(await send({}, '')).toEqual(refused)
    expect(await send({}, tokenFor(mallory))).toEqual(refused)
    for (const from of [
      { 'Sec-Fetch-Site': 'cross-site' },
      { 'Sec-Fetch-Site': 'same-site' },
      { Origin: 'https://evil.example' },
    ]) {
      expect(await send(from, tokenFor(victim))).toEqual(refused)
    }
  })
})

test('there is a form for each thing that a person changes', () => {
  const paths = new Set(forms.map(([, path]) => path))
  for (const path of ['/users/sign_in', '/users/sign_out', '/oauth/authorize', '/oauth/device', '/-/profile/two_factor_auth']) {
    expect(paths).toContain(path)
  }
})

test('a page that is only asked for changes nothing', async () => {
  const before = await everything()
  for (const { path } of pages.filter(({ method }) => method === 'GET')) {
    const answer = await wire.ask('GET', path.replace(':id', '1'), {
      headers: { Cookie: cookieOf(victim), 'Sec-Fetch-Site': 'cross-site' },
    })
    expect(answer.slice(0, 1)).not.toBe('5')
  }
  expect(await everything()).toBe(before)
})

test('a session opens no route of the API: each answers as to nobody', async () => {
  const token = tokenFor(victim)
  const found: string[] = []
  for (const { method, path } of routes) {
    const address = `/api/v4${path.replaceAll(/:\w+/g, '1')}`
    const ask = (headers: Record<string, string>) => wire.ask(method, address, { headers })
    const signedIn = await ask({ Cookie: cookieOf(victim), 'X-CSRF-Token': token })
    if (signedIn !== (await ask({}))) found.push(`${method} ${path}: ${signedIn.slice(0, 3)}`)
  }
  expect(routes.length).toBeGreaterThan(250)
  expect(found).toEqual([])
})

describe('headers', () => {
  const told = async (method: string, path: string, headers: Record<string, string> = {}) => {
    const answer = await wire.ask(method, path, { headers })
    const header = (name: string) => new RegExp(`^${name}: (.*)$`, 'im').exec(answer)?.[1]
    return {
      sniffed: header('x-content-type-options') !== 'nosniff',
      framed: header('x-frame-options') !== 'DENY' || !header('content-security-policy')?.includes("frame-ancestors 'none'"),
      runs: !header('content-security-policy')?.includes("default-src 'none'"),
      opened: header('access-control-allow-origin') !== undefined,
    }
  }
  const nothing = { sniffed: false, framed: false, runs: false, opened: false }

  test.each<readonly [string, string]>([
    ...pages.filter(({ method }) => method === 'GET').map(({ path }) => ['GET', path] as const),
    ['PUT', '/users/sign_in'],
    ['GET', '/api/v4/user'],
    ['GET', '/api/v4/version'],
    ['GET', '/api/v4/projects'],
    ['GET', '/api/v4/nothing'],
    ['PATCH', '/api/v4/user'],
    ['TRACE', '/api/v4/user'],
    ['POST', '/oauth/token'],
    ['GET', '/oauth/userinfo'],
    ['GET', '/jwt/auth'],
    ['GET', '/-/jwks'],
    ['GET', '/nothing'],
  ])('%s %s: nobody guesses its type, frames it, or has anything run in it', async (method, path) => {
    const signedIn = { Cookie: cookieOf(victim) }
    expect(await told(method, path.replace(':id', '1'), signedIn)).toEqual(nothing)
    expect(await told(method, path.replace(':id', '1'))).toEqual(nothing)
  })

  test('TRACE says nothing of what was sent', async () => {
    const answer = await wire.ask('TRACE', '/api/v4/user', { headers: { Cookie: cookieOf(victim), 'X-Secret': 'sesame' } })
    expect(answer).not.toContain('sesame')
    expect(answer).toMatch(/^40[45]/)
  })
})
