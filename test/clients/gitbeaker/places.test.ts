import { Gitlab } from '@gitbeaker/rest'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { dayIn } from '../client-scene.ts'
import { openStage, refusal, type Stage } from './stage.ts'

let stage: Stage
beforeAll(async () => {
  stage = await openStage()
})
afterAll(() => stage?.[Symbol.asyncDispose]())

test('users are made, found, changed, blocked and deleted', async () => {
  const { root } = stage
  const made = await root.Users.create({
    username: 'grace',
    name: 'Grace',
    email: 'grace@example.com',
    forceRandomPassword: true,
    skipConfirmation: true,
  })
  expect(made).toMatchObject({ username: 'grace', state: 'active' })
  expect((await root.Users.all({ username: 'grace' })).map(({ id }) => id)).toEqual([made.id])
  await root.Users.edit(made.id, { name: 'Grace H.' })
  expect((await root.Users.show(made.id)).name).toBe('Grace H.')
  await root.Users.block(made.id)
  expect((await root.Users.show(made.id)).state).toBe('blocked')
  await root.Users.unblock(made.id)
  await root.Users.deactivate(made.id)
  await root.Users.activate(made.id)
  await root.Users.remove(made.id)
  expect(await refusal(root.Users.show(made.id))).toEqual({ status: 404, words: '404 User Not Found' })
})

test('projects are made, changed, archived and deleted', async () => {
  const { root, group } = stage
  const made = await root.Projects.create({ name: 'Well', path: 'well', namespaceId: group, visibility: 'private' })
  expect(made).toMatchObject({ path_with_namespace: 'castle/well', visibility: 'private', default_branch: 'main' })
  expect((await root.Projects.show('castle/well')).id).toBe(made.id)
  await root.Projects.edit(made.id, { description: 'deep' })
  expect((await root.Projects.all({ search: 'well' })).map(({ description }) => description)).toEqual(['deep'])
  expect((await root.Projects.archive(made.id)).archived).toBe(true)
  expect((await root.Projects.unarchive(made.id)).archived).toBe(false)
  await root.Projects.remove(made.id)
  expect(await refusal(root.Projects.show(made.id))).toEqual({ status: 404, words: '404 Project Not Found' })
})

test('groups are made in groups, listed, changed and deleted; namespaces show them', async () => {
  const { root, group } = stage
  const made = await root.Groups.create('Tower', 'tower', { parentId: group, visibility: 'private' })
  expect(made.full_path).toBe('castle/tower')
  expect((await root.Groups.allSubgroups(group)).map(({ id }) => id)).toEqual([made.id])
  await root.Groups.edit(made.id, { description: 'high' })
  expect((await root.Groups.show('castle/tower')).description).toBe('high')
  expect((await root.Groups.allProjects(group)).map(({ path }) => path)).toEqual(['gate'])
  expect((await root.Namespaces.all({ search: 'tower' })).map(({ full_path }) => full_path)).toEqual(['castle/tower'])
  expect((await root.Namespaces.show('castle/tower')).kind).toBe('group')
  await root.Groups.remove(made.id)
  expect((await refusal(root.Groups.show(made.id))).status).toBe(404)
})

test.each(['project', 'group'] as const)('members of a %s', async (kind) => {
  const { root, ada, group, project } = stage
  const [members, home] = kind === 'project' ? [root.ProjectMembers, project] : [root.GroupMembers, group]
  const made = await members.add(home, 20, { userId: ada.id, expiresAt: dayIn(3) })
  expect(made).toMatchObject({ id: ada.id, access_level: 20, expires_at: dayIn(3) })
  expect((await members.edit(home, ada.id, 30)).access_level).toBe(30)
  expect((await members.show(home, ada.id)).username).toBe('ada')
  expect((await members.all(home, { query: 'ada' })).map(({ id }) => id)).toEqual([ada.id])
  expect((await members.all(home, { includeInherited: true })).map(({ username }) => username).sort()).toEqual(['ada', 'root'])
  expect(await refusal(members.add(home, 30, { userId: ada.id }))).toEqual({ status: 409, words: 'Member already exists' })
  await members.remove(home, ada.id)
  expect((await refusal(members.show(home, ada.id))).status).toBe(404)
})

test('protected branches and tags', async () => {
  const { root, project } = stage
  const branch = await root.ProtectedBranches.protect(project, 'release/*', { pushAccessLevel: 30, allowForcePush: true })
  expect(branch).toMatchObject({ name: 'release/*', allow_force_push: true })
  expect(branch.push_access_levels?.map(({ access_level }) => access_level)).toEqual([30])
  await root.ProtectedBranches.edit(project, 'release/*', { allowForcePush: false })
  expect((await root.ProtectedBranches.show(project, 'release/*')).allow_force_push).toBe(false)
  expect((await root.ProtectedBranches.all(project)).map(({ name }) => name).sort()).toEqual(['main', 'release/*'])
  await root.ProtectedBranches.unprotect(project, 'release/*')
  const tag = await root.ProtectedTags.protect(project, 'v*', { createAccessLevel: 30 })
  expect(tag.create_access_levels?.map(({ access_level }) => access_level)).toEqual([30])
  expect((await root.ProtectedTags.all(project)).map(({ name }) => name)).toEqual(['v*'])
  expect((await root.ProtectedTags.show(project, 'v*')).name).toBe('v*')
  await root.ProtectedTags.unprotect(project, 'v*')
  expect(await root.ProtectedTags.all(project)).toEqual([])
})

test('a token as bearer', async () => {
  const bearer = new Gitlab({ host: stage.server.http, oauthToken: stage.ada.token })
  expect((await bearer.Users.showCurrentUser()).username).toBe('ada')
})

test('what the server is', async () => {
  const { version } = await stage.root.Metadata.show()
  expect(version).toMatch(/^18\.5\.0/)
})

describe('lists of many', () => {
  beforeAll(async () => {
    for (let index = 0; index < 25; index += 1) {
      await stage.root.PersonalAccessTokens.create(stage.ada.id, `many-${index}`, ['read_user'])
    }
  })

  test('come whole by default, page by page', async () => {
    const all = await stage.as(stage.ada.token).PersonalAccessTokens.all({ search: 'many', perPage: 10 })
    expect(new Set(all.map(({ id }) => id)).size).toBe(25)
  })

  test('come as one page with its place among all', async () => {
    const { data, paginationInfo } = await stage.as(stage.ada.token).PersonalAccessTokens.all({
      search: 'many',
      perPage: 10,
      page: 2,
      showExpanded: true,
      pagination: 'offset',
    })
    expect(data.length).toBe(10)
    expect(paginationInfo).toMatchObject({ total: 25, current: 2, previous: 1, next: 3, perPage: 10, totalPages: 3 })
  })

  test('come by key: projects, groups and users', async () => {
    const { root } = stage
    for (let index = 0; index < 5; index += 1) {
      await root.Projects.create({ name: `keyed-${index}` })
      await root.Groups.create(`keyed-${index}`, `keyed-group-${index}`)
      await root.Users.create({ username: `k${index}`, name: 'k', email: `k${index}@example.org`, forceRandomPassword: true })
    }
    const byId = { pagination: 'keyset', orderBy: 'id', sort: 'asc', perPage: 2 } as const
    const lists = {
      projects: await root.Projects.all(byId),
      groups: await root.Groups.all({ ...byId, orderBy: 'name' }),
      users: await root.Users.all({ pagination: 'keyset', perPage: 2 }),
    }
    for (const [name, list] of Object.entries(lists)) {
      const ids = list.map(({ id }) => id)
      expect([name, new Set(ids).size, ids.length >= 6]).toEqual([name, ids.length, true])
    }
  })
})

test('an administrator acts as another', async () => {
  expect((await stage.root.Users.showCurrentUser({ sudo: 'ada' })).username).toBe('ada')
  expect(await refusal(stage.root.Users.showCurrentUser({ sudo: 'nobody' }))).toEqual({
    status: 404,
    words: "404 User with ID or username 'nobody' Not Found",
  })
  expect((await refusal(stage.as(stage.ada.token).Users.showCurrentUser({ sudo: 'root' }))).status).toBe(403)
})

describe('refusals reach the caller as the client’s own errors', () => {
  const asked: [string, () => Promise<unknown>, number, string][] = [
    ['an unknown token', () => stage.as('glpat-unknown').Users.showCurrentUser(), 401, '401 Unauthorized'],
    ['no right', () => stage.as(stage.ada.token).DeployTokens.all(), 403, '403 Forbidden'],
    ['nothing there', () => stage.root.Projects.show(99_999), 404, '404 Project Not Found'],
    ['a missing parameter', () => stage.root.Users.create({}), 400, 'email is missing'],
    [
      'an unknown scope',
      () => stage.root.PersonalAccessTokens.create(1, 'x', ['all']),
      400,
      'scopes does not have a valid value',
    ],
  ]
  test.each(asked)('%s', async (_name, ask, status, words) => {
    const got = await refusal(ask())
    expect(got.status).toBe(status)
    expect(got.words).toContain(words)
  })

  test('a token with another scope', async () => {
    const { token } = await stage.root.PersonalAccessTokens.create(stage.ada.id, 'narrow', ['read_repository'])
    expect(await refusal(stage.as(String(token)).Projects.all())).toEqual({ status: 403, words: 'insufficient_scope' })
  })
})
