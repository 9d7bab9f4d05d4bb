import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { publicKey } from './access-words.ts'
import { today } from './api-server.ts'
import { startWorld, type Who, type World } from './world.ts'

let world: World
let project: number
beforeAll(async () => {
  world = await startWorld()
  project = await world.project('work')
})
afterAll(() => world.close())

const ask = <Body = unknown>(who: Who, method: string, path: string, json?: unknown) =>
  world.ask<Body>(method, path, { token: world.token(who), ...(json !== undefined && { json }) })

describe('status', () => {
  const silent = { emoji: null, message: null, availability: null, message_html: null, clear_status_at: null }

  test('is set, shown to anyone, and gone in time', async () => {
    expect((await ask('guest', 'GET', '/user/status')).body).toEqual(silent)
    const json = { message: 'a <b> & c', availability: 'busy', clear_status_after: '8_hours' }
    const set = await ask('guest', 'PUT', '/user/status', json)
    const shown = {
      emoji: 'speech_balloon',
      message: 'a <b> & c',
      availability: 'busy',
      message_html: 'a &lt;b&gt; &amp; c',
      clear_status_at: new Date(today + 8 * 3_600_000).toISOString(),
    }
    expect(set).toMatchObject({ status: 200, body: shown })
    expect((await ask('anonymous', 'GET', '/users/guest/status')).body).toEqual(shown)
    expect((await ask('owner', 'GET', `/users/${world.people.guest.id}/status`)).body).toEqual(shown)
    world.moveClock(today + 8 * 3_600_000)
    expect((await ask('owner', 'GET', '/users/guest/status')).body).toEqual(silent)
    world.moveClock(today)
    expect((await ask('guest', 'PUT', '/user/status', {})).body).toEqual(silent)
  })

  test.each([
    [{ message: 'x'.repeat(101) }, { message: { message: ['is too long (maximum is 100 characters)'] } }],
    [{ availability: 'away' }, { error: 'availability does not have a valid value' }],
    [{ clear_status_after: 'soon' }, { error: 'clear_status_after does not have a valid value' }],
    [{ emoji: '<script>' }, { message: { emoji: ['is not a valid emoji name'] } }],
  ])('%j is refused', async (json, body) => {
    expect(await ask('guest', 'PUT', '/user/status', json)).toMatchObject({ status: 400, body })
    expect((await ask('guest', 'GET', '/user/status')).body).toEqual(silent)
  })

  test('of nobody', async () => {
    expect(await ask('guest', 'GET', '/users/nobody/status')).toMatchObject({
      status: 404,
      body: { message: '404 User Not Found' },
    })
    expect((await ask('anonymous', 'PUT', '/user/status', { message: 'x' })).status).toBe(401)
  })
})

describe('memberships of a user', () => {
  test('are told to administrators', async () => {
    const person = await world.person('joiner')
    await world.member(`/projects/${project}`, person.id, 40)
    await world.member(`/groups/${world.group}`, person.id, 20)
    const path = `/users/${person.id}/memberships`
    const both = [
      { source_id: project, source_name: 'work', source_type: 'Project', access_level: 40 },
      { source_id: world.group, source_name: 'Team', source_type: 'Namespace', access_level: 20 },
    ]
    expect((await ask('root', 'GET', path)).body).toEqual(both)
    expect((await ask('root', 'GET', `${path}?type=Project`)).body).toEqual([both[0]])
    expect((await ask('root', 'GET', `${path}?type=Namespace`)).body).toEqual([both[1]])
    expect((await ask('root', 'GET', `${path}?type=x`)).status).toBe(400)
    expect((await ask('owner', 'GET', path)).status).toBe(403)
    expect((await ask('root', 'GET', '/users/99999/memberships')).status).toBe(404)
  })
})

describe('deploy keys of a user’s projects', () => {
  test('are those of projects that both maintain', async () => {
    await ask('root', 'POST', `/projects/${project}/deploy_keys`, { title: 'ci', key: publicKey() })
    const path = `/users/${world.people.maintainer.id}/project_deploy_keys`
    const titles = async (who: Who) => (await ask<{ title: string }[]>(who, 'GET', path)).body.map(({ title }) => title)
    expect(await titles('maintainer')).toEqual(['ci'])
    expect(await titles('owner')).toEqual(['ci'])
    expect(await ask('developer', 'GET', path)).toMatchObject({
      status: 403,
      body: { message: '403 Forbidden - No common authorized project found' },
    })
    expect((await ask('owner', 'GET', '/users/nobody/project_deploy_keys')).status).toBe(404)
  })
})

describe('states', () => {
  test('an active user is banned, and let back in', async () => {
    const person = await world.person('troll')
    const path = `/users/${person.id}`
    expect((await ask('owner', 'POST', `${path}/ban`)).status).toBe(403)
    expect(await ask('root', 'POST', `${path}/unban`)).toMatchObject({
      status: 403,
      body: { message: 'You cannot unban active users.' },
    })
    expect(await ask('root', 'POST', `${path}/ban`)).toMatchObject({ status: 201, body: true })
    expect((await world.ask('GET', '/user', { token: person.token })).status).toBe(403)
    expect(await ask('root', 'POST', `${path}/ban`)).toMatchObject({
      status: 403,
      body: { message: 'You cannot ban banned users.' },
    })
    expect(await ask('root', 'POST', `${path}/unban`)).toMatchObject({ status: 201, body: true })
    expect((await world.ask('GET', '/user', { token: person.token })).status).toBe(200)
  })

  test('who waits is let in or sent away', async () => {
    const waiting = await world.person('waiting', { state: 'blocked_pending_approval' })
    const refused = await world.person('refused', { state: 'blocked_pending_approval' })
    expect(await ask('root', 'POST', `/users/${waiting.id}/approve`)).toMatchObject({ status: 201, body: { message: 'Success' } })
    expect((await world.ask('GET', '/user', { token: waiting.token })).status).toBe(200)
    expect(await ask('root', 'POST', `/users/${waiting.id}/approve`)).toMatchObject({
      status: 409,
      body: { message: 'The user you are trying to approve is not pending approval' },
    })
    expect((await ask('root', 'POST', `/users/${waiting.id}/reject`)).status).toBe(409)
    expect((await ask('root', 'POST', `/users/${refused.id}/reject`)).status).toBe(201)
    expect((await ask('root', 'GET', `/users/${refused.id}`)).status).toBe(404)
    expect((await ask('owner', 'POST', `/users/${waiting.id}/approve`)).status).toBe(403)
  })
})

test('nothing waits for anyone', async () => {
  expect((await ask('guest', 'GET', '/user_counts')).body).toMatchObject({ merge_requests: 0, todos: 0 })
})

describe('of a project', () => {
  test('its people, by all the ways in which they are', async () => {
    const path = `/projects/${project}/users`
    const names = async (query: string) =>
      (await ask<{ username: string }[]>('guest', 'GET', `${path}?${query}`)).body.map(({ username }) => username)
    expect(await names('')).toEqual(expect.arrayContaining(['guest', 'owner', 'root']))
    expect(await names('search=own')).toEqual(['owner'])
    expect(await names(`search=own&skip_users=${world.people.owner.id}`)).toEqual([])
    expect((await ask('stranger', 'GET', path)).status).toBe(404)
    expect((await ask('anonymous', 'GET', path)).status).toBe(404)
  })

  test('its groups', async () => {
    const path = `/projects/${project}/groups`
    expect((await ask('guest', 'GET', path)).body).toEqual([
      {
        id: world.group,
        web_url: 'https://git.example.org/groups/team',
        name: 'Team',
        avatar_url: null,
        full_name: 'Team',
        full_path: 'team',
      },
    ])
    expect((await ask('guest', 'GET', `${path}?search=other`)).body).toEqual([])
    expect((await ask('guest', 'GET', `${path}?skip_groups[]=${world.group}`)).body).toEqual([])
  })
})

describe('whether a namespace exists', () => {
  test.each([
    ['team', '', { exists: true, suggests: ['team1'] }],
    ['TEAM', '', { exists: true, suggests: ['TEAM1'] }],
    ['free', '', { exists: false, suggests: [] }],
    ['work', '?parent_id=GROUP', { exists: true, suggests: ['work1'] }],
    ['free', '?parent_id=GROUP', { exists: false, suggests: [] }],
  ])('%s%s', async (path, query, body) => {
    const asked = `/namespaces/${path}/exists${query.replace('GROUP', String(world.group))}`
    expect(await ask('guest', 'GET', asked)).toMatchObject({ status: 200, body })
    expect((await ask('anonymous', 'GET', asked)).status).toBe(401)
  })
})
