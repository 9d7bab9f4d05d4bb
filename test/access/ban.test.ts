import { describe, expect, test } from 'vitest'
import { type Banned, type BanRule, LoginBan, type Try } from '../../src/access/ban.ts'
import { Gate } from '../../src/access/gate.ts'
import { refuseAuthentication } from '../../src/access/refuse.ts'
import type { Presented } from '../../src/core/credential.ts'
import { ipRanges } from '../../src/core/ip-address.ts'
import type { AuthenticationReason } from '../../src/core/refusal.ts'
import { Secret } from '../../src/core/secret.ts'
import { openLimits } from '../../src/store/limits.ts'
import { anonymous } from './case.ts'

const usual: BanRule = { failures: 10, within: 60, banned: 3_600 }

const shown = (login: string): Presented => ({ kind: 'basic', login, secret: new Secret('x') })

interface Knock {
  readonly from?: string
  readonly as?: Presented
}

/** A ban in memory, and hands that knock at it. */
const set = (rule: BanRule | 'off' = usual, exempt: readonly string[] = []) => {
  let now = 1_000_000
  const bans: Banned[] = []
  const { tries } = openLimits(':memory:')
  const ban = new LoginBan({ rule, exempt: ipRanges(exempt), tries, clock: () => now, onBan: (one) => bans.push(one) })
  const watch = ({ from = '203.0.113.9', as = shown('ada') }: Knock) =>
    ban.watch({ presented: as, address: from === '' ? undefined : from } satisfies Try)
  return {
    ban,
    bans,
    wait: (seconds: number) => {
      now += seconds * 1_000
    },
    isBanned: (knock: Knock = {}) => watch(knock).isBanned,
    fail(times: number, knock: Knock = {}, reason: AuthenticationReason = 'credential_unknown') {
      for (let time = 0; time < times; time += 1) watch(knock).end(refuseAuthentication(reason))
    },
    succeed: (knock: Knock = {}) => watch(knock).end({ ...anonymous }),
  }
}

describe('an address is banned', () => {
  test('by the tenth wrong try, and not by the ninth', () => {
    const at = set()
    at.fail(9)
    expect([at.isBanned(), at.bans.length]).toEqual([false, 0])
    at.fail(1)
    expect(at.isBanned()).toBe(true)
    expect(at.bans).toMatchObject([{ from: '203.0.113.9', until: 1_000_000 + 3_600_000, by: { address: '203.0.113.9' } }])
  })

  test('once, however many tries were under way', () => {
    const at = set()
    at.fail(15)
    expect(at.bans).toHaveLength(1)
  })

  test('until the clock says so, and then it has as many tries as before', () => {
    const at = set()
    at.fail(10)
    at.wait(3_599)
    expect(at.isBanned()).toBe(true)
    at.wait(1)
    expect(at.isBanned()).toBe(false)
    at.fail(9)
    expect(at.isBanned()).toBe(false)
    at.fail(1)
    expect([at.isBanned(), at.bans.length]).toEqual([true, 2])
  })

  test('not by tries that are further apart than the window', () => {
    const at = set()
    at.fail(9)
    at.wait(60)
    at.fail(9)
    expect(at.isBanned()).toBe(false)
    at.fail(1)
    expect(at.isBanned()).toBe(true)
  })

  test('and a right credential that was under way does not lift it', () => {
    const at = set()
    at.fail(9)
    const ban = set()
    ban.fail(10)
    ban.succeed()
    expect(ban.isBanned()).toBe(true)
  })
})

test('nine wrong, one right, nine wrong: no ban', () => {
  const at = set()
  at.fail(9)
  at.succeed()
  at.fail(9)
  expect(at.isBanned()).toBe(false)
})

test('addresses are counted apart', () => {
  const at = set()
  at.fail(9)
  at.fail(9, { from: '203.0.113.10' })
  expect([at.isBanned(), at.isBanned({ from: '203.0.113.10' })]).toEqual([false, false])
  at.fail(1)
  expect([at.isBanned(), at.isBanned({ from: '203.0.113.10' })]).toEqual([true, false])
})

describe('who is never counted nor shut out', () => {
  test.each<[string, Knock]>([
    ['the login of CI jobs', { as: shown('gitlab-ci-token') }],
    ['nobody', { as: { kind: 'none' } }],
    ['a bearer token', { as: { kind: 'bearer', secret: new Secret('x') } }],
    ['another scheme', { as: { kind: 'unreadable' } }],
    ['a key over SSH', { as: { kind: 'signed-key', fingerprint: 'SHA256:x' } }],
  ])('%s', (_who, knock) => {
    const at = set()
    at.fail(20, knock)
    expect([at.isBanned(knock), at.isBanned()]).toEqual([false, false])
    at.fail(10)
    expect([at.isBanned(knock), at.isBanned()]).toEqual([false, true])
  })

  test.each<[string, Knock]>([
    ['the login of CI jobs', { as: shown('gitlab-ci-token') }],
    ['nobody', { as: { kind: 'none' } }],
  ])('%s succeeds, and wipes nothing', (_who, knock) => {
    const at = set()
    at.fail(9)
    at.succeed(knock)
    at.fail(1)
    expect(at.isBanned()).toBe(true)
  })

  test.each(['Gitlab-ci-token', 'gitlab-ci-token ', 'drone-ci-token', ''])('but %j is', (login) => {
    const at = set()
    at.fail(10, { as: shown(login) })
    expect(at.isBanned()).toBe(true)
  })
})

test('a password that could not be looked at is not counted', () => {
  const at = set()
  at.fail(20, {}, 'password_checks_busy')
  expect(at.isBanned()).toBe(false)
})

describe('exempt', () => {
  test.each([
    ['127.0.0.1', '127.0.0.1', true],
    ['127.0.0.1', '::ffff:127.0.0.1', true],
    ['::ffff:10.0.0.0/104', '10.1.2.3', true],
    ['10.0.0.0/8', '10.1.2.3', true],
    ['10.0.0.0/8', '11.1.2.3', false],
    ['2001:db8::/32', '2001:db8:1::1', true],
    ['2001:db8::/32', '2001:db9::1', false],
  ])('%s: %s is %s', (range, from, isExempt) => {
    const at = set(usual, [range])
    at.fail(10, { from })
    expect(at.isBanned({ from })).toBe(!isExempt)
  })
})

test('who is asked for without a project is watched as well', async () => {
  const at = set()
  const gate = new Gate({
    lookups: {
      oauthToken: async () => undefined,
      jobToken: async () => undefined,
      accessToken: async () => undefined,
      deployToken: async () => undefined,
      passwordOwner: async () => 'wrong',
      key: async () => undefined,
      role: async () => 0,
      trustToken: async () => undefined,
      trustCertificate: async () => undefined,
      looksLikeToken: () => false,
    },
    facts: { locate: async () => undefined, gather: async () => Promise.reject(new Error('nothing is asked for')) },
    create: async () => {},
    impersonationEnabled: true,
    registryEnabled: false,
    ban: at.ban,
    usage: { note() {}, settled: async () => {} },
    clock: () => 1_000_000,
  })
  const identify = () => gate.identify(shown('ada'), { address: '203.0.113.9' })
  for (let time = 0; time < 10; time += 1) expect(await identify()).toMatchObject({ reason: 'password_wrong' })
  expect(await identify()).toMatchObject({ reason: 'address_banned' })
})

test.each([
  ['both spellings of IPv4', '::ffff:203.0.113.9', '203.0.113.9', true],
  ['a network of IPv6', '2001:db8:1:2::1', '2001:db8:1:2:ffff::9', true],
  ['the next network of IPv6', '2001:db8:1:2::1', '2001:db8:1:3::1', false],
  ['those whose address is gone', '', '', true],
  ['nobody with one whose address is gone', '', '203.0.113.9', false],
])('%s', (_what, from, other, isBanned) => {
  const at = set()
  at.fail(10, { from })
  expect(at.isBanned({ from: other })).toBe(isBanned)
})

test('off', () => {
  const at = set('off')
  at.fail(100)
  expect(at.isBanned()).toBe(false)
})
