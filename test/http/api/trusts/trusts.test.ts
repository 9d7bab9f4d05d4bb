import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ProjectId } from '../../../../src/core/ids.ts'
import { startTrustWorld, type TrustBody, type TrustWorld, terms } from './trust-world.ts'

let world: TrustWorld
beforeAll(async () => {
  world = await startTrustWorld()
})
afterAll(() => world?.close())

const path = () => `/projects/${world.shipId}/sallyport/trusts`
const post = (json: Record<string, unknown>, where = path()) =>
  world.ask<{ message: unknown }>('POST', where, { token: world.token('maintainer'), json: { ...terms, ...json } })

test('a trust is made, told, listed, changed and deleted, and the audit is told', async () => {
  const made = await world.trust()
  expect(made).toMatchObject({
    ...terms,
    claims: { repository: ['octo/ship'], ref: terms.claims.ref },
    enabled: true,
    in_force: true,
    jwks_uri: null,
    life: 600,
    single_use: true,
    sponsor: { username: 'maintainer' },
  })
  const token = world.token('owner')
  expect((await world.ask<TrustBody[]>('GET', path(), { token })).body.map(({ id }) => id)).toContain(made.id)
  const changed = await world.ask<TrustBody>('PUT', `${path()}/${made.id}`, {
    token,
    json: { life: 60, jwks_uri: 'https://k.example/j' },
  })
  expect(changed.body).toMatchObject({ life: 60, jwks_uri: 'https://k.example/j', name: 'ship', sponsor: { username: 'owner' } })
  const back = await world.ask<TrustBody>('PUT', `${path()}/${made.id}`, { token, json: { jwks_uri: '' } })
  expect(back.body).toMatchObject({ life: 60, jwks_uri: null })
  expect((await world.ask('DELETE', `${path()}/${made.id}`, { token })).status).toBe(204)
  expect((await world.ask('GET', `${path()}/${made.id}`, { token })).status).toBe(404)
  const events = await world.store.activity.selectFrom('audit_events').selectAll().where('name', 'like', 'trust_%').execute()
  expect(new Set(events.map(({ name }) => name))).toEqual(new Set(['trust_created', 'trust_updated', 'trust_deleted']))
})

const refused: readonly [string, Record<string, unknown>, unknown][] = [
  ['an issuer without TLS', { issuer: 'http://ci.example.com' }, { issuer: ['must be an https address'] }],
  ['an issuer that is none', { issuer: 'ci.example.com' }, { issuer: ['must be an https address'] }],
  [
    'a password in an address',
    { issuer: 'https://u:p@ci.example.com' },
    { issuer: ['must be an address without password and fragment'] },
  ],
  ['keys in a file', { jwks_uri: 'file:///etc/passwd' }, { jwks_uri: ['must be an https address'] }],
  ['no claims', { claims: {} }, { claims: ['must name at least one value: `*` alone fits everybody whom the issuer knows'] }],
  [
    'claims that fit all',
    { claims: { sub: '*', ref: ['**', 'main'] } },
    { claims: ['must name at least one value: `*` alone fits everybody whom the issuer knows'] },
  ],
  ['a claim without patterns', { claims: { sub: [] } }, { claims: ['must have from 1 to 50 patterns of 1 to 500 characters'] }],
  ['an empty pattern', { claims: { sub: '' } }, { claims: ['must have from 1 to 50 patterns of 1 to 500 characters'] }],
  ['a pattern for the issuer', { claims: { iss: 'x' } }, { claims: ['name one that is not matched by patterns'] }],
  ['no scopes', { scopes: [] }, { scopes: ["can't be blank"], refs: ['are for scope write_repository'] }],
  [
    'a Reporter who writes',
    { access_level: 20 },
    { access_level: ['must be 30 (Developer) or 40 (Maintainer) for a scope that writes'] },
  ],
  ['pushing nothing', { refs: [] }, { refs: ["can't be blank with scope write_repository"] }],
  ['refs for a reader', { scopes: ['read_repository'] }, { refs: ['are for scope write_repository'] }],
  [
    'a short name of a branch',
    { refs: ['main'] },
    { refs: ['must be full names such as refs/heads/main, with * for any characters'] },
  ],
  ['a short life', { life: 59 }, { life: ['must be from 60 to 3600 seconds'] }],
  ['a long life', { life: 3_601 }, { life: ['must be from 60 to 3600 seconds'] }],
]

test.each(refused)('%s is refused', async (_what, fields, message) => {
  const reply = await post(fields)
  expect([reply.status, reply.body.message]).toEqual([400, message])
})

test.each([
  ['Owner', { access_level: 50 }, 'access_level does not have a valid value'],
  ['a scope of the API', { scopes: ['api'] }, 'scopes does not have a valid value'],
  ['a scope of the registry, which is off', { scopes: ['read_registry'], refs: [] }, 'scopes does not have a valid value'],
  ['claims in words', { claims: 'sub' }, 'claims is invalid'],
])('%s is no value', async (_what, fields, error) => {
  const reply = await post(fields)
  expect([reply.status, reply.body]).toEqual([400, { error }])
})

test('only so many stand at one place', async () => {
  const place = await world.project('crowded')
  const where = `/projects/${place}/sallyport/trusts`
  const { body } = await post({}, where)
  const { id, ...row } = await world.store.read
    .selectFrom('trusts')
    .selectAll()
    .where('project_id', '=', place as ProjectId)
    .executeTakeFirstOrThrow()
  expect(body).toMatchObject({ id })
  await world.store.write
    .insertInto('trusts')
    .values(Array.from({ length: 99 }, () => row))
    .execute()
  expect(await post({}, where)).toMatchObject({
    status: 400,
    body: { message: '400 Bad request - No more than 100 trusts can stand at one project' },
  })
})

describe('whoever saved a trust answers for it', () => {
  test('it holds no longer than the rights of its sponsor, and again once another has saved it', async () => {
    const one = await world.person('captain')
    await world.member(`/projects/${world.shipId}`, one.id, 40)
    const made = await world.ask<TrustBody>('POST', path(), { token: one.token, json: terms })
    expect(made.body.in_force).toBe(true)
    const member = `/projects/${world.shipId}/members/${one.id}`
    await world.ask('PUT', member, { token: world.token('root'), json: { access_level: 30 } })
    expect((await world.told(made.body.id)).in_force).toBe(false)
    await world.ask('PUT', `${path()}/${made.body.id}`, { token: world.token('maintainer'), json: {} })
    expect((await world.told(made.body.id)).in_force).toBe(true)
  })

  test.each([
    ['blocked', 'block'],
    ['deactivated', 'deactivate'],
    ['banned', 'ban'],
  ])('not while the sponsor is %s', async (_what, how) => {
    const one = await world.person(`mate-${how}`)
    await world.member(`/projects/${world.shipId}`, one.id, 40)
    const made = await world.ask<TrustBody>('POST', path(), { token: one.token, json: terms })
    const ended = await world.ask('POST', `/users/${one.id}/${how}`, { token: world.token('root') })
    expect(ended.status).toBe(201)
    expect((await world.told(made.body.id)).in_force).toBe(false)
  })
})
