import { afterAll, beforeAll, expect, test } from 'vitest'
import { Secret } from '../../src/core/secret.ts'
import { Passwords } from '../../src/tokens/passwords.ts'
import { openGitDoor } from '../attacks/hidden-git.ts'
import { Statements } from '../support/statements.ts'
import { Wire } from '../support/wire.ts'
import { startWorld, type World } from './api/world.ts'
import { cheapHash, WebClient } from './web/web-client.ts'

/**
 * Whether there is such an account, or such a token, cannot be told from how long an answer takes: it is counted what is
 * done for it, which no noise hides. The registry's door and OAuth's password grant ask the same gate as git. `test/long/same-time.long.ts` looks at the clock.
 */
let world: World
let door: Awaited<ReturnType<typeof openGitDoor>>
let wire: { readonly api: Wire; readonly git: Wire }
let statements: Statements
let token: string

const hashed: string[] = []

beforeAll(async () => {
  const passwords = new Passwords()
  world = await startWorld(
    { SALLYPORT_BAN: 'off' },
    {
      passwords: {
        hash: (password) => passwords.hash(password),
        async verify(stored, password, who) {
          const verdict = await passwords.verify(stored, password, who)
          hashed.push(`${Secret.open(password)}: ${verdict}`)
          return verdict
        },
      },
    },
  )
  const password_hash = cheapHash('open sesame')
  for (const [name, fields] of Object.entries({ victim: {}, barred: { state: 'blocked' as const } })) {
    await world.addUser(name, { password_hash, ...fields })
  }
  await world.addUser('robots', { kind: 'service_account' })
  token = (await world.addToken(world.people.owner.id)).token
  door = await openGitDoor(world)
  wire = { api: new Wire(world.url), git: new Wire(door.url) }
  statements = new Statements()
})

afterAll(async () => {
  statements?.close()
  for (const one of Object.values(wire ?? {})) one.close()
  await door?.close()
  await world?.close()
})

/** What is answered, asked of the database and hashed. The audit looks a person up once the answer is out. */
const workOf = async (ask: () => Promise<string>) => {
  statements.take()
  hashed.length = 0
  const answer = await ask()
  const work = { answer, asked: statements.take(), hashed: [...hashed] }
  await world.parts.activity.trail.settled()
  return work
}

const names = ['victim', 'barred', 'robots']
const basic = (login: string, secret: string) => ({
  Authorization: `Basic ${Buffer.from(`${login}:${secret}`).toString('base64')}`,
})

const overGit = (login: string) => () =>
  wire.git.ask('GET', '/team/gate.git/info/refs?service=git-upload-pack', { headers: basic(login, 'wrong') })

const onThePage = (login: string) => async () => {
  const browser = new WebClient(world.url)
  await browser.get('/users/sign_in')
  statements.take()
  const page = await browser.submit('Sign in', { 'user[login]': login, 'user[password]': 'wrong' })
  return `${page.status} ${page.text.replaceAll(login, 'LOGIN').replace(/value="[\w-]{43}"/g, '')}`
}

test.each(Object.entries({ overGit, onThePage }))(
  '%s an account that is not there is as much work as a wrong password',
  async (_where, ask) => {
    // What is read once and remembered is read now.
    await ask('absent')()
    const absent = await workOf(ask('absent'))
    expect(absent.hashed).toEqual(['wrong: wrong'])
    for (const name of names) expect(await workOf(ask(name))).toEqual(absent)
  },
)

test.each([
  ['PRIVATE-TOKEN', (secret: string) => wire.api.ask('GET', '/api/v4/user', { headers: { 'PRIVATE-TOKEN': secret } })],
  ['Bearer', (secret: string) => wire.api.ask('GET', '/api/v4/user', { headers: { Authorization: `Bearer ${secret}` } })],
  [
    'git',
    (secret: string) => wire.git.ask('GET', '/team/gate.git/info/refs?service=git-upload-pack', { headers: basic('x', secret) }),
  ],
])('%s: a token that is nearly right is as much work as one that is made up', async (_how, ask) => {
  await ask('glpat-once')
  const madeUp = await workOf(() => ask(`glpat-${'a'.repeat(token.length - 6)}`))
  const last = token.at(-1) === 'x' ? 'y' : 'x'
  expect(await workOf(() => ask(`${token.slice(0, -1)}${last}`))).toEqual(madeUp)
  expect(await workOf(() => ask(`${token.slice(0, 8)}${'x'.repeat(token.length - 8)}`))).toEqual(madeUp)
})
