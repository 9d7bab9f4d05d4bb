import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Api } from '../support/api.ts'
import { rootToken, type Sallyport, startSallyport } from '../support/sallyport.ts'
import { sallyport } from './command-line.ts'

/** One home: the commands work while its server runs, and after it has stopped. */
let server: Sallyport
let api: Api

beforeAll(async () => {
  server = await startSallyport({ workers: 2 })
  api = new Api(server.http)
  await api.make('POST', '/users', {
    username: 'ada',
    name: 'Ada',
    email: 'ada@example.org',
    password: 'longenough1',
    skip_confirmation: true,
  })
})

afterAll(async () => {
  await server?.[Symbol.asyncDispose]()
})

const at = (words: readonly string[], input = '') => sallyport([...words, '--home', server.home], input)

const works = async (token: string): Promise<number> => (await api.as(token).call('GET', '/user')).status

describe('while the server runs', () => {
  test('a token that is made works at once; revoked by its number, no longer', async () => {
    const made = await at(['token', 'create', '--user', 'ada', '--name', 'rescue'])
    expect(made).toMatchObject({ code: 0, stderr: '' })
    expect(made.stdout).toMatch(/^glpat-[\w-]{20}\n$/)
    const token = made.stdout.trim()
    expect(await works(token)).toBe(200)
    const { id, name, scopes } = (await api.as(token).call('GET', '/personal_access_tokens/self')).body
    expect([name, scopes]).toEqual(['rescue', ['api']])
    expect(await at(['token', 'revoke', String(id)])).toEqual({
      code: 0,
      stdout: `Revoked: access token ${id} of ada\n`,
      stderr: '',
    })
    expect(await works(token)).toBe(401)
    expect((await at(['token', 'revoke', String(id)])).stdout).toBe(`Was revoked before: access token ${id} of ada\n`)
  })

  test('one is revoked by its secret, which stands on standard input alone', async () => {
    const { stdout } = await at([
      'token',
      'create',
      '--user',
      'root',
      '--scopes',
      'api,sudo',
      '--expires-at',
      inDays(30),
      '--json',
    ])
    const { id, token, expires_at, scopes } = JSON.parse(stdout)
    expect([expires_at, scopes]).toEqual([inDays(30), ['api', 'sudo']])
    expect(await works(token)).toBe(200)
    const revoked = await at(['token', 'revoke', '--json'], `${token}\n`)
    expect(JSON.parse(revoked.stdout)).toMatchObject({ id, revoked: true, already: false })
    expect(revoked.stdout + revoked.stderr).not.toContain(token)
    expect(await works(token)).toBe(401)
  })

  test('each is an audit event by the system, without a secret', () => {
    const database = new Database(join(server.home, 'sallyport-activity.db'), { readonly: true })
    const events = database.prepare("select name, message, ip_address from audit_events where author_kind = 'System'").all()
    database.close()
    const told = (events as { name: string; message: string; ip_address: string | null }[]).filter(({ message }) =>
      /^(?:Created|Revoked) /.test(message),
    )
    const made = { name: 'personal_access_token_created', ip_address: null }
    const ended = { name: 'personal_access_token_revoked', ip_address: null }
    expect(told).toEqual([made, ended, made, ended].map((event) => expect.objectContaining(event)))
    expect(JSON.stringify(told)).not.toContain('glpat-')
  })
})

const inDays = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10)

describe('what is refused', () => {
  test.each([
    { what: 'nobody of that name', words: ['token', 'create', '--user', 'nobody'], line: 'there is no user "nobody"' },
    { what: 'a day too late', words: ['token', 'create', '--user', 'ada', '--expires-at', '2999-01-01'], line: 'must be before' },
    { what: 'no such number', words: ['token', 'revoke', '999999'], line: 'there is no access token 999999' },
  ])('$what', async ({ words, line }) => {
    const { code, stdout, stderr } = await at(words)
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toContain(line)
  })

  test('a secret that nobody has, on standard input', async () => {
    const { code, stderr } = await at(['token', 'revoke'], 'glpat-nobodyhasthisone00000\n')
    expect([code, stderr]).toEqual([1, 'sallyport: there is no access token with that secret\n'])
  })

  test.each([
    { what: 'a secret as an argument', words: ['token', 'revoke', 'glpat-secretsecretsecret00'], input: '' },
    { what: 'nothing on standard input', words: ['token', 'revoke'], input: '' },
    { what: 'a scope that only administrators get', words: ['token', 'create', '--user', 'ada', '--scopes', 'sudo'], input: '' },
  ])('$what is wrong usage, and is not repeated', async ({ words, input }) => {
    const { code, stdout, stderr } = await at(words, input)
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).not.toContain('glpat-secret')
  })

  test('a blocked user gets no token', async () => {
    const { id } = (await api.call('GET', '/users?username=ada')).body[0]
    await api.make('POST', `/users/${id}/block`)
    const { code, stderr } = await at(['token', 'create', '--user', 'ada'])
    expect([code, stderr]).toEqual([1, 'sallyport: ada is blocked: no token of theirs would work\n'])
    await api.make('POST', `/users/${id}/unblock`)
  })
})

test('after the server has stopped, the same, and the next server knows of it', async () => {
  await server.stop()
  const made = await at(['token', 'create', '--user', 'root'])
  expect(made.code).toBe(0)
  expect((await at(['token', 'revoke'], `${rootToken}\n`)).code).toBe(0)
  const again = await startSallyport({
    home: server.home,
    workers: 1,
    env: { SALLYPORT_ROOT_TOKEN: 'glpat-anotherrootroot000000' },
  })
  try {
    const later = new Api(again.http, made.stdout.trim())
    expect((await later.call('GET', '/user')).body.username).toBe('root')
    expect((await later.as(rootToken).call('GET', '/user')).status).toBe(401)
  } finally {
    await again.stop()
  }
})
