import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { publicKey as sshKey } from './access-words.ts'
import { today } from './api-server.ts'
import { startWorld, type World } from './world.ts'

let world: World
beforeAll(async () => {
  world = await startWorld()
})
afterAll(() => world.close())

const asRoot = <Body = { id: number; name: string }>(method: string, path: string, json?: unknown, headers = {}) =>
  world.ask<Body>(method, path, { token: world.token('root'), headers, ...(json !== undefined && { json }) })

const hour = 3_600_000
const before = new Date(today - hour).toUTCString()
const after = new Date(today + hour).toUTCString()

/** Makes a thing and answers with its address. */
const things: Readonly<Record<string, () => Promise<string>>> = {
  project: async () => `/projects/${await world.project(`gone${Math.random().toString(36).slice(2)}`)}`,
  group: async () => {
    const path = `gone${Math.random().toString(36).slice(2)}`
    return `/groups/${(await asRoot('POST', '/groups', { name: path, path })).body.id}`
  },
  user: async () => `/users/${(await world.person(`u${Math.random().toString(36).slice(2)}`)).id}`,
  member: async () => {
    const { id } = await world.person(`m${Math.random().toString(36).slice(2)}`)
    await world.member(`/groups/${world.group}`, id, 30)
    return `/groups/${world.group}/members/${id}`
  },
  'protected branch': async () => {
    const project = await world.project(`b${Math.random().toString(36).slice(2)}`)
    await asRoot('POST', `/projects/${project}/protected_branches`, { name: 'main' })
    return `/projects/${project}/protected_branches/main`
  },
  'protected tag': async () => {
    const project = await world.project(`t${Math.random().toString(36).slice(2)}`)
    await asRoot('POST', `/projects/${project}/protected_tags`, { name: 'v*' })
    return `/projects/${project}/protected_tags/v*`
  },
  key: async () => {
    const { body } = await asRoot('POST', '/user/keys', { title: 'k', key: sshKey() })
    return `/user/keys/${body.id}`
  },
  'deploy key': async () => {
    const project = await world.project(`k${Math.random().toString(36).slice(2)}`)
    const { body } = await asRoot('POST', `/projects/${project}/deploy_keys`, { title: 'k', key: sshKey() })
    return `/projects/${project}/deploy_keys/${body.id}`
  },
  'impersonation token': async () => {
    const user = `/users/${world.people.guest.id}/impersonation_tokens`
    return `${user}/${(await asRoot('POST', user, { name: 'x', scopes: ['api'] })).body.id}`
  },
  trigger: async () => {
    const project = await world.project(`r${Math.random().toString(36).slice(2)}`)
    const { body } = await asRoot('POST', `/projects/${project}/triggers`, { description: 'd' })
    return `/projects/${project}/triggers/${body.id}`
  },
}

describe('If-Unmodified-Since', () => {
  test.each(Object.keys(things))('of a %s', async (name) => {
    const path = await things[name]?.()
    const stale = await asRoot('DELETE', path ?? '', undefined, { 'If-Unmodified-Since': before })
    expect(stale).toMatchObject({ status: 412, body: { message: '412 Precondition Failed' } })
    const fresh = await asRoot('DELETE', path ?? '', undefined, { 'If-Unmodified-Since': after })
    expect([202, 204]).toContain(fresh.status)
    const rest = name === 'impersonation token' ? 204 : 404
    expect((await asRoot('DELETE', path ?? '')).status).toBe(rest)
  })

  test('that is no time counts as none', async () => {
    const path = await things['member']?.()
    expect((await asRoot('DELETE', path ?? '', undefined, { 'If-Unmodified-Since': 'soon' })).status).toBe(204)
  })

  test('looks at the last change', async () => {
    const path = (await things['member']?.()) ?? ''
    world.moveClock(today + 2 * hour)
    await asRoot('PUT', path, { access_level: 40 })
    const headers = { 'If-Unmodified-Since': after }
    expect((await asRoot('DELETE', path, undefined, headers)).status).toBe(412)
    const rule = (await things['protected branch']?.()) ?? ''
    world.moveClock(today + 4 * hour)
    await asRoot('PATCH', rule, { allowed_to_push: [{ access_level: 30 }] })
    const later = { 'If-Unmodified-Since': new Date(today + 3 * hour).toUTCString() }
    expect((await asRoot('DELETE', rule, undefined, later)).status).toBe(412)
    world.moveClock(today)
  })

  test('is told nobody who may not delete', async () => {
    const path = (await things['project']?.()) ?? ''
    const reply = await world.ask('DELETE', path, { token: world.token('guest'), headers: { 'If-Unmodified-Since': before } })
    expect(reply.status).toBe(403)
  })
})
