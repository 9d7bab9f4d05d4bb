import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { decide } from '../../../src/access/decide.ts'
import { makeFactSource } from '../../../src/access/gather.ts'
import type { Action } from '../../../src/core/action.ts'
import type { Authenticated } from '../../../src/core/credential.ts'
import type { User } from '../../../src/core/principal.ts'
import { fullAbilities } from '../../../src/core/scope.ts'
import { storedFacts } from '../../../src/store/facts.ts'
import { today } from './api-server.ts'
import { type Person, startWorld, type World } from './world.ts'

/** A membership that ends on a day, by a clock that moves under a running server: over the API, and as git asks. */
const lastDay = '2026-03-12'
const lastMoment = Date.parse('2026-03-11T23:59:59.999Z')
const end = Date.parse('2026-03-12T00:00:00.000Z')

let world: World
let project: number
let person: Person
let count = 0

beforeAll(async () => {
  world = await startWorld()
})
afterAll(() => world.close())

beforeEach(async () => {
  world.moveClock(today)
  count += 1
  project = await world.project(`tool-${count}`)
  person = await world.person(`temp-${count}`)
})

const join = async (place: string, access_level: number, expires_at: string | undefined = lastDay): Promise<void> => {
  const json = { user_id: person.id, access_level, expires_at }
  expect((await world.ask('POST', `${place}/members`, { token: world.people.root.token, json })).status).toBe(201)
}

const statusOf = async (path: string, token = person.token): Promise<number> => (await world.ask('GET', path, { token })).status

const namesIn = async (path: string): Promise<unknown[]> => {
  const { body } = await world.ask<{ id: number }[]>('GET', `${path}?per_page=100`, { token: world.people.root.token })
  return body.map(({ id }) => id)
}

const asUser = (): Authenticated => {
  const usual = { state: 'active', kind: 'human', isAdmin: false, isExternal: false, isConfirmed: true } as const
  const user: User = { id: person.id, username: `temp-${count}`, passwordExpired: false, ...usual }
  return { principal: { kind: 'user', user }, credential: undefined, abilities: fullAbilities }
}

/** What git is told: the reason why not, or what it may. */
const git = async (action: Action): Promise<string> => {
  const onDisk = { exists: async () => true, refs: async () => new Map<string, string>() }
  const source = makeFactSource(storedFacts(world.store, world.parts.clock), onDisk, () => 'https://git.example.org')
  const who = asUser()
  const decision = decide({ who, action, facts: await source.gather(who.principal, `team/tool-${count}`, action) })
  if ('reason' in decision) return decision.reason
  return 'service' in decision ? decision.service : decision.kind
}

const fetching: Action = { kind: 'pull', service: 'upload-pack' }
const pushing: Action = { kind: 'push', updates: 'unknown' }

const asked = async () => ({
  project: await statusOf(`/projects/${project}`),
  branches: await statusOf(`/projects/${project}/repository/branches`),
  fetch: await git(fetching),
  push: await git(pushing),
})

const inForce = { project: 200, branches: 200, fetch: 'upload-pack', push: 'advertise-push' }
const over = { project: 404, branches: 404, fetch: 'project_invisible', push: 'project_invisible' }

describe.each([
  ['a project', () => `/projects/${project}`],
  ['the group above', () => `/groups/${world.group}`],
] as const)('in %s', (_title, place) => {
  test('it holds to the last moment before its day, and not on it', async () => {
    await join(place(), 30)
    expect(await asked()).toEqual(inForce)
    world.moveClock(lastMoment)
    expect(await asked()).toEqual(inForce)
    world.moveClock(end)
    expect(await asked()).toEqual(over)
    expect(await statusOf('/user')).toBe(200)
  })

  test('the lists of members end with it', async () => {
    await join(place(), 30)
    const lists = [`${place()}/members`, `${place()}/members/all`, `/projects/${project}/members/all`]
    const one = `${place()}/members/${person.id}`
    world.moveClock(lastMoment)
    for (const list of lists) expect(await namesIn(list)).toContain(person.id)
    expect(await statusOf(one, world.people.root.token)).toBe(200)
    world.moveClock(end)
    for (const list of lists) expect(await namesIn(list)).not.toContain(person.id)
    expect(await statusOf(one, world.people.root.token)).toBe(404)
  })

  test('it is not prolonged once it is over, but made anew', async () => {
    await join(place(), 30)
    world.moveClock(lastMoment)
    const change = { token: world.people.root.token, json: { access_level: 30, expires_at: '2026-03-13' } }
    expect((await world.ask('PUT', `${place()}/members/${person.id}`, change)).status).toBe(200)
    world.moveClock(end)
    expect(await asked()).toEqual(inForce)
    world.moveClock(Date.parse('2026-03-13T00:00:00.000Z'))
    expect(await asked()).toEqual(over)
    expect((await world.ask('PUT', `${place()}/members/${person.id}`, change)).status).toBe(404)
    await join(place(), 30, '2026-03-20')
    expect(await asked()).toEqual(inForce)
  })
})

test('what one is by another membership stays', async () => {
  await join(`/groups/${world.group}`, 20, '2026-12-31')
  await join(`/projects/${project}`, 40)
  expect(await asked()).toEqual(inForce)
  world.moveClock(end)
  expect(await asked()).toEqual({ ...inForce, push: 'push_denied' })
})

test('who may hand out roles may not once it is over', async () => {
  await join(`/projects/${project}`, 40)
  const guest = { token: person.token, json: { user_id: world.people.stranger.id, access_level: 10 } }
  world.moveClock(end)
  expect((await world.ask('POST', `/projects/${project}/members`, guest)).status).toBe(404)
  world.moveClock(lastMoment)
  expect((await world.ask('POST', `/projects/${project}/members`, guest)).status).toBe(201)
})
