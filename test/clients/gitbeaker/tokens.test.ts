import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { dayIn } from '../client-scene.ts'
import { openStage, refusal, type Stage } from './stage.ts'

let stage: Stage
beforeAll(async () => {
  stage = await openStage()
})
afterAll(() => stage?.[Symbol.asyncDispose]())

const wordsOf = (token: unknown): string => {
  if (typeof token !== 'string') throw new Error('no token was shown')
  return token
}

describe('personal access tokens', () => {
  test('are made, shown, listed with filters, rotated and revoked', async () => {
    const { root, ada, as } = stage
    const made = await root.PersonalAccessTokens.create(ada.id, 'robot', ['api', 'self_rotate'], { expiresAt: dayIn(30) })
    expect(made).toMatchObject({ name: 'robot', scopes: ['api', 'self_rotate'], active: true, revoked: false, user_id: ada.id })
    expect(made.expires_at).toBe(dayIn(30))

    const robot = as(wordsOf(made.token))
    expect(await robot.PersonalAccessTokens.show()).toMatchObject({ id: made.id, name: 'robot' })
    expect(await root.PersonalAccessTokens.show({ tokenId: made.id })).not.toHaveProperty('token')
    const found = await root.PersonalAccessTokens.all({ userId: ada.id, search: 'rob', state: 'active', revoked: false })
    expect(found.map(({ id }) => id)).toEqual([made.id])
    const tomorrow = `${dayIn(1)}T00:00:00.000Z`
    expect(await root.PersonalAccessTokens.all({ userId: ada.id, createdAfter: tomorrow })).toEqual([])
    expect((await robot.PersonalAccessTokens.all()).map(({ name }) => name)).toEqual(['first', 'robot'])

    const rotated = await root.PersonalAccessTokens.rotate(made.id, { expiresAt: dayIn(60) })
    expect(rotated).toMatchObject({ name: 'robot', expires_at: dayIn(60) })
    expect(rotated.id).not.toBe(made.id)
    expect((await refusal(robot.Users.showCurrentUser())).words).toBe('invalid_token')
    const own = await as(wordsOf(rotated.token)).PersonalAccessTokens.rotate('self')
    expect(own.expires_at).toBe(dayIn(7))

    await root.PersonalAccessTokens.remove({ tokenId: own.id })
    expect((await refusal(as(wordsOf(own.token)).Users.showCurrentUser())).status).toBe(401)
    expect((await root.PersonalAccessTokens.all({ userId: ada.id, revoked: true })).map(({ id }) => id)).toContain(own.id)
  })

  test('end themselves', async () => {
    const { root, ada, as } = stage
    const made = await root.Users.createPersonalAccessToken(ada.id, 'short', ['read_user'])
    const short = as(wordsOf(made.token))
    expect((await short.Users.showCurrentUser()).username).toBe('ada')
    await short.PersonalAccessTokens.remove()
    expect((await refusal(short.Users.showCurrentUser())).status).toBe(401)
  })
})

test('impersonation tokens act for a user and are hidden from it', async () => {
  const { root, ada, as } = stage
  const made = await root.UserImpersonationTokens.create(ada.id, 'as ada', ['api'], { expiresAt: dayIn(5) })
  expect(made).toMatchObject({ impersonation: true, active: true })
  expect((await as(wordsOf(made.token)).Users.showCurrentUser()).username).toBe('ada')
  expect((await root.UserImpersonationTokens.all(ada.id, { state: 'active' })).map(({ id }) => id)).toEqual([made.id])
  expect((await root.UserImpersonationTokens.show(ada.id, made.id)).name).toBe('as ada')
  expect((await as(ada.token).PersonalAccessTokens.all()).map(({ name }) => name)).not.toContain('as ada')
  await root.UserImpersonationTokens.revoke(ada.id, made.id)
  expect((await root.UserImpersonationTokens.all(ada.id, { state: 'inactive' })).map(({ id }) => id)).toEqual([made.id])
})

test.each(['project', 'group'] as const)('access tokens of a %s', async (kind) => {
  const { root, as, group, project } = stage
  const [tokens, home] = kind === 'project' ? [root.ProjectAccessTokens, project] : [root.GroupAccessTokens, group]
  const made = await tokens.create(home, 'robot', ['api'], dayIn(20), { accessLevel: 30 })
  expect(made).toMatchObject({ name: 'robot', scopes: ['api'], access_level: 30, expires_at: dayIn(20) })
  const bot = await as(made.token).Users.showCurrentUser()
  expect(bot).toMatchObject({ bot: true, name: 'robot' })
  expect(bot.username).toMatch(new RegExp(`^${kind}_${home}_bot_`))
  expect((await tokens.all(home)).map(({ id }) => id)).toEqual([made.id])
  expect((await tokens.show(home, made.id)).name).toBe('robot')
  const rotated = await tokens.rotate(home, made.id)
  expect((await refusal(as(made.token).Users.showCurrentUser())).status).toBe(401)
  expect((await as(rotated.token).Users.showCurrentUser()).id).toBe(bot.id)
  await tokens.revoke(home, rotated.id)
  expect((await refusal(as(rotated.token).Users.showCurrentUser())).status).toBe(401)
})

describe('deploy tokens', () => {
  test.each(['project', 'group'] as const)('of a %s', async (kind) => {
    const { root, group, project } = stage
    const home = kind === 'project' ? { projectId: project } : { groupId: group }
    const made = await root.DeployTokens.create('puller', ['read_repository'], { ...home, username: `p-${kind}` })
    expect(made).toMatchObject({ name: 'puller', username: `p-${kind}`, scopes: ['read_repository'], revoked: false })
    expect(made.token).toMatch(/^gldt-/)
    expect((await root.DeployTokens.all(home)).map(({ id }) => id)).toEqual([made.id])
    expect((await root.DeployTokens.show(made.id, home)).username).toBe(`p-${kind}`)
    expect((await root.DeployTokens.all({ active: true })).map(({ id }) => id)).toContain(made.id)
    await root.DeployTokens.remove(made.id, home)
    expect((await refusal(root.DeployTokens.show(made.id, home))).status).toBe(404)
  })
})

test('deploy keys are added, changed, enabled elsewhere, and taken away', async () => {
  const { root, project, machine } = stage
  const { line } = await machine.key('deploy')
  const made = await root.DeployKeys.create(project, 'deployer', line, { canPush: false })
  expect(made).toMatchObject({ title: 'deployer', can_push: false })
  expect(await root.DeployKeys.edit(project, made.id, { canPush: true, title: 'writer' })).toMatchObject({ title: 'writer' })
  expect((await root.DeployKeys.all({ projectId: project })).map(({ can_push }) => can_push)).toEqual([true])
  const other = await root.Projects.create({ name: 'other' })
  await root.DeployKeys.enable(other.id, made.id)
  const [all] = await root.DeployKeys.all()
  expect(all?.projects_with_write_access?.map(({ id }) => id)).toEqual([project])
  expect((await root.DeployKeys.show(other.id, made.id)).id).toBe(made.id)
  for (const home of [project, other.id]) await root.DeployKeys.remove(home, made.id)
  expect(await root.DeployKeys.all()).toEqual([])
})

test('keys of users, and whose a key is', async () => {
  const { root, ada, as, machine } = stage
  const { line } = await machine.key('ada')
  const made = await as(ada.token).UserSSHKeys.create('laptop', line, { usageType: 'auth' })
  expect(made).toMatchObject({ title: 'laptop', usage_type: 'auth' })
  expect((await root.UserSSHKeys.all({ userId: ada.id })).map(({ id }) => id)).toEqual([made.id])
  expect((await as(ada.token).UserSSHKeys.show(made.id)).title).toBe('laptop')
  expect((await root.Keys.show({ keyId: made.id })).user.username).toBe('ada')
  const second = await root.UserSSHKeys.create('desk', (await machine.key('desk')).line, { userId: ada.id })
  await root.UserSSHKeys.remove(second.id, { userId: ada.id })
  await as(ada.token).UserSSHKeys.remove(made.id)
  expect(await as(ada.token).UserSSHKeys.all()).toEqual([])
})
