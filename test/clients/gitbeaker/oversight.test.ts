import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { dayIn } from '../client-scene.ts'
import { openStage, refusal, type Stage } from './stage.ts'

let stage: Stage
beforeAll(async () => {
  stage = await openStage()
})
afterAll(() => stage?.[Symbol.asyncDispose]())

test('application settings are shown and changed', async () => {
  const { root, as, ada } = stage
  expect(await root.ApplicationSettings.show()).toMatchObject({ default_project_visibility: 'private' })
  const changed = await root.ApplicationSettings.edit({ defaultProjectVisibility: 'internal' })
  expect(changed.default_project_visibility).toBe('internal')
  expect((await root.Projects.create({ name: 'open' })).visibility).toBe('internal')
  expect((await refusal(as(ada.token).ApplicationSettings.show())).status).toBe(403)
})

describe('audit events', () => {
  test('of the whole instance, of a project and of a group', async () => {
    const { root, project, group } = stage
    const made = await root.DeployTokens.create('audited', ['read_repository'], { projectId: project })
    const [newest] = await root.AuditEvents.all({ projectId: project, perPage: 1, maxPages: 1 })
    expect(newest).toMatchObject({ event_name: 'deploy_token_created', entity_type: 'Project', entity_id: project })
    expect(newest?.details).toMatchObject({ author_name: 'Administrator', target_id: made.id, entity_path: 'castle/gate' })
    expect(await root.AuditEvents.show(newest?.id ?? 0)).toEqual(newest)
    expect(await root.AuditEvents.all({ projectId: project, createdBefore: '2001-01-01T00:00:00Z' })).toEqual([])
    expect((await root.AuditEvents.all({ groupId: group })).every(({ entity_type }) => entity_type === 'Group')).toBe(true)
    const all = await root.AuditEvents.all({ perPage: 5 })
    expect(all.map(({ id }) => id)).toContain(newest?.id)
  })

  test('are walked by key', async () => {
    const pages = await stage.root.AuditEvents.all({ pagination: 'keyset', perPage: 3 })
    const ids = pages.map(({ id }) => id)
    expect(ids.length).toBeGreaterThan(6)
    expect(new Set(ids).size).toBe(ids.length)
  })
})

test('trigger tokens', async () => {
  const { root, project } = stage
  const made = await root.PipelineTriggerTokens.create(project, 'from the timer')
  expect(made).toMatchObject({ description: 'from the timer', owner: { username: 'root' } })
  expect(made.token).toMatch(/^glptt-/)
  expect((await root.PipelineTriggerTokens.edit(project, made.id, { description: 'other' })).description).toBe('other')
  expect((await root.PipelineTriggerTokens.all(project)).map(({ token }) => token)).toEqual([made.token])
  expect((await root.PipelineTriggerTokens.show(project, made.id)).description).toBe('other')
  await root.PipelineTriggerTokens.remove(project, made.id)
  expect((await refusal(root.PipelineTriggerTokens.show(project, made.id))).status).toBe(404)
})

test('service accounts of the instance and of a group, and their tokens', async () => {
  const { root, as, group } = stage
  const own = await root.ServiceAccounts.create({ name: 'Builder', username: 'builder' })
  expect(own).toMatchObject({ name: 'Builder', username: 'builder' })
  const account = await root.GroupServiceAccounts.create(group, { name: 'Deployer' })
  expect(account.username).toMatch(/^service_account_group_/)
  const made = await root.Users.createPersonalAccessToken(account.id, 'run', ['api'], { expiresAt: dayIn(10) })
  expect((await as(String(made.token)).Users.showCurrentUser()).id).toBe(account.id)
  const rotated = await root.GroupServiceAccounts.rotatePersonalAccessToken(group, account.id, made.id)
  expect((await refusal(as(String(made.token)).Users.showCurrentUser())).status).toBe(401)
  expect((await as(String(rotated['token'])).Users.showCurrentUser()).id).toBe(account.id)
})

test.each(['project', 'group'] as const)('invitations to a %s', async (kind) => {
  const { root, group, project } = stage
  const [invitations, home] = kind === 'project' ? [root.ProjectInvitations, project] : [root.GroupInvitations, group]
  const email = `${kind}-guest@example.org`
  expect(await invitations.add(home, 30, { email })).toEqual({ status: 'success' })
  expect(await invitations.all(home)).toMatchObject([{ invite_email: email, access_level: 30 }])
  expect(await invitations.edit(home, email, { accessLevel: 20 })).toMatchObject({ access_level: 20 })
  await invitations.remove(home, email)
  expect(await invitations.all(home)).toEqual([])
})
