import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { UserId } from '../../../src/core/ids.ts'
import type { RefusedUse } from '../../../src/core/refused-use.ts'
import { FoldedUses } from '../../../src/store/activity/folded-uses.ts'
import { StoredRefusalWatch } from '../../../src/store/activity/refusal-watch.ts'
import { rememberedActivity } from '../../support/activity.ts'
import { now, type TemporaryStore, temporaryStore } from '../temporary-store.ts'

let temporary: TemporaryStore
let activity: ReturnType<typeof rememberedActivity>
let watch: StoredRefusalWatch
const faults: unknown[] = []

beforeEach(async () => {
  temporary = await temporaryStore()
  activity = rememberedActivity()
  faults.length = 0
  watch = new StoredRefusalWatch(temporary.store, activity.trail, (fault) => faults.push(fault))
})

afterEach(() => temporary.close())

const addToken = async (user: UserId): Promise<number> => {
  const { id } = await temporary.store.write
    .insertInto('access_tokens')
    .values({
      user_id: user,
      name: 'ci',
      description: null,
      digest: String(Math.random()),
      scopes: '["api"]',
      impersonation: 0,
      revoked: 1,
      expires_at: null,
      previous_id: null,
      created_by: user,
      created_at: new Date(now).toISOString(),
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  return id
}

const use = (id: number, fields: Partial<RefusedUse> = {}): RefusedUse => ({
  door: 'http',
  reason: 'token_revoked',
  credential: { kind: 'personal-access-token', id },
  push: false,
  address: '203.0.113.7',
  at: now,
  ...fields,
})

const names = async (): Promise<string[]> => {
  await watch.settled()
  return activity.events.map(({ name }) => name)
}

describe('what was refused', () => {
  test('a dead token: nobody is its author, its owner finds it, and it is named', async () => {
    const alice = await temporary.user('alice')
    watch.refused(use(await addToken(alice.id)))
    await watch.settled()
    expect(activity.events).toEqual([
      {
        name: 'revoked_token_used',
        author: { kind: 'Unauthenticated', id: undefined, name: 'An unauthenticated user' },
        entity: { kind: 'User', id: alice.id, path: 'alice' },
        target: { type: 'PersonalAccessToken', id: 1, details: 'ci' },
        message: 'Used after its end over HTTP (token_revoked)',
        reason: 'token_revoked',
        address: '203.0.113.7',
        at: now,
      },
    ])
  })

  test.each([
    ['token_expired', 'expired_token_used'],
    ['token_revoked', 'revoked_token_used'],
    ['key_expired', 'expired_key_used'],
    ['user_blocked', 'shut_out_user_credential_used'],
    ['user_cannot_log_in', 'shut_out_user_credential_used'],
    ['username_mismatch', undefined],
    ['insufficient_scope', undefined],
  ])('for %s is the event %s', async (reason, expected) => {
    const alice = await temporary.user('alice')
    watch.refused(use(await addToken(alice.id), { reason }))
    expect(await names()).toEqual(expected === undefined ? [] : [expected])
  })

  test('a push of somebody known belongs to the project; one of nobody in particular is no event', async () => {
    const alice = await temporary.user('alice')
    const id = await addToken(alice.id)
    const project = { id: 9 as never, fullPath: 'team/app' }
    const push = { push: true, reason: 'branch_push_denied', ref: 'refs/heads/main', project } as const
    watch.refused(use(id, { ...push, principal: { kind: 'user', user: alice } }))
    watch.refused(use(id, { ...push, principal: { kind: 'anonymous' }, credential: undefined }))
    await watch.settled()
    expect(activity.events).toHaveLength(1)
    expect(activity.events[0]).toMatchObject({
      name: 'push_denied',
      author: { kind: 'User', id: alice.id, name: 'alice' },
      entity: { kind: 'Project', id: 9, path: 'team/app' },
      reason: 'branch_push_denied',
      message: 'Push denied for refs/heads/main over HTTP (branch_push_denied)',
    })
  })

  test('of a credential that is gone by now, nothing is told', async () => {
    watch.refused(use(99))
    expect(await names()).toEqual([])
    expect(faults).toEqual([])
  })

  test('repeats within a minute are one event; another address is another', async () => {
    const alice = await temporary.user('alice')
    const id = await addToken(alice.id)
    for (let after = 0; after < 60_000; after += 100) watch.refused(use(id, { at: now + after }))
    watch.refused(use(id, { address: '203.0.113.8' }))
    watch.refused(use(id, { at: now + 60_000 }))
    expect(await names()).toHaveLength(3)
  })
})

describe('a flood', () => {
  test('of different events of one credential ends, and the last one says so', () => {
    const folded = new FoldedUses()
    const answers = Array.from({ length: 1000 }, (_, index) => folded.ask('PersonalAccessToken/1', String(index), now))
    expect(answers.filter((answer) => answer === 'first')).toHaveLength(59)
    expect(answers.indexOf('last')).toBe(59)
    expect(answers.slice(60).every((answer) => answer === 'folded')).toBe(true)
    expect(folded.ask('PersonalAccessToken/2', '0', now)).toBe('first')
    expect(folded.ask('PersonalAccessToken/1', '0', now + 60_000)).toBe('first')
  })
})
