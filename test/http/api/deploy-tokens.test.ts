import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startWorld, type Who, type World } from './world.ts'

interface Made {
  readonly id: number
  readonly token: string
  readonly username: string
}

let world: World
const places = { project: '', group: '', open: '', openGroup: '' }
type Place = keyof typeof places

beforeAll(async () => {
  world = await startWorld()
  places.project = `/projects/${await world.project('app')}/deploy_tokens`
  places.group = `/groups/${world.group}/deploy_tokens`
  const token = world.token('root')
  const open = await world.ask<{ id: number }>('POST', '/groups', {
    token,
    json: { name: 'Open', path: 'open', visibility: 'public' },
  })
  places.openGroup = `/groups/${open.body.id}/deploy_tokens`
  const project = await world.ask<{ id: number }>('POST', '/projects', {
    token,
    json: { path: 'pub', namespace_id: open.body.id, visibility: 'public' },
  })
  places.open = `/projects/${project.body.id}/deploy_tokens`
})
afterAll(() => world.close())

const ask = <Body = Record<string, unknown>>(who: Who, method: string, path: string, json?: unknown) =>
  world.ask<Body>(method, path, { token: world.token(who), ...(json !== undefined && { json }) })

const fresh = { name: 'pull', scopes: ['read_repository'] }

describe('making one', () => {
  const cases: [Who, Place, object, number, object][] = [
    ['maintainer', 'project', fresh, 201, { name: 'pull', revoked: false, expired: false, expires_at: null }],
    ['root', 'project', fresh, 201, { scopes: ['read_repository'] }],
    ['developer', 'project', fresh, 403, { message: '403 Forbidden' }],
    ['stranger', 'project', fresh, 404, { message: '404 Project Not Found' }],
    ['anonymous', 'project', fresh, 404, { message: '404 Project Not Found' }],
    ['anonymous', 'open', fresh, 403, { message: '403 Forbidden' }],
    ['owner', 'group', fresh, 201, { name: 'pull' }],
    ['maintainer', 'group', fresh, 403, { message: '403 Forbidden' }],
    ['anonymous', 'openGroup', fresh, 403, { message: '403 Forbidden' }],
    ['maintainer', 'project', {}, 400, { error: 'name is missing, scopes is missing' }],
    ['maintainer', 'project', { name: 'x', scopes: ['write_repository'] }, 400, { error: 'scopes does not have a valid value' }],
    ['maintainer', 'project', { name: 'x', scopes: [] }, 400, { message: "Scopes can't be blank" }],
    [
      'maintainer',
      'project',
      { name: 'x', scopes: 'read_repository,read_registry' },
      201,
      { scopes: ['read_repository', 'read_registry'] },
    ],
    ['maintainer', 'project', { ...fresh, expires_at: 'soon' }, 400, { error: 'expires_at is invalid' }],
    [
      'maintainer',
      'project',
      { ...fresh, expires_at: '2026-03-10T12:00:01Z' },
      201,
      { expires_at: '2026-03-10T12:00:01.000Z', expired: false },
    ],
    [
      'maintainer',
      'project',
      { ...fresh, expires_at: '2026-03-10' },
      201,
      { expires_at: '2026-03-10T00:00:00.000Z', expired: true },
    ],
    ['maintainer', 'project', { ...fresh, username: 'puller.1+x' }, 201, { username: 'puller.1+x' }],
    [
      'maintainer',
      'project',
      { ...fresh, username: 'no blank' },
      400,
      { message: "Username can contain only letters, digits, '_', '-', '+', and '.'" },
    ],
  ]
  test.each(cases)('%s in %s: %j', async (who, place, json, status, body) => {
    expect(await ask(who, 'POST', places[place], json)).toMatchObject({ status, body })
  })

  test('the secret is shown once; the standard username has the number', async () => {
    const made = await ask<Made>('maintainer', 'POST', places.project, fresh)
    expect(made.body.token).toMatch(/^gldt-[A-Za-z0-9_-]{20}$/)
    expect(made.body.username).toBe(`gitlab+deploy-token-${made.body.id}`)
    const again = await ask('maintainer', 'GET', `${places.project}/${made.body.id}`)
    expect(Object.keys(again.body)).toEqual(['id', 'name', 'username', 'expires_at', 'scopes', 'revoked', 'expired'])
    const rows = await world.store.read.selectFrom('deploy_tokens').selectAll().execute()
    expect(JSON.stringify(rows)).not.toContain(made.body.token)
  })

  test('it is no credential of the API', async () => {
    const { body } = await ask<Made>('maintainer', 'POST', places.project, fresh)
    for (const headers of [{ 'PRIVATE-TOKEN': body.token }, { Authorization: `Bearer ${body.token}` }]) {
      expect((await world.ask('GET', places.project, { headers })).status).toBe(401)
    }
  })
})

describe('looking and deleting', () => {
  test('each place shows its own', async () => {
    const inProject = await ask<Made>('owner', 'POST', places.project, { ...fresh, name: 'in project' })
    const inGroup = await ask<Made>('owner', 'POST', places.group, { ...fresh, name: 'in group' })
    const names = async (path: string, who: Who = 'maintainer') =>
      (await ask<{ name: string }[]>(who, 'GET', `${path}?per_page=100`)).body.map(({ name }) => name)
    expect(await names(places.project)).toContain('in project')
    expect(await names(places.project)).not.toContain('in group')
    expect(await names(places.group)).toContain('in group')
    expect(await names('/deploy_tokens', 'root')).toEqual(expect.arrayContaining(['in project', 'in group']))
    expect((await ask('maintainer', 'GET', `${places.project}/${inGroup.body.id}`)).body).toEqual({ message: '404 Not found' })
    expect((await ask('maintainer', 'DELETE', `${places.group}/${inGroup.body.id}`)).status).toBe(403)
    expect((await ask('developer', 'DELETE', `${places.project}/${inProject.body.id}`)).status).toBe(403)
    expect((await ask('owner', 'DELETE', `${places.group}/${inGroup.body.id}`)).status).toBe(204)
    expect((await ask('maintainer', 'DELETE', `${places.project}/${inProject.body.id}`)).status).toBe(204)
    expect((await ask('maintainer', 'GET', `${places.project}/${inProject.body.id}`)).status).toBe(404)
    expect((await ask('maintainer', 'DELETE', `${places.project}/${inProject.body.id}`)).status).toBe(404)
  })

  test('only those that work', async () => {
    await ask('owner', 'POST', places.project, { ...fresh, name: 'ended', expires_at: '2026-03-01' })
    const names = async (query: string) =>
      (await ask<{ name: string }[]>('owner', 'GET', `${places.project}?per_page=100&${query}`)).body.map(({ name }) => name)
    expect(await names('')).toContain('ended')
    expect(await names('active=true')).not.toContain('ended')
  })

  const lists: [Who, string, number][] = [
    ['anonymous', '/deploy_tokens', 401],
    ['owner', '/deploy_tokens', 403],
    ['root', '/deploy_tokens', 200],
  ]
  test.each(lists)('%s lists all of the instance', async (who, path, status) => {
    expect((await ask(who, 'GET', path)).status).toBe(status)
  })

  const readers: [Who, Place, number][] = [
    ['anonymous', 'project', 404],
    ['anonymous', 'open', 403],
    ['anonymous', 'openGroup', 403],
    ['stranger', 'open', 403],
    ['developer', 'project', 403],
    ['maintainer', 'group', 200],
    ['developer', 'group', 403],
  ]
  test.each(readers)('%s lists those of %s: %i', async (who, place, status) => {
    expect((await ask(who, 'GET', places[place])).status).toBe(status)
  })
})
