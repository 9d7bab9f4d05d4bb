import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { CredentialRef } from '../../../src/core/credential.ts'
import { lastUses } from '../../../src/store/activity/last-uses.ts'
import type { UsedKind } from '../../../src/store/activity/schema.ts'
import { StoredUsageLog } from '../../../src/store/activity/usage-log.ts'
import type { Store } from '../../../src/store/sqlite.ts'
import { now, type TemporaryStore, temporaryStore } from '../temporary-store.ts'

let temporary: TemporaryStore

beforeEach(async () => {
  temporary = await temporaryStore()
})

afterEach(() => temporary.close())

const minute = 60_000
const token: CredentialRef = { kind: 'personal-access-token', id: 7 }

const log = (store: Pick<Store, 'activity'> = temporary.store, report: (fault: unknown) => void = () => {}) =>
  new StoredUsageLog(store, report)

const useOf = async (id = 7, kind: UsedKind = 'access-token') => (await lastUses(temporary.store.read, kind, [id])).get(id)

const at = (milliseconds: number): string => new Date(milliseconds).toISOString()

describe('last use', () => {
  test('is there soon, by itself', async () => {
    log().note(token, '203.0.113.7', now)
    await expect.poll(() => useOf()).toEqual({ at: at(now), addresses: ['203.0.113.7'] })
  })

  test('is written at most once in ten minutes', async () => {
    const usage = log()
    for (const [after, kept] of [
      [0, 0],
      [9.99 * minute, 0],
      [10 * minute, 10 * minute],
      [19 * minute, 10 * minute],
    ] as const) {
      usage.note(token, undefined, now + after)
      await usage.settled()
      expect((await useOf())?.at).toBe(at(now + kept))
    }
  })

  test('is written at most once in ten minutes by all processes together, and never goes back', async () => {
    const [one, other] = [log(), log()]
    one.note(token, undefined, now)
    await one.settled()
    other.note(token, undefined, now + 5 * minute)
    await other.settled()
    expect((await useOf())?.at).toBe(at(now))
    other.note(token, undefined, now + 15 * minute)
    await other.settled()
    const late = log()
    late.note(token, undefined, now + 12 * minute)
    await late.settled()
    expect((await useOf())?.at).toBe(at(now + 15 * minute))
  })

  test('names the last five distinct addresses, the newest first', async () => {
    const usage = log()
    for (const [index, address] of ['a', 'b', 'a', 'c', 'd', 'e', 'f'].entries()) {
      usage.note(token, address, now + index * minute)
    }
    await usage.settled()
    expect((await useOf())?.addresses).toEqual(['f', 'e', 'd', 'c', 'a'])
  })

  test('an address counts at most once a minute', async () => {
    const usage = log()
    usage.note(token, 'a', now)
    usage.note(token, 'b', now + 1)
    usage.note(token, 'a', now + 59_999)
    await usage.settled()
    expect((await useOf())?.addresses).toEqual(['b', 'a'])
    usage.note(token, 'a', now + minute)
    await usage.settled()
    expect((await useOf())?.addresses).toEqual(['a', 'b'])
  })

  test.each<[CredentialRef['kind'], UsedKind | undefined]>([
    ['personal-access-token', 'access-token'],
    ['impersonation-token', 'access-token'],
    ['project-access-token', 'access-token'],
    ['group-access-token', 'access-token'],
    ['service-account-token', 'access-token'],
    ['deploy-token', 'deploy-token'],
    ['user-key', 'key'],
    ['deploy-key', 'key'],
    ['password', undefined],
  ])('of a %s is kept as that of a %s', async (kind, expected) => {
    const usage = log()
    usage.note({ kind, id: 7 }, 'a', now)
    await usage.settled()
    const kept = await temporary.store.activity.selectFrom('credential_usage').select('kind').execute()
    expect(kept.map((row) => row.kind)).toEqual(expected === undefined ? [] : [expected])
  })

  test('is kept once more where it could not be written', async () => {
    let broken = true
    const faults: unknown[] = []
    const store = {
      get activity() {
        if (broken) throw new Error('the disk is full')
        return temporary.store.activity
      },
    }
    const usage = log(store, (fault) => faults.push(fault))
    usage.note(token, 'a', now)
    await usage.settled()
    expect(faults).toHaveLength(1)
    broken = false
    await usage.stop()
    expect(await useOf()).toEqual({ at: at(now), addresses: ['a'] })
  })

  test('of ten thousand credentials at once is kept', async () => {
    const usage = log()
    for (let id = 1; id <= 10_000; id += 1) usage.note({ ...token, id }, 'a', now)
    await usage.stop()
    const { count } = await temporary.store.activity
      .selectFrom('credential_usage')
      .select((expression) => expression.fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow()
    expect(count).toBe(10_000)
  })
})
