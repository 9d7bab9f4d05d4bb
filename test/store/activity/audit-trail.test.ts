import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { AuditEvent } from '../../../src/core/audit.ts'
import type { UserId } from '../../../src/core/ids.ts'
import { StoredAuditTrail, type TrailReport } from '../../../src/store/activity/audit-trail.ts'
import { activityFileOf } from '../../../src/store/activity/file.ts'
import { securityEpoch } from '../../../src/store/epoch.ts'
import type { Store } from '../../../src/store/sqlite.ts'
import { now, type TemporaryStore, temporaryStore } from '../temporary-store.ts'

let temporary: TemporaryStore

beforeEach(async () => {
  temporary = await temporaryStore()
})

afterEach(() => temporary.close())

const event = (number: number): AuditEvent => ({
  name: 'personal_access_token_created',
  entity: { kind: 'User', id: 1 as UserId, path: 'alice' },
  target: { type: 'PersonalAccessToken', id: number, details: 'ci' },
  message: `event ${number}`,
  author: { kind: 'User', id: 1, name: 'Alice', email: 'alice@example.org' },
  address: '203.0.113.7',
  at: now + number,
})

interface Told extends TrailReport {
  readonly faults: unknown[]
  readonly gone: AuditEvent[]
}

const told = (): Told => {
  const [faults, gone]: [unknown[], AuditEvent[]] = [[], []]
  return { faults, gone, fault: (fault) => faults.push(fault), lost: (events) => gone.push(...events) }
}

const messages = async (store: Store): Promise<string[]> =>
  (await store.read.selectFrom('activity.audit_events').orderBy('id').select('message').execute()).map(({ message }) => message)

const named = (count: number): string[] => Array.from({ length: count }, (_, index) => `event ${index}`)

/** A store whose writes fail for as long as `broken` says so. */
const brittle = (store: Store): { store: Pick<Store, 'activity'>; broken: boolean; writes: number } => {
  const state = {
    broken: true,
    writes: 0,
    store: {
      get activity() {
        state.writes += 1
        if (state.broken) throw new Error('the disk is full')
        return store.activity
      },
    },
  }
  return state
}

describe('the trail', () => {
  test('keeps every field, and the order, over several batches', async () => {
    const trail = new StoredAuditTrail(temporary.store, told())
    for (let number = 0; number < 1234; number += 1) trail.record([event(number)])
    await trail.settled()
    expect(await messages(temporary.store)).toEqual(named(1234))
    const row = await temporary.store.read.selectFrom('activity.audit_events').selectAll().where('id', '=', 8).executeTakeFirst()
    expect(row).toMatchObject({
      created_at: new Date(now + 7).toISOString(),
      author_id: 1,
      author_email: 'alice@example.org',
      entity_kind: 'User',
      entity_path: 'alice',
      target_id: '7',
      ip_address: '203.0.113.7',
    })
  })

  test('writes by itself soon, also where nobody asks', async () => {
    const trail = new StoredAuditTrail(temporary.store, told())
    trail.record([event(0)])
    expect(await messages(temporary.store)).toEqual([])
    await expect.poll(() => messages(temporary.store)).toEqual(['event 0'])
  })

  test('makes one write for all who wait at the same time', async () => {
    const state = brittle(temporary.store)
    state.broken = false
    const trail = new StoredAuditTrail(state.store, told())
    const waiting = Array.from({ length: 50 }, (_, number) => {
      trail.record([event(number)])
      return trail.settled()
    })
    await Promise.all(waiting)
    expect(await messages(temporary.store)).toEqual(named(50))
    expect(state.writes).toBeLessThanOrEqual(2)
  })

  test('two processes write side by side, and lose nothing', async () => {
    const trails = [new StoredAuditTrail(temporary.store, told()), new StoredAuditTrail(temporary.store, told())]
    for (let number = 0; number < 200; number += 1) trails[number % 2]?.record([event(number)])
    await Promise.all(trails.map((trail) => trail.settled()))
    expect((await messages(temporary.store)).sort()).toEqual(named(200).sort())
  })

  test('tells whoever waits that it cannot write, keeps the events, and their order', async () => {
    const state = brittle(temporary.store)
    const report = told()
    const trail = new StoredAuditTrail(state.store, report)
    trail.record([event(0)])
    await expect(trail.settled()).rejects.toThrow('the disk is full')
    trail.record([event(1)])
    await expect(trail.settled()).rejects.toThrow('the disk is full')
    expect(report.faults.length).toBeGreaterThanOrEqual(2)
    state.broken = false
    await trail.settled()
    expect(await messages(temporary.store)).toEqual(['event 0', 'event 1'])
    expect(report.gone).toEqual([])
  })

  test('hands over what is too much, whole, and says so to whoever waits', async () => {
    const state = brittle(temporary.store)
    const report = told()
    const trail = new StoredAuditTrail(state.store, report)
    trail.record(Array.from({ length: 50_000 }, (_, number) => event(number)))
    trail.record([event(50_000)])
    expect(report.gone).toEqual([event(50_000)])
    await expect(trail.settled()).rejects.toThrow()
    await trail.stop()
    expect(report.gone).toHaveLength(50_001)
  })

  test('is empty after an orderly stop', async () => {
    const trail = new StoredAuditTrail(temporary.store, told())
    trail.record([event(0), event(1)])
    await trail.stop()
    expect(await messages(temporary.store)).toEqual(['event 0', 'event 1'])
  })
})

describe('the file', () => {
  test.each([
    ['changes', "update audit_events set message = 'nothing happened'", 'audit events are never changed'],
    ['removes', 'delete from audit_events', 'audit events are never removed'],
    [
      'replaces',
      "insert or replace into audit_events select 1, created_at, 'x', author_kind, author_id, author_name, author_email, acted_by, entity_kind, entity_id, entity_path, target_type, target_id, target_details, message, change_field, change_from, change_to, reason, ip_address, digest from audit_events",
      'audit events are never replaced',
    ],
  ])('refuses whoever %s an event', async (_what, statement, refusal) => {
    const trail = new StoredAuditTrail(temporary.store, told())
    trail.record([event(0)])
    await trail.settled()
    const database = new Database(activityFileOf(temporary.file))
    expect(() => database.exec(statement)).toThrow(refusal)
    database.close()
    expect(await messages(temporary.store)).toEqual(['event 0'])
  })

  test('is written while the first one is locked, and raises no epoch', async () => {
    const { store, file } = temporary
    const epoch = await securityEpoch(store.read)
    const other = new Database(file)
    other.exec('begin immediate')
    const trail = new StoredAuditTrail(store, told())
    trail.record([event(0)])
    await trail.settled()
    other.exec('rollback')
    other.close()
    expect(await messages(store)).toEqual(['event 0'])
    expect(await securityEpoch(store.read)).toBe(epoch)
  })

  test.each([
    ['/srv/sallyport.db', '/srv/sallyport-activity.db'],
    ['/srv/a.b/data', '/srv/a.b/data-activity'],
  ])('of %s is %s', (file, expected) => {
    expect(activityFileOf(file)).toBe(expected)
  })
})
