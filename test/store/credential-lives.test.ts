import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { NamespaceId, ProjectId } from '../../src/core/ids.ts'
import type { User } from '../../src/core/principal.ts'
import { Secret } from '../../src/core/secret.ts'
import { createToken, type NewToken, revokeToken, tokenByDigest } from '../../src/store/access-tokens.ts'
import { createResourceToken } from '../../src/store/bots.ts'
import { createProject } from '../../src/store/projects.ts'
import { openStore, type Store } from '../../src/store/sqlite.ts'
import { revokeDescendants, rotateToken } from '../../src/store/token-rotation.ts'
import { createUser, deleteUser, updateUser } from '../../src/store/users.ts'
import { digestOf } from '../../src/tokens/digest.ts'
import { makeGroup, now, recordedShelf, type TemporaryStore, temporaryStore } from './temporary-store.ts'

let temporary: TemporaryStore
let store: Store
let other: Store
let alice: User
beforeEach(async () => {
  temporary = await temporaryStore()
  store = temporary.store
  other = openStore(temporary.file)
  alice = await temporary.user('alice')
})
afterEach(async () => {
  await other.close()
  await temporary.close()
})

const digest = (text: string) => digestOf(new Secret(text))

const newToken = (text: string): NewToken => ({
  user: alice.id,
  name: text,
  description: null,
  digest: digest(text),
  scopes: ['api', 'api'],
  impersonation: false,
  expiresOn: '2026-12-01',
  createdBy: alice.id,
})

const made = async (text: string) => {
  const row = await createToken(store, newToken(text), now)
  if (row === undefined) throw new Error('the user is gone')
  return row
}

const epoch = async (): Promise<number> =>
  (await store.read.selectFrom('security_epoch').select('value').executeTakeFirstOrThrow()).value

/** Whether the work raised the counter by which other workers notice. */
const raises = async (work: () => Promise<unknown>): Promise<boolean> => {
  const before = await epoch()
  await work()
  return (await epoch()) > before
}

describe('access tokens', () => {
  test('birth, rotation and death are seen by another process at once, and raise the epoch', async () => {
    const token = await made('one')
    expect((await tokenByDigest(other.read, digest('one')))?.token.scopes).toBe('["api"]')
    const successor = { digest: digest('two'), expiresOn: '2026-06-01', createdBy: alice.id, isExternal: 0 } as const
    expect(await raises(() => rotateToken(store, token.id, successor, now))).toBe(true)
    expect((await tokenByDigest(other.read, digest('one')))?.token.revoked).toBe(1)
    const second = (await tokenByDigest(other.read, digest('two')))?.token
    expect(second).toMatchObject({ revoked: 0, previous_id: token.id, name: 'one', expires_at: '2026-06-01' })
    expect(await raises(() => revokeDescendants(store, token.id, now))).toBe(true)
    expect((await tokenByDigest(other.read, digest('two')))?.token.revoked).toBe(1)
  })

  test('of several rotations of one token one succeeds, at whichever process', async () => {
    const token = await made('one')
    const rotate = (by: Store, text: string) =>
      rotateToken(by, token.id, { digest: digest(text), expiresOn: '2026-06-01', createdBy: alice.id, isExternal: 0 }, now)
    const results = await Promise.all([rotate(store, 'a'), rotate(store, 'b'), rotate(store, 'c')])
    expect(results.filter((result) => result === 'revoked')).toHaveLength(2)
    expect(await rotate(other, 'd')).toBe('revoked')
  })

  test('only descendants that work are ended', async () => {
    const first = await made('first')
    const next = { digest: digest('next'), expiresOn: '2026-01-01', createdBy: alice.id, isExternal: 0 } as const
    await rotateToken(store, first.id, next, now)
    const bystander = await made('bystander')
    await revokeDescendants(store, first.id, now)
    expect((await tokenByDigest(store.read, digest('next')))?.token.revoked).toBe(0)
    expect((await tokenByDigest(store.read, bystander.digest))?.token.revoked).toBe(0)
  })

  test('a user that is gone gets none', async () => {
    await deleteUser(store, alice.id, false, now)
    expect(await createToken(store, newToken('late'), now)).toBeUndefined()
    expect(await tokenByDigest(store.read, digest('late'))).toBeUndefined()
  })
})

const makeTeam = () => makeGroup(store, alice.id, 'team')

describe('bots', () => {
  test('a bot of something that is gone is not made', async () => {
    const group = await makeTeam()
    const token = { ...newToken('bot'), home: { kind: 'group', id: group.id }, level: 30, isExternal: 0, host: 'x.org' } as const
    const row = await createResourceToken(store, token, now)
    if (row === undefined) throw new Error('no token')
    const bots = () => store.read.selectFrom('users').select(['id', 'username']).where('kind', '=', 'project_bot').execute()
    expect(await bots()).toEqual([{ id: row.user_id, username: expect.stringMatching(/^group_\d+_bot_[0-9a-f]{32}$/) }])
    await revokeToken(store, row, now)
    expect(await bots()).toEqual([])
    await store.write.deleteFrom('namespaces').where('id', '=', group.id).execute()
    expect(await createResourceToken(store, { ...token, digest: digest('late') }, now)).toBeUndefined()
    expect(await bots()).toEqual([])
  })
})

describe('users', () => {
  const person = (username: string) => ({
    username,
    name: username,
    email: `${username}@example.org`,
    is_admin: 0 as const,
    is_external: 0 as const,
    can_create_group: 1 as const,
    projects_limit: 10,
  })

  test('a name is made once, at whichever process', async () => {
    expect(await createUser(store, person('bob'), now)).toMatchObject({ username: 'bob', state: 'active' })
    expect(await createUser(other, { ...person('BOB'), email: 'else@example.org' }, now)).toBe('username-taken')
    expect(await createUser(other, { ...person('robert'), email: 'BOB@example.org' }, now)).toBe('email-taken')
  })

  test('a conflict changes nothing', async () => {
    const bob = await createUser(store, person('bob'), now)
    if (typeof bob === 'string') throw new Error(bob)
    expect(await updateUser(store, bob.id, { username: 'bobby', email: 'ALICE@example.org' }, now)).toBe('email-taken')
    expect(await updateUser(store, bob.id, { name: 'New', username: 'Alice' }, now)).toBe('username-taken')
    const rows = await store.read.selectFrom('routes').select('path').orderBy('path_key').execute()
    expect(rows).toEqual([{ path: 'alice' }, { path: 'bob' }])
    expect((await store.read.selectFrom('users').selectAll().where('id', '=', bob.id).executeTakeFirstOrThrow()).name).toBe('bob')
  })
})

test('what deleted users made elsewhere becomes the Ghost User’s, who is made once', async () => {
  const { id } = await makeTeam()
  const projects = await Promise.all(['ben', 'cleo'].map((name) => projectOf(name, id)))
  const creators = await store.read
    .selectFrom('projects')
    .innerJoin('users', 'users.id', 'projects.creator_id')
    .where('projects.id', 'in', projects)
    .select(['users.name', 'users.kind'])
    .execute()
  expect(creators).toEqual(projects.map(() => ({ name: 'Ghost User', kind: 'ghost' })))
  expect(await store.read.selectFrom('users').where('kind', '=', 'ghost').select('id').execute()).toHaveLength(1)
})

/** A project of someone who is then deleted. */
const projectOf = async (name: string, namespaceId: NamespaceId): Promise<ProjectId> => {
  const { id: creator } = await temporary.user(name)
  const plan = {
    namespaceId,
    creator,
    name,
    path: name,
    description: '',
    visibility: 'private',
    repository_access_level: 'enabled',
    initial_branch: 'main',
  } as const
  const project = await createProject(store, plan, recordedShelf(), now)
  if (typeof project === 'string') throw new Error(project)
  await deleteUser(store, creator, false, now)
  return project.id
}
