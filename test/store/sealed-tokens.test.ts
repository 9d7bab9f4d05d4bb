import { createSecretKey, randomBytes } from 'node:crypto'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { NamespaceId, ProjectId, UserId } from '../../src/core/ids.ts'
import type { User } from '../../src/core/principal.ts'
import { Secret } from '../../src/core/secret.ts'
import { securityEpoch } from '../../src/store/epoch.ts'
import { namespaceOfUser } from '../../src/store/namespaces.ts'
import { createProject } from '../../src/store/projects.ts'
import { removeNamespace } from '../../src/store/removal.ts'
import { noteSealingFingerprint, sealingFingerprint } from '../../src/store/sealing-keys.ts'
import { createServiceAccount, serviceAccountsOf } from '../../src/store/service-accounts.ts'
import {
  createTrigger,
  deleteTrigger,
  placeOfTrigger,
  type Trigger,
  triggerByDigest,
  triggersOf,
  updateTrigger,
} from '../../src/store/triggers.ts'
import { placeOfUserToken, putUserToken, sealedUserToken, userByTokenDigest } from '../../src/store/user-tokens.ts'
import { deleteUser } from '../../src/store/users.ts'
import { makeToken } from '../../src/tokens/make.ts'
import { Sealer } from '../../src/tokens/seal.ts'
import { makeGroup, now, recordedShelf, type TemporaryStore, temporaryStore } from './temporary-store.ts'

/** A project in the namespace of its creator. */
const makeProject = async (creator: UserId, path: string): Promise<ProjectId> => {
  const namespace = await namespaceOfUser(base.store.read, creator)
  if (namespace === undefined) throw new Error('no namespace')
  const plan = { name: path, path, description: '', visibility: 'private', repository_access_level: 'enabled' } as const
  const fields = { ...plan, initial_branch: 'main', namespaceId: namespace.id, creator }
  const project = await createProject(base.store, fields, recordedShelf(), now)
  if (typeof project === 'string') throw new Error(project)
  return project.id
}

let base: TemporaryStore
let ada: User
let project: ProjectId
const sealer = new Sealer(createSecretKey(randomBytes(32)))

beforeEach(async () => {
  base = await temporaryStore()
  ada = await base.user('ada')
  project = await makeProject(ada.id, 'engine')
})
afterEach(() => base.close())

const epoch = () => securityEpoch(base.store.read)

/** Whether a piece of work raised the epoch, by which caches of decisions know that they are old. */
const raises = async (work: () => Promise<unknown>): Promise<boolean> => {
  const before = await epoch()
  await work()
  return (await epoch()) > before
}

const fresh = (): Promise<Trigger | undefined> => {
  const trigger = { project, owner: ada.id, description: 'nightly', expiresAt: null }
  return createTrigger(base.store, trigger, makeToken('glptt-'), sealer, now)
}

const made = async (): Promise<Trigger> => {
  const trigger = await fresh()
  if (trigger === undefined) throw new Error('no trigger')
  return trigger
}

describe('trigger tokens', () => {
  test('open in their own row, and are found by digest', async () => {
    const token = makeToken('glptt-')
    const wish = { project, owner: ada.id, description: 'nightly', expiresAt: null }
    const trigger = await createTrigger(base.store, wish, token, sealer, now)
    if (trigger === undefined) throw new Error('no trigger')
    expect(Secret.open(sealer.open(trigger.sealed, placeOfTrigger(trigger.id)))).toBe(Secret.open(token.secret))
    const other = await made()
    expect(() => sealer.open(trigger.sealed, placeOfTrigger(other.id))).toThrow('cannot be opened')
    expect(await triggerByDigest(base.store.read, token.digest)).toEqual(trigger)
  })

  test('raise the epoch when they are made, changed and deleted', async () => {
    expect(await raises(fresh)).toBe(true)
    const { id } = await made()
    expect(await raises(() => updateTrigger(base.store, id, { description: 'b' }, now))).toBe(true)
    expect(await raises(() => deleteTrigger(base.store, id))).toBe(true)
    expect(await deleteTrigger(base.store, id)).toBe(false)
    expect(await updateTrigger(base.store, id, { description: 'c' }, now)).toBeUndefined()
  })

  test('are listed until they are over', async () => {
    const { id } = await made()
    const list = async () => (await triggersOf(base.store.read, project, now).execute()).map((row) => row.id)
    expect(await list()).toEqual([id])
    await updateTrigger(base.store, id, { expires_at: new Date(now + 1).toISOString() }, now)
    expect(await list()).toEqual([id])
    await updateTrigger(base.store, id, { expires_at: new Date(now).toISOString() }, now)
    expect(await list()).toEqual([])
  })

  test('go with their project, and with their owner; none is made for those who are gone', async () => {
    const babbage = await base.user('babbage')
    const theirs = await createTrigger(
      base.store,
      { project, owner: babbage.id, description: '', expiresAt: null },
      makeToken('glptt-'),
      sealer,
      now,
    )
    await made()
    await deleteUser(base.store, babbage.id, false, now)
    expect(theirs && (await triggerByDigest(base.store.read, theirs.digest))).toBeUndefined()
    await base.store.write.deleteFrom('projects').where('id', '=', project).execute()
    expect(await base.store.read.selectFrom('triggers').selectAll().execute()).toEqual([])
    expect(await fresh()).toBeUndefined()
  })
})

describe('tokens that each user has', () => {
  const put = (keep: boolean, kind: 'feed' | 'incoming_email' = 'feed', token = makeToken('glft-')) =>
    putUserToken(base.store, ada.id, kind, token, sealer, keep, now)

  test('stay where they are kept, and are others once they are not', async () => {
    const first = await put(true)
    expect(await put(true)).toBe(first)
    expect(await sealedUserToken(base.store.read, ada.id, 'feed')).toBe(first)
    expect(await put(false)).not.toBe(first)
    expect(await sealedUserToken(base.store.read, ada.id, 'incoming_email')).toBeUndefined()
  })

  test('name their user, by the kind that they are of', async () => {
    const token = makeToken('glft-')
    const sealed = await put(false, 'feed', token)
    expect(Secret.open(sealer.open(sealed ?? '', placeOfUserToken(ada.id, 'feed')))).toBe(Secret.open(token.secret))
    expect(await userByTokenDigest(base.store.read, 'feed', token.digest)).toMatchObject({ username: 'ada' })
    expect(await userByTokenDigest(base.store.read, 'incoming_email', token.digest)).toBeUndefined()
  })

  test('raise the epoch when they are made and reset, and not when they are read', async () => {
    expect(await raises(() => put(true))).toBe(true)
    expect(await raises(() => put(true))).toBe(false)
    expect(await raises(() => put(false))).toBe(true)
  })

  test('are not made for somebody who is gone', async () => {
    await deleteUser(base.store, ada.id, false, now)
    expect(await put(true)).toBeUndefined()
  })
})

test('the fingerprint of the key is kept once, and decides nothing', async () => {
  const note = (text: string) => base.store.write.transaction().execute((writer) => noteSealingFingerprint(writer, text, now))
  expect(await sealingFingerprint(base.store.read)).toBeUndefined()
  expect(await raises(() => note('abc'))).toBe(false)
  expect(await sealingFingerprint(base.store.read)).toBe('abc')
  await expect(note('def')).rejects.toThrow()
})

describe('service accounts', () => {
  const fields = { name: 'Robot', username: 'robot', email: 'robot@example.org' }
  const group = async (path: string): Promise<NamespaceId> => (await makeGroup(base.store, ada.id, path)).id

  test('are made with a path of their own; what is taken is named, all of it', async () => {
    const account = { ...fields, group: undefined, createdBy: ada.id }
    expect(await createServiceAccount(base.store, account, now)).toMatchObject({ kind: 'service_account', is_external: 1 })
    expect(await createServiceAccount(base.store, account, now)).toEqual(['email-taken', 'username-taken'])
    await group('tower')
    const named = { ...account, username: 'Tower', email: 'tower@example.org' }
    expect(await createServiceAccount(base.store, named, now)).toEqual(['username-taken'])
    expect(await createServiceAccount(base.store, { ...account, group: 999 as NamespaceId }, now)).toBe('group-gone')
  })

  test('of a group go with it, their projects and keys too', async () => {
    const [tower, castle] = [await group('tower'), await group('castle')]
    const robot = await createServiceAccount(base.store, { ...fields, group: tower, createdBy: ada.id }, now)
    const other = { name: 'Other', username: 'other', email: 'other@example.org', group: castle, createdBy: ada.id }
    await createServiceAccount(base.store, other, now)
    if (typeof robot === 'string' || 'length' in robot) throw new Error('no account')
    await base.store.write.updateTable('users').set({ projects_limit: 1 }).where('id', '=', robot.id).execute()
    const own = await makeProject(robot.id, 'own')
    await base.store.write
      .insertInto('keys')
      .values({
        kind: 'user',
        user_id: robot.id,
        title: 'k',
        key: 'k',
        fingerprint_sha256: 'k',
        fingerprint_md5: 'k',
        usage_type: 'auth',
        public: 0,
        expires_at: null,
        created_at: new Date(now).toISOString(),
      })
      .execute()
    const removed = await base.store.write.transaction().execute((writer) => removeNamespace(writer, tower))
    expect(removed).toEqual([own])
    const left = (table: 'keys' | 'projects') => base.store.read.selectFrom(table).select('id').execute()
    expect(await left('keys')).toEqual([])
    expect(await left('projects')).toEqual([{ id: project }])
    expect(await serviceAccountsOf(base.store.read, tower).execute()).toEqual([])
    expect(await serviceAccountsOf(base.store.read, castle).execute()).toHaveLength(1)
  })
})

describe('no table is read whole', () => {
  const plans: [string, () => { compile(): { sql: string; parameters: readonly unknown[] } }][] = [
    ['triggers of a project', () => triggersOf(base.store.read, project, now)],
    ['the service accounts of a group', () => serviceAccountsOf(base.store.read, 1 as NamespaceId)],
  ]
  test.each(plans)('for %s', async (_name, query) => {
    const { sql, parameters } = query().compile()
    const database = new Database(base.file)
    const steps = database.prepare(`explain query plan ${sql}`).all(...parameters) as { detail: string }[]
    database.close()
    for (const { detail } of steps) expect(detail).toMatch(/^SEARCH .* USING INDEX/)
  })
})
