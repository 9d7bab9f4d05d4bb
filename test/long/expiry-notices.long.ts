import { rm } from 'node:fs/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Api } from '../support/api.ts'
import { type Mailbox, openMailbox } from '../support/mailbox.ts'
import { otherDay } from '../support/other-day.ts'
import { newHome, type Sallyport, startSallyport } from '../support/sallyport.ts'

const day = 86_400_000
const midnight = Math.floor(Date.now() / day) * day
const inDays = (days: number): string => new Date(midnight + days * day).toISOString().slice(0, 10)

let home: string
let mailbox: Mailbox
let server: Sallyport | undefined

beforeEach(async () => {
  home = await newHome()
})

afterEach(async () => {
  await server?.stop()
  server = undefined
  await mailbox?.close()
  await rm(home, { recursive: true, force: true })
})

const smtp = (): Record<string, string> => ({ SALLYPORT_SMTP: `smtp://127.0.0.1:${mailbox.port}` })

/** Starts a server in another day; on noon unless said. */
const startIn = async (days: number, env: Record<string, string>, workers = 1, hours = 12): Promise<Sallyport> => {
  const clock = days === 0 && hours === 12 ? {} : otherDay(midnight + days * day + hours * 3_600_000)
  server = await startSallyport({ home, workers, env: { ...env, ...clock } })
  return server
}

/** People, each with one token that ends in so many days from today. */
const people = async (at: Sallyport, days: Readonly<Record<string, number>>): Promise<void> => {
  const api = new Api(at.http)
  for (const [username, ends] of Object.entries(days)) {
    const person = {
      username,
      name: username,
      email: `${username}@example.org`,
      password: 'longenough1',
      skip_confirmation: true,
    }
    const { id } = await api.make('POST', '/users', person)
    await api.make('POST', `/users/${id}/personal_access_tokens`, {
      name: `of ${username}`,
      scopes: ['api'],
      expires_at: inDays(ends),
    })
  }
}

test('a letter goes out soon after a start in another day, the next at one in the morning, and none of them twice', async () => {
  mailbox = await openMailbox()
  await people(await startIn(0, {}), { ada: 100, bob: 101 })
  expect(await server?.stop()).toBe(0)

  const first = await startIn(93, smtp(), 2)
  await mailbox.count(2)
  await first.logged((line) => line['msg'] === 'expiry notices were sent')
  expect(await first.stop()).toBe(0)

  await (await startIn(93, smtp())).settled()
  expect(await server?.stop()).toBe(0)

  const started = Date.now()
  await startIn(94, smtp(), 1, 1 - 8 / 3600)
  await mailbox.count(3)
  expect(Date.now() - started).toBeGreaterThan(5000)
  expect(mailbox.received.map(({ to, subject }) => `${to} ${/\d+ days/.exec(subject)}`)).toEqual([
    'ada@example.org 7 days',
    'bob@example.org 30 days',
    'bob@example.org 7 days',
  ])
  expect(mailbox.received[0]?.text).toContain('  - of ada\n')
  expect(mailbox.received[0]?.text).toContain(`${first.http}/api/v4/personal_access_tokens`)
}, 60_000)

test('a server that is killed while it sends: after the next start each has one letter', async () => {
  let kill = (): void => {}
  mailbox = await openMailbox({}, () => {
    kill()
    return undefined
  })
  await people(await startIn(0, {}), { ada: 5, bob: 5, cyd: 5, dan: 5, eve: 5 })
  await server?.stop()

  const killed = await startIn(0, smtp())
  kill = () => {
    killed.process.kill('SIGKILL')
    kill = () => {}
  }
  await mailbox.count(1)
  await new Promise((resolve) =>
    (killed.process.exitCode ?? killed.process.signalCode) === null ? killed.process.once('exit', resolve) : resolve(null),
  )

  const next = await startIn(0, smtp())
  await next.logged((line) => line['msg'] === 'expiry notices were sent')
  expect(mailbox.received.map(({ to }) => to[0]).sort()).toEqual(
    ['ada', 'bob', 'cyd', 'dan', 'eve'].map((name) => `${name}@example.org`),
  )
  expect(next.log).toContainEqual(
    expect.objectContaining({ level: 40, notices: 1, msg: expect.stringContaining('may have arrived or not') }),
  )
}, 60_000)

test('without a mail server a line says what is not sent; a mail server that is away keeps nobody from stopping', async () => {
  mailbox = await openMailbox()
  await people(await startIn(0, {}), { ada: 5 })
  await server?.stop()

  const silent = await startIn(0, {})
  const line = await silent.logged(({ msg }) => msg === 'expiry notices are not sent: SALLYPORT_SMTP is not set')
  expect(line).toMatchObject({ notices: 1, users: 1, usernames: ['ada'] })
  expect(await silent.stop()).toBe(0)

  const { port } = mailbox
  await mailbox.close()
  const away = await startIn(0, { SALLYPORT_SMTP: `smtp://git:s3cret-pass@127.0.0.1:${port}` })
  await away.logged(({ msg }) => msg === 'the mail server cannot be used; expiry notices are tried again later')
  expect(await away.stop()).toBe(0)
  expect(JSON.stringify(away.log)).not.toContain('s3cret-pass')
}, 60_000)

test.each([
  ['SALLYPORT_SMTP', 'smtp://git:s3cret-pass@mail.example.org:99999'],
  ['SALLYPORT_MAIL_FROM', 'nobody'],
])('a wrong %s stops the start with one line', async (name, value) => {
  mailbox = await openMailbox()
  await expect(startSallyport({ home, env: { [name]: value } })).rejects.toThrow('the server ended with 2')
  await expect(startSallyport({ home, env: { [name]: value } })).rejects.not.toThrow('s3cret-pass')
})
