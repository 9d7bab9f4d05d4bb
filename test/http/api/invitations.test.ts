import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { today } from './api-server.ts'
import { startWorld, type Who, type World } from './world.ts'

let world: World
let project: number
beforeAll(async () => {
  world = await startWorld()
  project = await world.project('place')
})
afterAll(() => world.close())

const ask = <Body = unknown>(who: Who, method: string, path: string, json?: unknown) =>
  world.ask<Body>(method, path, { token: world.token(who), ...(json !== undefined && { json }) })

const inGroup = () => `/groups/${world.group}/invitations`
const inProject = () => `/projects/${project}/invitations`

const newUser = async (email: string, username: string) => {
  const json = { email, username, name: username, force_random_password: true }
  const { body } = await ask<{ id: number }>('root', 'POST', '/users', json)
  return body.id
}

describe('who may', () => {
  const rows: readonly (readonly [Who, number, number])[] = [
    ['anonymous', 401, 401],
    ['stranger', 404, 404],
    ['guest', 403, 403],
    ['developer', 403, 403],
    ['maintainer', 201, 403],
    ['owner', 201, 201],
    ['root', 201, 201],
  ]
  test.each(rows)('%s invites: project %i, group %i', async (who, inProjectStatus, inGroupStatus) => {
    const json = { email: `${who}-invited@example.net`, access_level: 30 }
    expect((await ask(who, 'POST', inProject(), json)).status).toBe(inProjectStatus)
    expect((await ask(who, 'POST', inGroup(), json)).status).toBe(inGroupStatus)
    const allowed = (status: number): number => (status === 201 ? 200 : status)
    expect((await ask(who, 'GET', inProject())).status).toBe(allowed(inProjectStatus))
    expect((await ask(who, 'GET', inGroup())).status).toBe(allowed(inGroupStatus))
  })

  test('not above the own role', async () => {
    const json = { email: 'boss@example.net', access_level: 50 }
    expect((await ask('maintainer', 'POST', inProject(), json)).status).toBe(403)
    await ask('owner', 'POST', inProject(), json)
    expect((await ask('maintainer', 'PUT', `${inProject()}/boss@example.net`, { access_level: 10 })).status).toBe(403)
    expect((await ask('maintainer', 'DELETE', `${inProject()}/boss@example.net`)).status).toBe(403)
  })
})

describe('an invitation', () => {
  test('lives from making to taking back', async () => {
    const email = 'one@example.net'
    const path = `${inGroup()}/${encodeURIComponent(email)}`
    expect(await ask('owner', 'POST', inGroup(), { email, access_level: 20 })).toMatchObject({
      status: 201,
      body: { status: 'success' },
    })
    expect(await ask('owner', 'POST', inGroup(), { email: 'ONE@example.net', access_level: 20 })).toMatchObject({
      status: 201,
      body: { status: 'error', message: { 'ONE@example.net': 'Invite email has already been taken' } },
    })
    const [shown] = (await ask<unknown[]>('owner', 'GET', `${inGroup()}?query=${email}`)).body
    expect(shown).toEqual({
      id: expect.any(Number),
      access_level: 20,
      created_at: new Date(today).toISOString(),
      expires_at: null,
      invite_email: email,
      user_name: null,
      created_by_name: 'Name of owner',
    })
    expect(await ask('owner', 'PUT', path, { access_level: 30, expires_at: '2026-05-01' })).toMatchObject({
      status: 200,
      body: { access_level: 30, expires_at: '2026-05-01' },
    })
    expect((await ask('owner', 'PUT', path, {})).status).toBe(400)
    expect(await ask('owner', 'PUT', path, { expires_at: '2020-01-01' })).toMatchObject({
      status: 400,
      body: { message: { expires_at: ['cannot be a date in the past'] } },
    })
    expect((await ask('owner', 'DELETE', path)).status).toBe(204)
    expect((await ask('owner', 'DELETE', path)).status).toBe(404)
  })

  test('is no member until its user is made', async () => {
    const email = 'Soon@example.net'
    await ask('owner', 'POST', inGroup(), { email, access_level: 30, expires_at: '2026-06-01' })
    await ask('owner', 'POST', inProject(), { email, access_level: 40 })
    const before = await ask<{ username: string }[]>('owner', 'GET', `/groups/${world.group}/members`)
    expect(before.body.map(({ username }) => username)).not.toContain('soon')
    const id = await newUser('soon@example.net', 'soon')
    expect(await ask('owner', 'GET', `/groups/${world.group}/members/${id}`)).toMatchObject({
      body: { access_level: 30, expires_at: '2026-06-01', created_by: { username: 'owner' } },
    })
    expect(await ask('owner', 'GET', `/projects/${project}/members/${id}`)).toMatchObject({ body: { access_level: 40 } })
    expect((await ask('owner', 'GET', `${inGroup()}?query=${email}`)).body).toEqual([])
  })

  test('that is over admits nobody', async () => {
    const email = 'late@example.net'
    await ask('owner', 'POST', inGroup(), { email, access_level: 30, expires_at: '2026-03-12' })
    world.moveClock(Date.parse('2026-03-12T00:00:00Z'))
    expect((await ask('owner', 'GET', `${inGroup()}?query=${email}`)).body).toEqual([])
    const id = await newUser(email, 'late')
    expect((await ask('owner', 'GET', `/groups/${world.group}/members/${id}`)).status).toBe(404)
    world.moveClock(today)
  })

  test('is claimed by one who gets the address later', async () => {
    const email = 'moved@example.net'
    await ask('owner', 'POST', inGroup(), { email, access_level: 10 })
    const id = await newUser('first@example.net', 'mover')
    await ask('root', 'PUT', `/users/${id}`, { email })
    expect((await ask('owner', 'GET', `/groups/${world.group}/members/${id}`)).status).toBe(200)
  })

  test('that is claimed is in the audit, and nothing else that one has', async () => {
    const email = 'claimed@example.net'
    const id = await newUser('unclaimed@example.net', 'claimer')
    await ask('root', 'POST', `/projects/${project}/members`, { user_id: id, access_level: 20 })
    const events = async (place: string) => {
      const { body } = await ask<{ event_name: string; author_id: number; details: Record<string, unknown> }[]>(
        'root',
        'GET',
        `${place}/audit_events?per_page=100`,
      )
      const about = body.filter(({ details }) => details['target_id'] === id && details['target_type'] === 'User')
      return about.map(({ event_name, author_id, details }) => [event_name, author_id, details['to']])
    }
    const [group, own] = [`/groups/${world.group}`, `/projects/${project}`]
    const before = await events(own)
    await ask('owner', 'POST', inGroup(), { email, access_level: 30 })
    await ask('owner', 'POST', inProject(), { email, access_level: 40 })
    await ask('root', 'PUT', `/users/${id}`, { name: 'Without another address' })
    expect(await events(group)).toEqual([])
    await ask('root', 'PUT', `/users/${id}`, { email })
    expect(await events(group)).toEqual([['member_created', world.people.root.id, 'Developer']])
    expect(await events(own)).toEqual(before)
    expect(await ask('root', 'GET', `${own}/members/${id}`)).toMatchObject({ body: { access_level: 20 } })
  })

  test('makes a member at once of one who has an account', async () => {
    const person = await world.person('known')
    expect(await ask('owner', 'POST', inGroup(), { email: 'known@example.org', access_level: 30 })).toMatchObject({
      body: { status: 'success' },
    })
    expect((await ask('owner', 'GET', `/groups/${world.group}/members/${person.id}`)).status).toBe(200)
    const again = await ask('owner', 'POST', inGroup(), { user_id: person.id, access_level: 30 })
    expect(again).toMatchObject({ status: 201, body: { status: 'error', message: { [person.id]: 'Member already exists' } } })
  })

  test('several at once: what went wrong is told by name', async () => {
    const json = { email: 'a@example.net,not an address', user_id: '999999,x', access_level: 30 }
    expect(await ask('owner', 'POST', inGroup(), json)).toMatchObject({
      status: 201,
      body: {
        status: 'error',
        message: { 'not an address': 'Invite email is invalid', '999999': '404 User Not Found', x: 'User ID is invalid' },
      },
    })
    expect((await ask<unknown[]>('owner', 'GET', `${inGroup()}?query=a@example.net`)).body).toHaveLength(1)
  })
})

describe('bad input', () => {
  test.each([
    [{ access_level: 30 }, { error: 'email, user_id are missing, at least one parameter must be provided' }],
    [{ email: 'x@example.net' }, { error: 'access_level is missing' }],
    [{ email: 'x@example.net', access_level: 31 }, { error: 'access_level does not have a valid value' }],
    [{ email: 'x@example.net', access_level: 30, expires_at: 'soon' }, { error: 'expires_at is invalid' }],
    [
      { email: 'x@example.net', access_level: 30, expires_at: '2020-01-01' },
      { message: { expires_at: ['cannot be a date in the past'] } },
    ],
    [{ email: { x: 1 }, access_level: 30 }, { error: 'email is invalid' }],
  ])('%j', async (json, body) => {
    expect(await ask('owner', 'POST', inGroup(), json)).toMatchObject({ status: 400, body })
    expect((await ask('owner', 'GET', `${inGroup()}?query=x@example.net`)).body).toEqual([])
  })
})
