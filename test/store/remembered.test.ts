import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Action } from '../../src/core/action.ts'
import type { Principal } from '../../src/core/principal.ts'
import { Secret } from '../../src/core/secret.ts'
import { StoredAuditTrail } from '../../src/store/activity/audit-trail.ts'
import { StoredUsageLog } from '../../src/store/activity/usage-log.ts'
import { limitsFileOf, openLimits } from '../../src/store/limits.ts'
import {
  accessToken,
  at,
  botToken,
  deployToken,
  fingerprints,
  hour,
  midnight,
  type RememberingHome,
  remembering,
} from './remembering-home.ts'

let home: RememberingHome
beforeAll(async () => {
  home = await remembering()
})
afterAll(() => home?.close())

const project = 1 as never
const pull: Action = { kind: 'pull', service: 'upload-pack' }

describe('a process that remembers', () => {
  const membership = (expires: string | null) => {
    home.write('delete from members where user_id = ?', home.alice.id)
    home.insert('members', { project_id: 1, user_id: home.alice.id, access_level: 30, expires_at: expires, created_at: at })
    home.write("update projects set visibility = 'private'")
    home.write("update users set state = 'active', is_admin = 0, is_external = 0")
  }
  const herself = (): Principal => ({ kind: 'user', user: home.alice })

  test('asks the store once for a credential and for facts', async () => {
    membership(null)
    const { lookups, facts } = home.process(true)
    const asks = [
      () => lookups.accessToken(accessToken),
      () => lookups.accessToken(botToken),
      () => lookups.deployToken(deployToken),
      () => lookups.key(fingerprints.user),
      () => lookups.role(home.alice, project),
      () => facts.locate(home.path()),
      () => facts.read(herself(), home.path(), pull),
      () => facts.read(herself(), home.path(), { kind: 'push', updates: 'unknown' }),
    ]
    for (const ask of asks) {
      expect(await home.costOf(ask)).toBeGreaterThan(0)
      expect(await home.costOf(ask)).toBe(0)
    }
  })

  test('lets a membership end at midnight', async () => {
    home.time.now = midnight - 1
    membership('2026-03-11')
    const { facts, lookups } = home.process(true)
    const roles = async () => [(await facts.read(herself(), home.path(), pull)).role, await lookups.role(home.alice, project)]
    expect([await roles(), await roles()]).toEqual([
      [30, 30],
      [30, 30],
    ])
    home.time.now = midnight
    expect(await roles()).toEqual([0, 0])
    home.time.now = midnight - 1
    expect(await roles()).toEqual([30, 30])
  })

  test('lets a password expire at its moment', async () => {
    home.write('update users set password_expires_at = ?', new Date(midnight + 5).toISOString())
    const { lookups } = home.process(true)
    const expired = async () => {
      const [byToken, byKey] = [await lookups.accessToken(accessToken), await lookups.key(fingerprints.user)]
      return [byToken?.user.passwordExpired, byKey?.user?.passwordExpired]
    }
    home.time.now = midnight + 4
    expect(await expired()).toEqual([false, false])
    home.time.now = midnight + 5
    expect(await expired()).toEqual([true, true])
  })

  test('asks for a hidden project as for none, each time', async () => {
    home.write("update projects set visibility = 'private'")
    const { facts } = home.process(true)
    const anonymous = (where: string) => home.costOf(() => facts.read({ kind: 'anonymous' }, where, pull))
    const costs = [await anonymous(home.path()), await anonymous(home.path()), await anonymous('castle/nothing')]
    expect(new Set(costs).size).toBe(1)
    expect(costs[0]).toBeGreaterThan(0)
  })

  test('asks each time for one who may not know of the project', async () => {
    home.write('delete from members where user_id = ?', home.alice.id)
    const { facts } = home.process(true)
    const ask = () => facts.read(herself(), home.path(), pull)
    expect(await home.costOf(ask)).toBe(await home.costOf(ask))
    expect(await home.costOf(ask)).toBeGreaterThan(0)
  })

  test('asks each time for a credential that nobody has, and for facts of refs', async () => {
    membership(null)
    const { lookups, facts } = home.process(true)
    const asks = [
      () => lookups.accessToken(new Secret('glpat-made-up')),
      () => lookups.key('SHA256:unknown'),
      () => facts.read(herself(), home.path(), { kind: 'push', updates: [] }),
    ]
    for (const ask of asks) {
      await ask()
      expect(await home.costOf(ask)).toBeGreaterThan(0)
    }
  })

  test('forgets nothing for a last use, an audit event or a wrong password', async () => {
    const epoch = home.watch.read()
    const fail = (fault: unknown): void => {
      throw fault
    }
    const usage = new StoredUsageLog(home.store, fail)
    usage.note({ kind: 'personal-access-token', id: 1 }, '192.0.2.1', home.time.now)
    await usage.stop()
    const trail = new StoredAuditTrail(home.store, { fault: fail, lost: fail })
    trail.record([
      {
        name: 'address_banned',
        entity: { kind: 'Instance' },
        target: { type: 'IpAddress', id: null, details: '192.0.2.1' },
        message: 'Banned',
        author: { kind: 'Unauthenticated', id: undefined, name: 'An unauthenticated user' },
        address: undefined,
        at: home.time.now,
      },
    ])
    await trail.settled()
    const limits = openLimits(limitsFileOf(home.file))
    limits.tries.add('192.0.2.1', home.time.now, home.time.now + hour)
    limits.tries.ban('192.0.2.1', home.time.now, home.time.now + hour)
    limits.requests.count('user:1', home.time.now + hour, home.time.now)
    limits.close()
    expect(home.watch.read()).toBe(epoch)
    home.write("update users set name = 'Alice'")
    expect(home.watch.read()).toBeGreaterThan(epoch)
  })
})
