import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { sql } from 'kysely'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { presetProtections } from '../../src/access/rules/preset.ts'
import type { NamespaceId, ProjectId, UserId } from '../../src/core/ids.ts'
import { defaultProtectionOf, protectionColumns } from '../../src/store/default-protection.ts'
import { storedFacts } from '../../src/store/facts.ts'
import { createGroup, findNamespace, lineageIds, namespaceOfUser, updateNamespace } from '../../src/store/namespaces.ts'
import { createProject, type NewProject, projectByPath, transferProject, updateProject } from '../../src/store/projects.ts'
import { createFromPush } from '../../src/store/push-creation.ts'
import { removeNamespace } from '../../src/store/removal.ts'
import { findByPath } from '../../src/store/routes.ts'
import { readSetting, writeApplicationSettings } from '../../src/store/settings.ts'
import { makeGroup, now, recordedShelf, type TemporaryStore, temporaryStore } from './temporary-store.ts'

const execute = promisify(execFile)

let place: TemporaryStore
let creator: UserId
beforeEach(async () => {
  place = await temporaryStore()
  creator = (await place.user('ann')).id
})
afterEach(() => place.close())

const group = (path: string, parentId?: NamespaceId) => makeGroup(place.store, creator, path, parentId)

const plan = (namespaceId: NamespaceId, path: string): NewProject => ({
  namespaceId,
  creator,
  name: path,
  path,
  description: '',
  visibility: 'private',
  repository_access_level: 'enabled',
  initial_branch: 'main',
})

const project = async (namespaceId: NamespaceId, path: string) => {
  const made = await createProject(place.store, plan(namespaceId, path), recordedShelf(), now)
  if (typeof made === 'string') throw new Error(made)
  return made
}

/** Old paths that something else has taken: there must be none, or they would come back once it is gone. */
const stale = () =>
  place.store.read
    .selectFrom('redirects')
    .select('path_key')
    .where('path_key', 'in', (from) => from.selectFrom('routes').select('path_key'))
    .execute()

const epoch = async () => (await place.store.read.selectFrom('security_epoch').select('value').executeTakeFirstOrThrow()).value

describe('namespaces', () => {
  test('know those above and below them', async () => {
    const top = await group('top')
    const mid = await group('mid', top.id)
    const low = await group('low', mid.id)
    expect(lineageIds(low.lineage)).toEqual([top.id, mid.id, low.id])
    expect((await findNamespace(place.store.read, 'TOP/Mid/low'))?.id).toBe(low.id)
    expect((await findNamespace(place.store.read, String(low.id)))?.full_path).toBe('top/mid/low')
    expect(await findNamespace(place.store.read, 'top/none')).toBeUndefined()
  })

  test('a path is one thing only', async () => {
    await group('Team')
    const again = await createGroup(place.store, { ...(await bareGroup('tEAM')), parentId: undefined, creator }, now)
    expect(again).toBe('taken')
    const gone = await createGroup(place.store, { ...(await bareGroup('x')), parentId: 999 as NamespaceId, creator }, now)
    expect(gone).toBe('parent-gone')
  })

  test('what stands in a group is never more visible than it, also where both were looked at before either was written', async () => {
    const top = await group('top')
    const see = (id: NamespaceId, visibility: 'private' | 'internal' | 'public') =>
      place.store.write.transaction().execute((transaction) => updateNamespace(transaction, id, { visibility }, now))
    const open = { ...plan(top.id, 'tool'), visibility: 'public' } as const
    expect(await createProject(place.store, open, recordedShelf(), now)).toBe('too-visible')
    const sub = { ...(await bareGroup('sub')), visibility: 'internal', parentId: top.id, creator } as const
    expect(await createGroup(place.store, sub, now)).toBe('too-visible')
    expect(await see(top.id, 'public')).toBe('updated')
    const tool = await createProject(place.store, open, recordedShelf(), now)
    if (typeof tool === 'string') throw new Error(tool)
    expect(await see(top.id, 'private')).toBe('barred')
    await place.store.write
      .transaction()
      .execute((transaction) => updateProject(transaction, tool.id, { visibility: 'private' }, now))
    const made = await createGroup(place.store, sub, now)
    if (typeof made === 'string') throw new Error(made)
    expect(await see(top.id, 'private')).toBe('barred')
    expect(await see(made.id, 'private')).toBe('updated')
    expect(await see(top.id, 'private')).toBe('updated')
    expect(await see(made.id, 'public')).toBe('barred')
    const widened = await place.store.write
      .transaction()
      .execute((transaction) => updateProject(transaction, tool.id, { visibility: 'internal' }, now))
    expect(widened).toBe('too-visible')
  })

  test('a rename moves all below, and each old path leads on', async () => {
    const top = await group('a_b')
    const sub = await group('sub', top.id)
    const inner = await project(sub.id, 'tool')
    const near = await group('axb')
    const other = await project(near.id, 'tool')
    const rename = (path: string) =>
      place.store.write.transaction().execute((transaction) => updateNamespace(transaction, top.id, { path }, now))
    expect(await rename('axb')).toBe('taken')
    expect(await rename('next')).toBe('updated')
    expect(await projectByPath(place.store.read, 'next/sub/tool')).toMatchObject({ project: { id: inner.id }, moved: false })
    expect(await projectByPath(place.store.read, 'A_B/sub/tool')).toMatchObject({ project: { id: inner.id }, moved: true })
    expect(await projectByPath(place.store.read, 'axb/tool')).toMatchObject({ project: { id: other.id }, moved: false })
    expect(await findByPath(place.store.read, 'a_b')).toMatchObject({ namespaceId: top.id, moved: true })
    expect(await rename('a_b')).toBe('updated')
    expect(await projectByPath(place.store.read, 'a_b/sub/tool')).toMatchObject({ moved: false })
    expect(await projectByPath(place.store.read, 'next/sub/tool')).toMatchObject({ moved: true })
    expect(await stale()).toEqual([])
    expect(await rename('A_B')).toBe('updated')
    expect((await findNamespace(place.store.read, 'a_b'))?.full_path).toBe('A_B')
  })

  test('a group goes with its projects, bots and private deploy keys', async () => {
    const top = await group('top')
    const sub = await group('sub', top.id)
    const [one, two] = [await project(top.id, 'one'), await project(sub.id, 'two')]
    const beside = await project((await group('beside')).id, 'three')
    const key = async (mark: string, isPublic: 0 | 1, projects: readonly ProjectId[]) => {
      const { id } = await place.store.write
        .insertInto('keys')
        .values({
          kind: 'deploy',
          user_id: creator,
          title: mark,
          key: mark,
          fingerprint_sha256: mark,
          fingerprint_md5: mark,
          usage_type: 'auth_and_signing',
          public: isPublic,
          expires_at: null,
          created_at: '',
        })
        .returning('id')
        .executeTakeFirstOrThrow()
      for (const project_id of projects) {
        await place.store.write
          .insertInto('deploy_key_projects')
          .values({ key_id: id, project_id, can_push: 0, created_at: '' })
          .execute()
      }
      return id
    }
    const orphan = await key('orphan', 0, [one.id, two.id])
    const kept = [await key('public', 1, [one.id]), await key('shared', 0, [one.id, beside.id])]
    const bot = await place.user('bot')
    await place.store.write.updateTable('users').set({ bot_project_id: two.id }).where('id', '=', bot.id).execute()
    const removed = await place.store.write.transaction().execute((transaction) => removeNamespace(transaction, top.id))
    expect([...removed].sort()).toEqual([one.id, two.id])
    const keys = await place.store.read.selectFrom('keys').select('id').execute()
    expect(keys.map(({ id }) => id)).toEqual(kept)
    expect(keys.map(({ id }) => id)).not.toContain(orphan)
    expect(await place.store.read.selectFrom('users').select('id').where('id', '=', bot.id).executeTakeFirst()).toBeUndefined()
    expect(await findByPath(place.store.read, 'top/sub/two')).toBeUndefined()
    expect(await findByPath(place.store.read, 'beside/three')).toMatchObject({ projectId: beside.id })
  })
})

const bareGroup = async (path: string) =>
  ({
    name: path,
    path,
    description: '',
    visibility: 'private',
    project_creation_level: 'developer',
    subgroup_creation_level: 'maintainer',
    default_branch_protection: null,
  }) as const

describe('projects', () => {
  test('are made whole, or not at all', async () => {
    const { id } = await group('team')
    const before = await epoch()
    const broken = recordedShelf(new Error('the disk is full'))
    await expect(createProject(place.store, plan(id, 'tool'), broken, now)).rejects.toThrow('the disk is full')
    expect(broken.removed).toEqual([])
    expect(await findByPath(place.store.read, 'team/tool')).toBeUndefined()
    expect(await place.store.read.selectFrom('projects').select('id').execute()).toEqual([])
    expect(await epoch()).toBe(before)
    expect(await createProject(place.store, plan(999 as NamespaceId, 'x'), broken, now)).toBe('namespace-gone')
  })

  test('that begin with a commit have their default branch with it, or are not there', async () => {
    const { id } = await group('team')
    const firstCommit = { file: 'a', content: 'b', message: 'c', author: { name: 'd', email: 'e' }, at: now }
    const full = { ...plan(id, 'tool'), initial_branch: 'trunk', firstCommit }
    await expect(createProject(place.store, full, recordedShelf(new Error('the disk is full')), now)).rejects.toThrow()
    expect(await place.store.read.selectFrom('protected_refs').select('id').execute()).toEqual([])
    const made = await createProject(place.store, full, recordedShelf(), now)
    expect(made).toMatchObject({ default_branch: 'trunk', initial_branch: 'trunk' })
    expect(await place.store.read.selectFrom('protected_refs').select(['project_id', 'name']).execute()).toEqual([
      { project_id: typeof made === 'string' ? 0 : made.id, name: 'trunk' },
    ])
  })

  test('the repository is there before anyone can see the project', async () => {
    const { id } = await group('team')
    const seen: unknown[] = []
    const shelf = {
      ...recordedShelf(),
      prepare: async () => ({
        place: async () => {
          seen.push(await findByPath(place.store.read, 'team/tool'))
        },
        discard: async () => {},
      }),
    }
    await createProject(place.store, plan(id, 'tool'), shelf, now)
    expect(seen).toEqual([undefined])
    expect(await findByPath(place.store.read, 'team/tool')).toMatchObject({ moved: false })
  })

  test('rows that cannot be committed take their repository away again', async () => {
    const { id } = await group('team')
    await sql`create table late (project_id integer references projects (id) deferrable initially deferred)`.execute(
      place.store.write,
    )
    await sql`create trigger fails_late after insert on projects begin insert into late values (999); end`.execute(
      place.store.write,
    )
    const shelf = recordedShelf()
    await expect(createProject(place.store, plan(id, 'tool'), shelf, now)).rejects.toThrow('FOREIGN KEY')
    expect(shelf.made).toHaveLength(1)
    expect(shelf.removed).toEqual(shelf.made)
    expect(await findByPath(place.store.read, 'team/tool')).toBeUndefined()
  })

  test('of many at once on one path, from several processes, one is made', async () => {
    const { id } = await group('team')
    const script = fileURLToPath(new URL('create-project.ts', import.meta.url))
    const run = () => execute(process.execPath, [script, place.file, String(id), String(creator)])
    const outcomes = await Promise.all([run(), run(), run(), run()])
    expect(outcomes.map(({ stdout }) => stdout.trim()).sort()).toEqual(['made', 'taken', 'taken', 'taken'])
  })

  test('belong to their creator, and to the user in whose namespace they stand', async () => {
    const ben = await place.user('ben')
    const own = await namespaceOfUser(place.store.read, ben.id)
    if (own === undefined) throw new Error('no namespace')
    const made = await project(own.id, 'tool')
    const members = await place.store.read
      .selectFrom('members')
      .select(['user_id', 'access_level'])
      .where('project_id', '=', made.id)
      .orderBy('user_id')
      .execute()
    expect(members).toEqual([
      { user_id: creator, access_level: 50 },
      { user_id: ben.id, access_level: 50 },
    ])
  })

  test('a limit of a personal namespace is not passed, even at once', async () => {
    const ben = await place.user('ben')
    await place.store.write.updateTable('users').set({ projects_limit: 1 }).where('id', '=', ben.id).execute()
    const own = await namespaceOfUser(place.store.read, ben.id)
    const id = own?.id ?? (0 as NamespaceId)
    const made = await Promise.all(['one', 'two'].map((path) => createProject(place.store, plan(id, path), recordedShelf(), now)))
    expect(made.filter((one) => one === 'no-room')).toHaveLength(1)
  })

  test('move, and their old paths are taken over by what is made there', async () => {
    const [here, there] = [await group('here'), await group('there')]
    const tool = await project(here.id, 'tool')
    const move = (id: ProjectId, to: NamespaceId) =>
      place.store.write.transaction().execute((transaction) => transferProject(transaction, id, to, now))
    expect(await move(tool.id, there.id)).toBe('moved')
    expect(await projectByPath(place.store.read, 'here/tool')).toMatchObject({
      moved: true,
      project: { full_path: 'there/tool' },
    })
    const next = await project(here.id, 'tool')
    expect(await projectByPath(place.store.read, 'here/tool')).toMatchObject({ moved: false, project: { id: next.id } })
    expect(await stale()).toEqual([])
    expect(await move(next.id, there.id)).toBe('taken')
    expect(await move(next.id, 999 as NamespaceId)).toBe('gone')
    expect((await projectByPath(place.store.read, 'here/tool'))?.project.namespace_id).toBe(here.id)
  })

  test('a change that is refused changes nothing', async () => {
    const { id } = await group('team')
    const [one] = [await project(id, 'one'), await project(id, 'two')]
    const change = (path: string) =>
      place.store.write.transaction().execute((transaction) => updateProject(transaction, one.id, { path, name: 'New' }, now))
    expect(await change('two')).toBe('taken')
    expect(await projectByPath(place.store.read, 'team/one')).toMatchObject({ project: { name: 'one', path: 'one' } })
    expect(await change('ONE')).toBe('updated')
    expect(await projectByPath(place.store.read, 'team/one')).toMatchObject({ moved: false, project: { full_path: 'team/ONE' } })
  })
})

describe('a push that makes its project', () => {
  test('is private, also where others are not, and two pushes make one', async () => {
    const { id } = await group('team')
    await place.store.write
      .transaction()
      .execute((transaction) =>
        writeApplicationSettings(transaction, { default_project_visibility: 'public', default_branch_name: 'trunk' }),
      )
    const ben = await place.user('ben')
    const shelf = recordedShelf()
    const grant = { kind: 'creation', namespaceId: id, path: 'pushed' } as const
    await Promise.all([1, 2].map(() => createFromPush(place.store, shelf, grant, ben, () => now)))
    expect(shelf.made).toHaveLength(1)
    expect(await projectByPath(place.store.read, 'team/pushed')).toMatchObject({
      project: { visibility: 'private', creator_id: ben.id, default_branch: null, initial_branch: 'trunk', name: 'pushed' },
    })
  })
})

test('a push makes no project beyond the limit of a personal namespace', async () => {
  const ben = await place.user('ben')
  const facts = storedFacts(place.store, () => now)
  const asked = async () =>
    (await facts.read({ kind: 'user', user: ben }, 'ben/next', { kind: 'push', updates: 'unknown' })).creation
  expect(await asked()).toMatchObject({ kind: 'possible', path: 'next' })
  await place.store.write.updateTable('users').set({ projects_limit: 0 }).where('id', '=', ben.id).execute()
  expect(await asked()).toMatchObject({ kind: 'bad-name', message: expect.stringContaining('Limit reached') })
})

describe('settings', () => {
  test('have a standard value until one is set', async () => {
    expect(await readSetting(place.store.read, 'default_branch_name')).toBe('main')
    const write = (value: 'internal' | 'public') =>
      place.store.write
        .transaction()
        .execute((transaction) => writeApplicationSettings(transaction, { default_project_visibility: value }))
    await write('internal')
    await write('public')
    expect(await readSetting(place.store.read, 'default_project_visibility')).toBe('public')
  })

  test('a stored value that cannot be is a fault', async () => {
    await place.store.write.insertInto('settings').values({ key: 'default_branch_protection', value: '9' }).execute()
    await expect(readSetting(place.store.read, 'default_branch_protection')).rejects.toThrow()
  })

  test('the nearest group says how default branches are protected', async () => {
    const top = await group('top')
    const sub = await group('sub', top.id)
    expect(await defaultProtectionOf(place.store.read, sub.id)).toEqual(presetProtections[2])
    await place.store.write.updateTable('namespaces').set({ default_branch_protection: 0 }).where('id', '=', top.id).execute()
    expect(await defaultProtectionOf(place.store.read, sub.id)).toEqual(presetProtections[0])
    await place.store.write.updateTable('namespaces').set({ default_branch_protection: 3 }).where('id', '=', sub.id).execute()
    expect(await defaultProtectionOf(place.store.read, sub.id)).toEqual(presetProtections[3])
    const longer = { push: 0, merge: 40, force: true, developersFirst: false } as const
    await place.store.write.updateTable('namespaces').set(protectionColumns(longer)).where('id', '=', top.id).execute()
    expect(await defaultProtectionOf(place.store.read, top.id)).toEqual(longer)
    expect(await defaultProtectionOf(place.store.read, sub.id)).toEqual(presetProtections[3])
  })
})
