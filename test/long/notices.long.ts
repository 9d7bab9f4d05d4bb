import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { securityEpoch } from '../../src/store/epoch.ts'
import { settleLeftNotices, takeLetter } from '../../src/store/notices/letters.ts'
import { writeApplicationSettings } from '../../src/store/settings.ts'
import { deployToken, expired, inDays, openScene, resourceToken, type Scene } from '../notices/scene.ts'
import { type Mailbox, openMailbox } from '../support/mailbox.ts'

let scene: Scene
let mailbox: Mailbox

beforeEach(async () => {
  scene = await openScene()
  mailbox = await openMailbox()
})

afterEach(async () => {
  await mailbox.close()
  await scene.close()
})

const subjects = (): string[] => mailbox.received.map((mail) => `${mail.to.join(',')}: ${mail.subject}`).sort()

describe('whom a letter reaches', () => {
  test.each([
    { days: 0, window: 7 },
    { days: 1, window: 7 },
    { days: 7, window: 7 },
    { days: 8, window: 30 },
    { days: 30, window: 30 },
    { days: 31, window: 60 },
    { days: 60, window: 60 },
  ])('a token that ends in $days days is in the window of $window', async ({ days, window }) => {
    await scene.own(scene.people.stranger.id, 'laptop', days)
    expect(await scene.run(mailbox.port)).toBe('done')
    expect(subjects()).toEqual([`stranger@example.org: Your personal access tokens will expire in ${window} days or less`])
    expect(mailbox.received[0]?.text).toContain('  - laptop\n')
    expect(mailbox.received[0]?.text).toContain('https://git.example.org/api/v4/personal_access_tokens')
  })

  test.each([
    { what: 'ended yesterday', days: -1 },
    { what: 'ends in 61 days', days: 61 },
    { what: 'was revoked', days: 5, fields: { revoked: 1 as const } },
    { what: 'is for impersonation', days: 5, fields: { impersonation: 1 as const } },
    { what: 'never ends', days: 5, fields: { expires_at: null } },
  ])('none for a token that $what', async ({ days, fields }) => {
    await scene.own(scene.people.stranger.id, 'laptop', days, fields)
    expect(await scene.run(mailbox.port)).toBe('done')
    expect(subjects()).toEqual([])
  })

  test.each([
    { who: 'blocked', fields: { state: 'blocked' as const } },
    { who: 'deactivated', fields: { state: 'deactivated' as const } },
    { who: 'unconfirmed', fields: { confirmed_at: null } },
    { who: 'a service account', fields: { kind: 'service_account' as const } },
  ])('none for a user who is $who', async ({ fields }) => {
    const id = await scene.addUser('someone', fields)
    await scene.own(id, 'laptop', 3)
    await scene.run(mailbox.port)
    expect(subjects()).toEqual([])
  })

  test("a project's token: its direct Owners and Maintainers, and nobody else", async () => {
    const project = await scene.project('tools')
    for (const [who, level] of [
      ['stranger', 40],
      ['developer', 30],
      ['reporter', 50],
    ] as const) {
      await scene.member(`/projects/${project}`, scene.people[who].id, level).catch(() => {})
    }
    await resourceToken(scene, `/projects/${project}`, 'deployer', 4)
    await scene.run(mailbox.port)
    const subject = 'Your resource access tokens will expire in 7 days or less'
    expect(subjects()).toEqual(['reporter', 'root', 'stranger'].map((who) => `${who}@example.org: ${subject}`))
    expect(mailbox.received[0]?.text).toContain('project team/tools')
    expect(mailbox.received[0]?.text).toContain(`https://git.example.org/api/v4/projects/${project}/access_tokens`)
  })

  test('a project of their own: the user whose namespace it is', async () => {
    const reply = await scene.ask<{ id: number }>('POST', '/projects', {
      token: scene.people.stranger.token,
      json: { path: 'mine' },
    })
    await resourceToken(scene, `/projects/${reply.body.id}`, 'deployer', 4)
    await scene.run(mailbox.port)
    expect(mailbox.received.map((mail) => mail.to)).toEqual([['stranger@example.org']])
  })

  test("a group's token: its direct Owners", async () => {
    await resourceToken(scene, `/groups/${scene.group}`, 'deployer', 40)
    await scene.run(mailbox.port)
    const subject = 'Your resource access tokens will expire in 60 days or less'
    expect(subjects()).toEqual([`owner@example.org: ${subject}`, `root@example.org: ${subject}`])
  })

  test('those of the groups above too, where the setting says so', async () => {
    const project = await scene.project('tools')
    await resourceToken(scene, `/projects/${project}`, 'deployer', 4)
    await scene.run(mailbox.port)
    const direct = mailbox.received.length
    await scene.store.write
      .transaction()
      .execute((writer) => writeApplicationSettings(writer, { resource_access_token_notify_inherited: true }))
    await resourceToken(scene, `/projects/${project}`, 'second', 4)
    await scene.run(mailbox.port)
    const reached = mailbox.received.slice(direct).map((mail) => mail.to[0])
    expect(reached.sort()).toEqual(['maintainer@example.org', 'owner@example.org', 'root@example.org'])
  })

  test("a project's deploy token: its Owners and Maintainers; a group's: nobody", async () => {
    const project = await scene.project('tools')
    await scene.member(`/projects/${project}`, scene.people.stranger.id, 40)
    await deployToken(scene.store, project, 'pull', `${inDays(20)}T10:00:00.000Z`)
    await deployToken(scene.store, project, 'gone', '2026-03-10T11:00:00.000Z')
    await scene.run(mailbox.port)
    const subject = 'Your deploy token will expire in 30 days or less'
    expect(subjects()).toEqual([`root@example.org: ${subject}`, `stranger@example.org: ${subject}`])
    expect(mailbox.received[0]?.text).toContain('  - pull\n')
  })

  test('a token that has ended today: its owner, by the other job', async () => {
    await scene.own(scene.people.stranger.id, 'laptop', 0)
    await scene.own(scene.people.stranger.id, 'long ago', -2)
    await scene.run(mailbox.port, { task: expired })
    expect(subjects()).toEqual(['stranger@example.org: Your personal access tokens have expired'])
    expect(mailbox.received[0]?.text).toContain('  - laptop\n')
    expect(mailbox.received[0]?.text).not.toContain('long ago')
    await scene.run(mailbox.port, { task: expired })
    expect(mailbox.received).toHaveLength(1)
  })

  test('tokens that ended while no server ran are told of after the next start', async () => {
    await scene.own(scene.people.stranger.id, 'laptop', -2)
    await scene.run(mailbox.port, { task: { job: 'expired', since: inDays(-4) } })
    expect(mailbox.received[0]?.text).toContain('  - laptop\n')
  })
})

describe('one letter', () => {
  test('names up to a hundred tokens of a user', async () => {
    for (let index = 0; index < 103; index += 1) await scene.own(scene.people.stranger.id, `token-${index}`, 3)
    await scene.run(mailbox.port)
    expect(mailbox.received).toHaveLength(1)
    expect(mailbox.received[0]?.text.match(/ {2}- token-/g)).toHaveLength(100)
    expect(mailbox.received[0]?.text).toContain('and 3 more')
    await scene.run(mailbox.port)
    expect(mailbox.received).toHaveLength(1)
  })

  test('holds a name that tries to be more than a name', async () => {
    await scene.own(scene.people.stranger.id, 'a\r\n.\r\nMAIL FROM:<x@y>\r\nBcc: all@example.org', 3)
    await scene.run(mailbox.port)
    expect(mailbox.received).toHaveLength(1)
    expect(mailbox.received[0]?.text).toContain('  - a . MAIL FROM:<x@y> Bcc: all@example.org\n')
    expect(mailbox.received[0]?.to).toEqual(['stranger@example.org'])
  })

  test('has the sender that was set, else one of our own host', async () => {
    await scene.own(scene.people.stranger.id, 'laptop', 3)
    await scene.run(mailbox.port)
    await scene.own(scene.people.guest.id, 'laptop', 3)
    await scene.run(mailbox.port, { from: { name: 'Git, at work', address: 'git@example.com' } })
    expect(mailbox.received.map((mail) => /^From: (.*)$/m.exec(mail.raw)?.[1]?.trim())).toEqual([
      'Sallyport <sallyport@git.example.org>',
      '"Git, at work" <git@example.com>',
    ])
  })
})

describe('each once', () => {
  test('in each window, and none any more after that of seven days', async () => {
    await scene.own(scene.people.stranger.id, 'laptop', 40)
    for (const day of [0, 1, 20, 21, 35, 36, 40]) {
      scene.moveClock(Date.parse(inDays(day)) + 43_200_000)
      await scene.run(mailbox.port)
    }
    expect(mailbox.received.map((mail) => /in (\d+) days/.exec(mail.subject)?.[1])).toEqual(['60', '30', '7'])
  })

  test('after the letter of seven days the others are silent, whatever becomes of the day', async () => {
    const id = await scene.own(scene.people.stranger.id, 'laptop', 3)
    await scene.run(mailbox.port)
    await scene.store.write
      .updateTable('access_tokens')
      .set({ expires_at: inDays(40) })
      .where('id', '=', id)
      .execute()
    await scene.run(mailbox.port)
    expect(mailbox.received).toHaveLength(1)
  })

  test('across runs at the same time', async () => {
    for (const who of ['stranger', 'guest', 'reporter', 'developer'] as const) {
      await scene.own(scene.people[who].id, 'one', 3)
      await scene.own(scene.people[who].id, 'two', 20)
    }
    await Promise.all([1, 2, 3].map(() => scene.run(mailbox.port)))
    expect(mailbox.received).toHaveLength(8)
    expect(new Set(subjects()).size).toBe(8)
  })

  test('after a kill before the mail server read anything', async () => {
    await scene.own(scene.people.stranger.id, 'laptop', 3)
    const closed = await openMailbox()
    await closed.close()
    await scene.run(closed.port)
    expect(await takeLetter(scene.store, scene.parts.clock())).toBeDefined()
    await scene.run(mailbox.port)
    expect(mailbox.received).toHaveLength(0)
    expect(await settleLeftNotices(scene.store)).toBe(0)
    await scene.run(mailbox.port)
    expect(mailbox.received).toHaveLength(1)
  })

  test('not again after a kill while the mail server was reading it', async () => {
    await scene.own(scene.people.stranger.id, 'laptop', 3)
    await scene.run(mailbox.port)
    await scene.store.write.updateTable('expiry_notices').set({ state: 'handed' }).execute()
    expect(await settleLeftNotices(scene.store)).toBe(1)
    await scene.run(mailbox.port)
    expect(mailbox.received).toHaveLength(1)
  })

  test('a token that is revoked before its letter goes is not told of', async () => {
    await scene.own(scene.people.stranger.id, 'laptop', 3)
    const closed = await openMailbox()
    await closed.close()
    expect(await scene.run(closed.port)).toBe('again')
    await scene.store.write.updateTable('access_tokens').set({ revoked: 1 }).where('name', '=', 'laptop').execute()
    await scene.run(mailbox.port)
    expect(mailbox.received).toHaveLength(0)
  })

  test('someone who is no longer in charge is not told', async () => {
    const project = await scene.project('tools')
    await scene.member(`/projects/${project}`, scene.people.stranger.id, 40)
    await resourceToken(scene, `/projects/${project}`, 'deployer', 4)
    const closed = await openMailbox()
    await closed.close()
    await scene.run(closed.port)
    await scene.store.write.deleteFrom('members').where('user_id', '=', scene.people.stranger.id).execute()
    await scene.run(mailbox.port)
    expect(mailbox.received.map((mail) => mail.to[0])).toEqual(['root@example.org'])
  })

  test('no letter raises the security epoch', async () => {
    await scene.own(scene.people.stranger.id, 'laptop', 3)
    const before = await securityEpoch(scene.store.read)
    await scene.run(mailbox.port)
    expect(mailbox.received).toHaveLength(1)
    expect(await securityEpoch(scene.store.read)).toBe(before)
  })
})

describe('a mail server that fails', () => {
  test('is away: the run ends with one line, and the next one sends', async () => {
    for (const who of ['stranger', 'guest', 'reporter'] as const) await scene.own(scene.people[who].id, 'one', 3)
    const closed = await openMailbox()
    await closed.close()
    expect(await scene.run(closed.port)).toBe('again')
    expect(scene.log.filter((line) => line['level'] === 50)).toHaveLength(1)
    expect(await scene.run(mailbox.port)).toBe('done')
    expect(mailbox.received).toHaveLength(3)
  })

  test('refuses one letter: the others go, and that one is tried five times', async () => {
    const refusing = await openMailbox({}, (mail) =>
      mail.to.includes('guest@example.org') ? Object.assign(new Error('no such box'), { responseCode: 550 }) : undefined,
    )
    for (const who of ['guest', 'stranger'] as const) await scene.own(scene.people[who].id, 'one', 3)
    expect(await scene.run(refusing.port)).toBe('again')
    expect(refusing.received.map((mail) => mail.to[0])).toEqual(['stranger@example.org'])
    for (let hour = 1; hour < 6; hour += 1) {
      scene.moveClock(scene.parts.clock() + 3_600_000)
      await scene.run(refusing.port)
    }
    expect((await scene.states()).sort()).toEqual(['given-up', 'sent'])
    expect(scene.log.filter((line) => line['msg'] === 'the mail server refused an expiry notice')).toHaveLength(5)
    await refusing.close()
  })

  test('breaks off while it reads: the letter is not sent twice', async () => {
    const breaking = await openMailbox({}, () => new Promise<undefined>(() => {}))
    await scene.own(scene.people.stranger.id, 'one', 3)
    const run = scene.run(breaking.port)
    while (!(await scene.states()).includes('handed')) await new Promise((resolve) => setImmediate(resolve))
    breaking.cut()
    expect(await run).toBe('done')
    expect(await scene.states()).toEqual(['unsure'])
    await scene.run(mailbox.port)
    expect(mailbox.received).toHaveLength(0)
    await breaking.close()
  })

  test('asks for a password, which is right or wrong, and never logged', async () => {
    const strict = await openMailbox({
      authOptional: false,
      onAuth: ({ username, password }, _session, done) =>
        password === 'p@ss word' ? done(null, { user: username ?? '' }) : done(new Error('wrong')),
    })
    await scene.own(scene.people.stranger.id, 'one', 3)
    const { parseMailServer } = await import('../../src/core/mail.ts')
    const { SmtpPost } = await import('../../src/notices/smtp.ts')
    const postFor = (password: string) => {
      const server = parseMailServer(`smtp://git:${password}@127.0.0.1:${strict.port}`)
      if (server === undefined) throw new Error('no server')
      return new SmtpPost(server)
    }
    expect(await scene.run(undefined, { post: postFor('wrong-pass') })).toBe('again')
    expect(await scene.run(undefined, { post: postFor('p%40ss%20word') })).toBe('done')
    expect(strict.received).toHaveLength(1)
    expect(JSON.stringify(scene.log)).not.toMatch(/wrong-pass|p@ss/)
    await strict.close()
  })

  test('offers TLS with a certificate of its own: on this machine that is enough', async () => {
    const secure = await openMailbox({ disabledCommands: [] })
    await scene.own(scene.people.stranger.id, 'one', 3)
    await scene.run(secure.port)
    expect(secure.received).toHaveLength(1)
    await secure.close()
  })
})

describe('without a mail server', () => {
  test('one line says how many would have been written, to whom, and nothing counts as sent', async () => {
    await scene.own(scene.people.stranger.id, 'one', 3)
    await scene.own(scene.people.stranger.id, 'two', 40)
    await scene.own(scene.people.guest.id, 'three', 40)
    expect(await scene.run(undefined)).toBe('done')
    expect(scene.log).toEqual([
      expect.objectContaining({
        level: 30,
        notices: 3,
        users: 2,
        usernames: ['stranger', 'guest'],
        msg: 'expiry notices are not sent: SALLYPORT_SMTP is not set',
      }),
    ])
    expect(JSON.stringify(scene.log)).not.toContain('@example.org')
    await scene.run(mailbox.port)
    expect(mailbox.received).toHaveLength(3)
  })
})
