import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { UserId } from '../../../src/core/ids.ts'
import { startApi } from './api-server.ts'

interface Token {
  readonly id: number
  readonly token: string
  readonly user_id: number
  readonly expires_at: string
}

let api: Awaited<ReturnType<typeof startApi>>

const signUp = async (username: string) => {
  const id = await api.addUser(username)
  const made = await api.addToken(id, { name: `first of ${username}` })
  return { id, token: made.token, tokenId: made.id }
}

beforeAll(async () => {
  api = await startApi()
})
afterAll(() => api.close())

const asRoot = <Body = Record<string, unknown>>(method: string, path: string, json?: unknown) =>
  api.ask<Body>(method, path, { token: api.root.token, ...(json !== undefined && { json }) })

describe('project and group access tokens', () => {
  const paths: Record<'project' | 'group', string> = { project: '', group: '' }
  const ids = { project: 0, group: 0 }
  const people: Record<string, { id: UserId; token: string }> = {}

  beforeAll(async () => {
    const group = await asRoot<{ id: number }>('POST', '/groups', { name: 'Team', path: 'team' })
    const project = await asRoot<{ id: number }>('POST', '/projects', { name: 'App', path: 'app', namespace_id: group.body.id })
    ids.project = project.body.id
    ids.group = group.body.id
    paths.project = `/projects/${project.body.id}/access_tokens`
    paths.group = `/groups/${group.body.id}/access_tokens`
    for (const [role, level] of Object.entries({ developer: 30, maintainer: 40, owner: 50 })) {
      people[role] = await signUp(`team_${role}`)
      await asRoot('POST', `/groups/${group.body.id}/members`, { user_id: people[role]?.id, access_level: level })
    }
    people['stranger'] = await signUp('team_stranger')
  })

  const ask = <Body = Record<string, unknown>>(role: string, method: string, path: string, json?: unknown) =>
    api.ask<Body>(method, path, { token: people[role]?.token, ...(json !== undefined && { json }) })

  const fresh = { name: 'bot', scopes: ['api'] }

  test.each(['project', 'group'] as const)('a %s token and its bot', async (kind) => {
    const made = await ask<Token & { access_level: number }>('owner', 'POST', paths[kind], {
      ...fresh,
      name: 'deployer',
      access_level: 30,
    })
    expect(made).toMatchObject({
      status: 201,
      body: {
        name: 'deployer',
        access_level: 30,
        resource_type: kind,
        resource_id: ids[kind],
        expires_at: '2027-03-10',
        active: true,
      },
    })
    const bot = await api.ask<{ username: string }>('GET', '/user', { token: made.body.token })
    expect(bot.body).toMatchObject({ name: 'deployer', bot: true, id: made.body.user_id })
    expect(bot.body.username).toMatch(new RegExp(`^${kind}_${ids[kind]}_bot_[0-9a-f]{32}$`))
    expect(bot.body).toMatchObject({ email: `${bot.body.username}@noreply.git.example.org` })
    const member = await asRoot<object[]>('GET', `/${kind}s/${ids[kind]}/members/${made.body.user_id}`)
    expect(member.body).toMatchObject({ access_level: 30 })

    const listed = await ask<Token[]>('owner', 'GET', paths[kind])
    expect(listed.body).toContainEqual(
      expect.objectContaining({ id: made.body.id, access_level: 30, last_used_ips: ['127.0.0.1'] }),
    )
    expect(JSON.stringify(listed.body)).not.toContain('glpat-')
    expect(await ask('owner', 'GET', `${paths[kind]}/${made.body.id}`)).toMatchObject({ status: 200, body: { name: 'deployer' } })

    expect((await ask('owner', 'DELETE', `${paths[kind]}/${made.body.id}`)).status).toBe(204)
    expect((await api.ask('GET', '/user', { token: made.body.token })).status).toBe(401)
    expect((await asRoot('GET', `/users/${made.body.user_id}`)).status).toBe(404)
    expect(await ask('owner', 'GET', `${paths[kind]}/${made.body.id}`)).toMatchObject({
      status: 404,
      body: { message: `404 Could not find ${kind} access token with token_id: ${made.body.id} Not Found` },
    })
  })

  test('the work of a bot that is gone becomes the Ghost User’s', async () => {
    const made = await ask<Token>('owner', 'POST', paths.group, { ...fresh, access_level: 50 })
    const project = await api.ask<{ id: number }>('POST', '/projects', {
      token: made.body.token,
      json: { name: 'by-bot', namespace_id: ids.group },
    })
    expect(project).toMatchObject({ status: 201, body: { creator_id: made.body.user_id } })
    await api.ask('DELETE', '/personal_access_tokens/self', { token: made.body.token })
    const { body } = await asRoot<{ creator_id: number }>('GET', `/projects/${project.body.id}`)
    expect(await asRoot('GET', `/users/${body.creator_id}`)).toMatchObject({ status: 200, body: { username: 'ghost' } })
  })

  test('a bot lives until its last working token ends', async () => {
    const made = await ask<Token>('owner', 'POST', paths.project, fresh)
    const second = await api.addToken(made.body.user_id as UserId, { name: 'second' })
    expect((await ask('owner', 'DELETE', `${paths.project}/${made.body.id}`)).status).toBe(204)
    expect((await api.ask('GET', '/user', second)).status).toBe(200)
    expect((await ask('owner', 'GET', `${paths.project}/${made.body.id}`)).body).toMatchObject({ revoked: true })
    expect((await ask('owner', 'DELETE', `${paths.project}/${second.id}`)).status).toBe(204)
    expect((await asRoot('GET', `/users/${made.body.user_id}`)).status).toBe(404)
  })

  const noRight = (kind: string) => ({
    message: `400 Bad request - User does not have permission to create ${kind} access token`,
  })
  const tooHigh = { message: '400 Bad request - Access level of the token contains permissions not held by the creating user' }
  const creations: [string, 'project' | 'group', object, number, object][] = [
    ['owner', 'project', fresh, 201, { access_level: 40 }],
    ['maintainer', 'project', fresh, 201, { access_level: 40 }],
    ['maintainer', 'project', { ...fresh, access_level: 50 }, 400, tooHigh],
    ['owner', 'project', { ...fresh, access_level: 50 }, 201, { access_level: 50 }],
    ['developer', 'project', fresh, 400, noRight('project')],
    ['stranger', 'project', fresh, 404, { message: '404 Project Not Found' }],
    ['nobody', 'project', fresh, 401, { message: '401 Unauthorized' }],
    ['owner', 'group', fresh, 201, { access_level: 40 }],
    ['maintainer', 'group', fresh, 400, noRight('group')],
    ['stranger', 'group', fresh, 404, { message: '404 Group Not Found' }],
    ['owner', 'project', {}, 400, { error: 'name is missing, scopes is missing' }],
    ['owner', 'project', { ...fresh, access_level: 35 }, 400, { error: 'access_level does not have a valid value' }],
    ['owner', 'project', { ...fresh, access_level: '30' }, 201, { access_level: 30 }],
    ['owner', 'project', { ...fresh, scopes: ['read_user'] }, 400, { error: 'scopes does not have a valid value' }],
    ['owner', 'project', { ...fresh, scopes: ['sudo'] }, 400, { error: 'scopes does not have a valid value' }],
    ['owner', 'project', { ...fresh, scopes: [] }, 400, { message: "400 Bad request - Scopes can't be blank" }],
    [
      'owner',
      'project',
      { ...fresh, expires_at: '2027-03-11' },
      400,
      { message: '400 Bad request - Expiration date must be before 2027-03-10' },
    ],
    ['owner', 'project', { ...fresh, expires_at: '2020-01-01' }, 201, { active: false }],
  ]
  test.each(creations)('%s makes a %s token %j: %i', async (role, kind, json, status, body) => {
    expect(await ask(role, 'POST', paths[kind], json)).toMatchObject({ status, body })
  })

  test('an administrator makes one anywhere; a bot makes none, but looks and ends', async () => {
    const made = await asRoot<Token>('POST', paths.project, { ...fresh, access_level: 50 })
    expect(made.status).toBe(201)
    const bot = { token: made.body.token }
    expect(await api.ask('POST', paths.project, { ...bot, json: fresh })).toMatchObject({ status: 400, body: noRight('project') })
    const sibling = await asRoot<Token>('POST', paths.project, fresh)
    expect((await api.ask('GET', paths.project, bot)).status).toBe(200)
    expect((await api.ask('DELETE', `${paths.project}/${sibling.body.id}`, bot)).status).toBe(204)
  })

  test('who reads and ends', async () => {
    const made = await asRoot<Token>('POST', paths.project, { ...fresh, name: 'kept' })
    const one = `${paths.project}/${made.body.id}`
    expect(await ask('developer', 'GET', paths.project)).toMatchObject({ status: 401, body: { message: '401 Unauthorized' } })
    expect((await ask('developer', 'GET', one)).status).toBe(401)
    expect((await ask('maintainer', 'GET', paths.group)).status).toBe(401)
    expect((await ask('stranger', 'GET', paths.project)).status).toBe(404)
    expect(await ask('developer', 'DELETE', one)).toMatchObject({
      status: 400,
      body: { message: '400 Bad request - Name of team_developer cannot delete kept' },
    })
    expect((await ask('owner', 'GET', `${paths.group}/${made.body.id}`)).status).toBe(404)
    const { tokenId } = await signUp('elsewhere')
    expect((await ask('owner', 'DELETE', `${paths.project}/${tokenId}`)).status).toBe(404)
    expect((await ask('owner', 'DELETE', `${paths.project}/word`)).status).toBe(404)
    expect((await ask('owner', 'GET', `${paths.project}?state=inactive`)).status).toBe(200)
  })

  test('a service account makes one where its role lets it', async () => {
    const id = await api.addUser('machine', { kind: 'service_account' })
    const machine = { token: (await api.addToken(id)).token }
    const role = { user_id: id, access_level: 40 }
    expect((await asRoot('POST', `/projects/${ids.project}/members`, role)).status).toBe(201)
    expect((await api.ask('POST', paths.project, { ...machine, json: { ...fresh, access_level: 40 } })).status).toBe(201)
    expect((await api.ask('POST', paths.project, { ...machine, json: { ...fresh, access_level: 50 } })).status).toBe(400)
  })

  test("an external user's bot is external", async () => {
    const external = await api.addUser('contractor', { is_external: 1 })
    const { token } = await api.addToken(external)
    await asRoot('POST', `/projects/${ids.project}/members`, { user_id: external, access_level: 40 })
    const made = await api.ask<Token>('POST', paths.project, { token, json: fresh })
    const isExternal = async () => (await asRoot<{ external: boolean }>('GET', `/users/${made.body.user_id}`)).body.external
    expect(await isExternal()).toBe(true)
    const rotate = (by: string, tokenId: number) =>
      api.ask<Token>('POST', `${paths.project}/${tokenId}/rotate`, { token: by, json: {} })
    const again = await rotate(api.root.token, made.body.id)
    expect([again.status, await isExternal()]).toEqual([200, false])
    expect([(await rotate(token, again.body.id)).status, await isExternal()]).toEqual([200, true])
  })
})
