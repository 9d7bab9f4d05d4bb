import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { UserId } from '../../../src/core/ids.ts'
import { startWorld, type Who, type World } from './world.ts'

interface Account {
  readonly id: UserId
  readonly username: string
  readonly name: string
  readonly email: string
}

interface Token {
  readonly id: number
  readonly token: string
  readonly expires_at: string | null
}

let world: World
let path: string
let subgroup: string
let otherGroup: string

const ask = <Body = Record<string, unknown>>(who: Who, method: string, at: string, json?: unknown) =>
  world.ask<Body>(method, at, { token: world.token(who), ...(json !== undefined && { json }) })

beforeAll(async () => {
  world = await startWorld()
  path = `/groups/${world.group}/service_accounts`
  const below = { name: 'Below', path: 'below', parent_id: world.group, visibility: 'private' }
  subgroup = `/groups/${(await ask<{ id: number }>('root', 'POST', '/groups', below)).body.id}`
  const other = { name: 'Other', path: 'other', visibility: 'private' }
  otherGroup = `/groups/${(await ask<{ id: number }>('root', 'POST', '/groups', other)).body.id}`
})
afterAll(() => world.close())

const make = async (fields: object = {}, at = path): Promise<Account> => {
  const { status, body } = await ask<Account>('root', 'POST', at, fields)
  expect(status).toBe(201)
  return body
}

const keys = ['id', 'username', 'public_email', 'name', 'email']

describe('accounts of the instance', () => {
  test('get names of their own, no password, and no rights beyond a guest', async () => {
    const made = await ask<Account>('root', 'POST', '/service_accounts')
    expect(made.status).toBe(201)
    expect(Object.keys(made.body)).toEqual(keys)
    expect(made.body).toMatchObject({
      username: expect.stringMatching(/^service_account_[0-9a-f]{32}$/),
      name: 'Service account user',
      email: expect.stringMatching(/^service_account_[0-9a-f]{32}@noreply\.git\.example\.org$/),
      public_email: null,
    })
    expect(await ask('root', 'GET', `/users/${made.body.id}`)).toMatchObject({
      body: { bot: true, external: true, is_admin: false, can_create_group: false, can_create_project: false },
    })
    const row = await sql`select kind, password_hash, bot_group_id from users where id = ${made.body.id}`.execute(
      world.store.read,
    )
    expect(row.rows).toEqual([{ kind: 'service_account', password_hash: null, bot_group_id: null }])
  })

  test('take the names that are given', async () => {
    const fields = { name: 'Deployer', username: 'deployer', email: 'deployer@example.org' }
    expect(await ask('root', 'POST', '/service_accounts', fields)).toMatchObject({ status: 201, body: fields })
    expect(await ask('root', 'POST', '/service_accounts', fields)).toMatchObject({
      status: 400,
      body: { message: '400 Bad request - Email has already been taken and Username has already been taken' },
    })
  })

  const refused: [string, object, string][] = [
    ['a username that is none', { username: 'a b' }, 'Username can contain only letters'],
    ['an address that is none', { email: 'nobody' }, 'Email is invalid'],
    ["a group's path", { username: 'team' }, 'Username has already been taken'],
    ["a person's name", { username: 'Owner' }, 'Username has already been taken'],
    ['a name without end', { name: 'x'.repeat(256) }, 'Name is too long (maximum is 255 characters)'],
  ]
  test.each(refused)('refuse %s', async (_name, fields, text) => {
    const answer = await ask<{ message: string }>('root', 'POST', '/service_accounts', fields)
    expect(answer.status).toBe(400)
    expect(answer.body.message).toContain(`400 Bad request - ${text}`)
  })

  test('are listed, newest first unless asked', async () => {
    await make({ username: 'aa-first' }, '/service_accounts')
    await make({ username: 'zz-last' }, '/service_accounts')
    const byId = await ask<Account[]>('root', 'GET', '/service_accounts?per_page=2')
    expect(byId.body.map(({ username }) => username)).toEqual(['zz-last', 'aa-first'])
    expect(byId.headers.get('x-total')).not.toBeNull()
    const byName = await ask<Account[]>('root', 'GET', '/service_accounts?order_by=username&sort=asc&per_page=1')
    expect(byName.body.map(({ username }) => username)).toEqual(['aa-first'])
    expect((await ask('root', 'GET', '/service_accounts?order_by=name')).status).toBe(400)
  })

  test('are renamed, and only they', async () => {
    const { id } = await make({}, '/service_accounts')
    expect(await ask('root', 'PATCH', `/service_accounts/${id}`, { name: 'New', username: 'renamed' })).toMatchObject({
      status: 200,
      body: { id, name: 'New', username: 'renamed' },
    })
    expect(await ask('root', 'PATCH', `/service_accounts/${id}`, { username: 'owner' })).toMatchObject({
      status: 400,
      body: { message: '400 Bad request - Username has already been taken' },
    })
    expect(await ask('root', 'PATCH', `/service_accounts/${world.people.guest.id}`, { name: 'New' })).toMatchObject({
      status: 400,
      body: { message: '400 Bad request - User is not a service account' },
    })
    expect((await ask('root', 'PATCH', '/service_accounts/99999', {})).status).toBe(404)
    expect((await ask('root', 'PATCH', '/service_accounts/x', {})).status).toBe(400)
  })

  test('go with their tokens', async () => {
    const { id } = await make({}, '/service_accounts')
    const { body } = await ask<Token>('root', 'POST', `/users/${id}/personal_access_tokens`, { name: 't', scopes: ['api'] })
    expect(await world.ask('GET', '/user', { token: body.token })).toMatchObject({ status: 200, body: { id } })
    expect((await ask('root', 'DELETE', `/service_accounts/${world.people.guest.id}`)).status).toBe(400)
    expect((await ask('root', 'DELETE', `/service_accounts/${id}`)).status).toBe(204)
    expect((await world.ask('GET', '/user', { token: body.token })).status).toBe(401)
  })

  test('are for administrators', async () => {
    const { id } = await make({}, '/service_accounts')
    const calls = [
      ['GET', '/service_accounts'],
      ['POST', '/service_accounts'],
      ['PATCH', `/service_accounts/${id}`],
      ['DELETE', `/service_accounts/${id}`],
    ] as const
    for (const [method, at] of calls) {
      expect((await ask('owner', method, at)).status).toBe(403)
      expect((await ask('anonymous', method, at)).status).toBe(401)
    }
  })
})

describe('accounts of a group', () => {
  test('are made by its Owners, in a group on top', async () => {
    expect(await ask<Account>('owner', 'POST', path)).toMatchObject({
      status: 201,
      body: { username: expect.stringMatching(new RegExp(`^service_account_group_${world.group}_[0-9a-f]{32}$`)) },
    })
    expect(await ask('owner', 'POST', `${subgroup}/service_accounts`)).toMatchObject({
      status: 400,
      body: { message: '400 Bad request - User does not have permission to create a service account in this namespace.' },
    })
    expect((await ask('owner', 'POST', '/groups/99999/service_accounts')).status).toBe(404)
  })

  const whos: [Who, number][] = [
    ['maintainer', 403],
    ['guest', 403],
    ['stranger', 404],
    ['anonymous', 401],
  ]
  test.each(whos)('are not for %s: %i', async (who, status) => {
    const { id } = await make()
    const calls = [
      ['GET', path],
      ['POST', path],
      ['PATCH', `${path}/${id}`],
      ['DELETE', `${path}/${id}`],
      ['GET', `${path}/${id}/personal_access_tokens`],
      ['POST', `${path}/${id}/personal_access_tokens`],
      ['DELETE', `${path}/${id}/personal_access_tokens/1`],
      ['POST', `${path}/${id}/personal_access_tokens/1/rotate`],
    ] as const
    for (const [method, at] of calls) expect([method, at, (await ask(who, method, at)).status]).toEqual([method, at, status])
  })

  test("are listed without other groups' and the instance's", async () => {
    const mine = await make()
    await make({}, `${otherGroup}/service_accounts`)
    await make({}, '/service_accounts')
    const { body } = await ask<Account[]>('owner', 'GET', path)
    expect(body[0]?.id).toBe(mine.id)
    expect(body.every(({ username }) => username.startsWith(`service_account_group_${world.group}_`))).toBe(true)
    expect((await ask<Account[]>('owner', 'GET', `${subgroup}/service_accounts`)).body).toEqual([])
  })

  test('are changed and removed', async () => {
    const { id } = await make()
    expect(await ask('owner', 'PATCH', `${path}/${id}`, { name: 'Robot', email: 'robot@example.org' })).toMatchObject({
      status: 200,
      body: { id, name: 'Robot', email: 'robot@example.org' },
    })
    expect((await ask('owner', 'DELETE', `${path}/${id}`)).status).toBe(204)
    expect((await ask('owner', 'DELETE', `${path}/${id}`)).status).toBe(404)
  })

  test('of another group, of the instance, and people are absent', async () => {
    const others = [await make({}, `${otherGroup}/service_accounts`), await make({}, '/service_accounts'), world.people.guest]
    for (const { id } of others) {
      for (const method of ['PATCH', 'DELETE'])
        expect(await ask('owner', method, `${path}/${id}`)).toMatchObject({
          status: 404,
          body: { message: '404 User Not Found' },
        })
      expect((await ask('owner', 'GET', `${path}/${id}/personal_access_tokens`)).status).toBe(404)
      const json = { name: 't', scopes: ['api'] }
      expect((await ask('owner', 'POST', `${path}/${id}/personal_access_tokens`, json)).status).toBe(404)
    }
    expect((await ask('owner', 'DELETE', `${path}/ASDF`)).status).toBe(400)
  })

  test('the only Owner of another group stays, unless it goes too', async () => {
    const { id } = await make()
    const json = { name: 'Owned', path: 'owned', visibility: 'private' }
    const group = (await ask<{ id: number }>('root', 'POST', '/groups', json)).body.id
    await world.member(`/groups/${group}`, id, 50)
    await world.store.write.deleteFrom('members').where('user_id', '=', world.people.root.id).execute()
    expect((await ask('owner', 'DELETE', `${path}/${id}`)).status).toBe(409)
    expect((await ask('owner', 'DELETE', `${path}/${id}?hard_delete=true`)).status).toBe(204)
    expect((await ask('root', 'GET', `/groups/${group}`)).status).toBe(404)
  })

  test('go with their group, with all that is theirs', async () => {
    const json = { name: 'Doomed', path: 'doomed', visibility: 'private' }
    const group = (await ask<{ id: number }>('root', 'POST', '/groups', json)).body.id
    const { id, username } = await make({}, `/groups/${group}/service_accounts`)
    await ask('root', 'PUT', `/users/${id}`, { external: false, projects_limit: 5 })
    const { body } = await ask<Token>('root', 'POST', `/users/${id}/personal_access_tokens`, { name: 't', scopes: ['api'] })
    const project = await world.ask<{ id: number }>('POST', '/projects', { token: body.token, json: { path: 'own' } })
    expect(project.status).toBe(201)
    expect((await ask('root', 'DELETE', `/groups/${group}`)).status).toBeLessThan(300)
    expect((await world.ask('GET', '/user', { token: body.token })).status).toBe(401)
    expect((await ask('root', 'GET', `/users/${id}`)).status).toBe(404)
    expect((await ask('root', 'GET', `/projects/${username}%2Fown`)).status).toBe(404)
    expect(world.removed).toContain(project.body.id)
  })
})

describe("tokens of a group's account", () => {
  const tokensOf = (id: number): string => `${path}/${id}/personal_access_tokens`
  const wishes = { name: 'ci', scopes: ['read_api', 'read_repository'], description: 'for CI' }

  const give = async (id: number, fields: object = {}): Promise<Token> => {
    const { status, body } = await ask<Token>('owner', 'POST', tokensOf(id), { ...wishes, ...fields })
    expect(status).toBe(201)
    return body
  }

  test('are made, listed, filtered, and ended', async () => {
    const { id } = await make()
    const made = await ask<Token>('owner', 'POST', tokensOf(id), wishes)
    expect(made).toMatchObject({ status: 201, body: { ...wishes, user_id: id, active: true, expires_at: '2027-03-10' } })
    expect(await world.ask('GET', '/user', { token: made.body.token })).toMatchObject({ status: 200, body: { id, bot: true } })
    const other = await give(id, { name: 'other' })
    const names = async (query: string) =>
      (await ask<{ name: string }[]>('owner', 'GET', `${tokensOf(id)}${query}`)).body.map(({ name }) => name)
    expect(await names('')).toEqual(['ci', 'other'])
    expect(await names('?search=oth')).toEqual(['other'])
    expect((await ask('owner', 'DELETE', `${tokensOf(id)}/${other.id}`)).status).toBe(204)
    expect(await names('?state=active')).toEqual(['ci'])
    expect(await names('?revoked=true')).toEqual(['other'])
    expect((await world.ask('GET', '/user', { token: other.token })).status).toBe(401)
    expect(JSON.stringify((await ask('owner', 'GET', tokensOf(id))).body)).not.toContain(made.body.token)
  })

  test('are rotated, once', async () => {
    const { id } = await make()
    const old = await give(id)
    const rotated = await ask<Token>('owner', 'POST', `${tokensOf(id)}/${old.id}/rotate`)
    expect(rotated).toMatchObject({ status: 200, body: { name: 'ci', user_id: id, expires_at: '2026-03-17' } })
    expect((await world.ask('GET', '/user', { token: old.token })).status).toBe(401)
    expect((await world.ask('GET', '/user', { token: rotated.body.token })).status).toBe(200)
    expect(await ask('owner', 'POST', `${tokensOf(id)}/${old.id}/rotate`)).toMatchObject({
      status: 400,
      body: { message: '400 Bad request - Token already revoked' },
    })
  })

  test("of another account are absent, and one's own is no key to the group", async () => {
    const [one, other] = [await make(), await make()]
    const { id, token } = await give(one.id, { scopes: ['api'] })
    expect(await ask('owner', 'DELETE', `${tokensOf(other.id)}/${id}`)).toMatchObject({
      status: 404,
      body: { message: '404 Personal Access Token Not Found' },
    })
    expect((await ask('owner', 'POST', `${tokensOf(other.id)}/${id}/rotate`)).status).toBe(404)
    expect((await ask('owner', 'DELETE', `${tokensOf(one.id)}/x`)).status).toBe(400)
    expect((await world.ask('GET', path, { token })).status).toBe(404)
  })

  const refused: [string, object, number, object][] = [
    ['nothing', { name: undefined, scopes: undefined }, 400, { error: 'name is missing, scopes is missing' }],
    ['an unknown scope', { scopes: ['all'] }, 400, { error: 'scopes does not have a valid value' }],
    ['a scope of the registry that is off', { scopes: ['read_registry'] }, 400, { error: 'scopes does not have a valid value' }],
    ["an administrator's scope", { scopes: ['sudo'] }, 422, { message: 'Scopes can only contain available scopes' }],
    ['no scope', { scopes: [] }, 422, { message: "Scopes can't be blank" }],
    ['a day too late', { expires_at: '2027-03-11' }, 422, { message: 'Expiration date must be before 2027-03-10' }],
  ]
  test.each(refused)('are not made with %s', async (_name, fields, status, body) => {
    const { id } = await make()
    expect(await ask('owner', 'POST', tokensOf(id), { ...wishes, ...fields })).toMatchObject({ status, body })
  })

  test('need no end where the instance does not ask for one', async () => {
    const { id } = await make()
    const instance = await make({}, '/service_accounts')
    await ask('root', 'PUT', '/application/settings', { service_access_tokens_expiration_enforced: false })
    const endless = await give(id)
    expect(endless.expires_at).toBeNull()
    const rotated = await ask<Token>('owner', 'POST', `${tokensOf(id)}/${endless.id}/rotate`)
    expect(rotated.body.expires_at).toBeNull()
    const json = { name: 't', scopes: ['api'] }
    expect(await ask('root', 'POST', `/users/${instance.id}/personal_access_tokens`, json)).toMatchObject({
      body: { expires_at: null },
    })
    expect(await ask('root', 'POST', `/users/${world.people.guest.id}/personal_access_tokens`, json)).toMatchObject({
      body: { expires_at: '2027-03-10' },
    })
    await ask('root', 'PUT', '/application/settings', { service_access_tokens_expiration_enforced: true })
  })

  test('are not given to Owners once an administrator made the account one too', async () => {
    const { id } = await make()
    const { id: tokenId } = await give(id)
    await ask('root', 'PUT', `/users/${id}`, { admin: true })
    expect((await ask('owner', 'POST', tokensOf(id), wishes)).status).toBe(403)
    expect((await ask('owner', 'POST', `${tokensOf(id)}/${tokenId}/rotate`)).status).toBe(403)
    expect((await ask('root', 'POST', tokensOf(id), wishes)).status).toBe(201)
  })

  test('are audited in the group', async () => {
    const { id } = await make()
    const token = await give(id)
    await ask('owner', 'DELETE', `${tokensOf(id)}/${token.id}`)
    const rows = await sql<{ name: string }>`select name from activity.audit_events where entity_kind = 'Group'
      and entity_id = ${world.group} and (target_id = ${String(token.id)} or target_id = ${String(id)}) order by id`.execute(
      world.store.read,
    )
    expect(rows.rows.map(({ name }) => name)).toEqual([
      'user_created',
      'personal_access_token_created',
      'personal_access_token_revoked',
    ])
  })
})
