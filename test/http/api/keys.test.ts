import { createHash, generateKeyPairSync } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startWorld, type Who, type World } from './world.ts'

let world: World
let project: number
let other: number
beforeAll(async () => {
  world = await startWorld()
  project = await world.project('one')
  other = await world.project('two')
})
afterAll(() => world.close())

const ask = <Body = Record<string, unknown>>(who: Who, method: string, path: string, json?: unknown) =>
  world.ask<Body>(method, path, { token: world.token(who), ...(json !== undefined && { json }) })

const word = (bytes: Buffer): Buffer => {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(bytes.length)
  return Buffer.concat([length, bytes])
}

/** A new ed25519 key as `authorized_keys` has it, and its fingerprints. */
const makeKey = (comment = 'me@home') => {
  const { publicKey } = generateKeyPairSync('ed25519')
  const raw = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32)
  const blob = Buffer.concat([word(Buffer.from('ssh-ed25519')), word(raw)])
  const md5 = createHash('md5').update(blob).digest('hex')
  return {
    text: `ssh-ed25519 ${blob.toString('base64')} ${comment}`,
    bare: `ssh-ed25519 ${blob.toString('base64')}`,
    sha256: `SHA256:${createHash('sha256').update(blob).digest('base64').replace('=', '')}`,
    md5: (md5.match(/../g) ?? []).join(':'),
  }
}

interface Made {
  readonly id: number
}

describe('keys of users', () => {
  test('one adds, lists, shows and deletes the own', async () => {
    const key = makeKey()
    const made = await ask<Made>('developer', 'POST', '/user/keys', { title: 'laptop', key: key.text, expires_at: '2027-01-01' })
    expect(made).toMatchObject({
      status: 201,
      body: {
        title: 'laptop',
        expires_at: '2027-01-01T00:00:00.000Z',
        usage_type: 'auth_and_signing',
        last_used_at: null,
        key: `${key.bare} Name of developer (git.example.org)`,
      },
    })
    expect((await ask<object[]>('developer', 'GET', '/user/keys')).body).toHaveLength(1)
    expect((await ask('developer', 'GET', `/user/keys/${made.body.id}`)).body).toMatchObject({ title: 'laptop' })
    expect(await ask('guest', 'GET', `/user/keys/${made.body.id}`)).toMatchObject({
      status: 404,
      body: { message: '404 Key Not Found' },
    })
    expect((await ask('guest', 'DELETE', `/user/keys/${made.body.id}`)).status).toBe(404)
    expect((await ask('developer', 'DELETE', `/user/keys/${made.body.id}`)).status).toBe(204)
    expect((await ask<object[]>('developer', 'GET', '/user/keys')).body).toEqual([])
  })

  test('public keys are public; only administrators add to another', async () => {
    const key = makeKey()
    const id = world.people.reporter.id
    const path = `/users/${id}/keys`
    expect((await ask('developer', 'POST', path, { title: 't', key: key.text })).status).toBe(403)
    const made = await ask<Made>('root', 'POST', path, { title: 't', key: key.text, usage_type: 'auth' })
    expect(made).toMatchObject({ status: 201, body: { usage_type: 'auth' } })
    for (const who of ['anonymous', 'guest'] as const) {
      expect((await ask<object[]>(who, 'GET', '/users/reporter/keys')).body).toMatchObject([{ id: made.body.id }])
      expect((await ask(who, 'GET', `${path}/${made.body.id}`)).status).toBe(200)
    }
    expect((await ask('guest', 'GET', '/users/nobody/keys')).body).toEqual({ message: '404 User Not Found' })
    expect((await ask('guest', 'DELETE', `${path}/${made.body.id}`)).status).toBe(403)
    expect((await ask('root', 'DELETE', `${path}/${made.body.id}`)).status).toBe(204)
  })

  const taken = { message: { fingerprint_sha256: ['has already been taken'] } }
  const bad: [string, object, object][] = [
    ['nothing', {}, { error: 'key is missing, title is missing' }],
    ['no key', { title: 't', key: 'ssh-rsa nonsense' }, { message: { key: ['is invalid'] } }],
    ['a private key', { title: 't', key: '-----BEGIN OPENSSH PRIVATE KEY-----' }, { message: { key: ['is invalid'] } }],
    ['two lines', { title: 't', key: `${makeKey().text}\n${makeKey().text}` }, { message: { key: ['is invalid'] } }],
    ['no title', { title: ' ', key: makeKey().text }, { message: { title: ["can't be blank"] } }],
    [
      'an unknown use',
      { title: 't', key: makeKey().text, usage_type: 'fun' },
      { error: 'usage_type does not have a valid value' },
    ],
    ['no date', { title: 't', key: makeKey().text, expires_at: '32.1.' }, { error: 'expires_at is invalid' }],
  ]
  test.each(bad)('refuses %s', async (_name, json, body) => {
    expect(await ask('guest', 'POST', '/user/keys', json)).toMatchObject({ status: 400, body })
  })

  test('a key serves once: as a user key or a deploy key', async () => {
    const key = makeKey()
    expect((await ask('guest', 'POST', '/user/keys', { title: 't', key: key.text })).status).toBe(201)
    expect(await ask('reporter', 'POST', '/user/keys', { title: 't', key: `${key.bare} else` })).toMatchObject({
      status: 400,
      body: taken,
    })
    expect(await ask('maintainer', 'POST', `/projects/${project}/deploy_keys`, { title: 't', key: key.text })).toMatchObject({
      status: 400,
      body: taken,
    })
  })

  test('administrators find whose a key is', async () => {
    const key = makeKey()
    const made = await ask<Made>('owner', 'POST', '/user/keys', { title: 'found', key: key.text })
    const byId = await ask('root', 'GET', `/keys/${made.body.id}`)
    expect(byId).toMatchObject({ status: 200, body: { title: 'found', user: { username: 'owner' } } })
    expect(byId.body).not.toHaveProperty('deploy_keys_projects')
    for (const fingerprint of [key.sha256, key.sha256.slice(7), key.md5, `MD5:${key.md5}`]) {
      const found = await ask('root', 'GET', `/keys?fingerprint=${encodeURIComponent(fingerprint)}`)
      expect(found).toMatchObject({ status: 200, body: { id: made.body.id, user: { username: 'owner' } } })
    }
    expect(await ask('root', 'GET', `/keys?fingerprint=${encodeURIComponent(makeKey().sha256)}`)).toMatchObject({
      status: 404,
      body: { message: '404 Key Not Found' },
    })
    expect(await ask('root', 'GET', '/keys?fingerprint=nonsense')).toMatchObject({
      status: 400,
      body: { message: 'Failed to return the key' },
    })
    expect((await ask('root', 'GET', '/keys')).body).toEqual({ error: 'fingerprint is missing' })
    expect((await ask('root', 'GET', '/keys/99999')).status).toBe(404)
    expect((await ask('owner', 'GET', `/keys/${made.body.id}`)).status).toBe(403)
    expect((await ask('anonymous', 'GET', `/keys/${made.body.id}`)).status).toBe(401)
  })
})

describe('deploy keys', () => {
  const path = (of: number) => `/projects/${of}/deploy_keys`

  test('a whole life', async () => {
    const key = makeKey('deploy')
    const made = await ask<Made>('maintainer', 'POST', path(project), { title: 'ci', key: ` ${key.text}\n`, can_push: true })
    expect(made).toMatchObject({
      status: 201,
      body: {
        title: 'ci',
        key: key.text,
        fingerprint: key.md5,
        fingerprint_sha256: key.sha256,
        can_push: true,
        expires_at: null,
      },
    })
    const one = `${path(project)}/${made.body.id}`
    expect((await ask('maintainer', 'GET', one)).body).toMatchObject({ id: made.body.id, can_push: true })
    expect((await ask<object[]>('maintainer', 'GET', path(project))).body).toContainEqual(
      expect.objectContaining({ id: made.body.id }),
    )

    const same = await ask<Made>('maintainer', 'POST', path(project), { title: 'again', key: key.text, can_push: false })
    expect(same).toMatchObject({ status: 201, body: { id: made.body.id, title: 'ci', can_push: true } })

    const elsewhere = await ask<Made>('maintainer', 'POST', path(other), { title: 'again', key: key.text })
    expect(elsewhere).toMatchObject({ status: 201, body: { id: made.body.id, title: 'ci', can_push: false } })

    expect(await ask('maintainer', 'PUT', one, { can_push: 'false', title: 'renamed' })).toMatchObject({
      status: 200,
      body: { can_push: false, title: 'renamed' },
    })
    expect(await ask('maintainer', 'PUT', one, {})).toMatchObject({
      status: 400,
      body: { error: 'title, can_push are missing, at least one parameter must be provided' },
    })
    expect((await ask('maintainer', 'PUT', one, { title: '' })).body).toEqual({ message: { title: ["can't be blank"] } })

    expect((await ask('maintainer', 'DELETE', one)).status).toBe(204)
    expect(await ask('maintainer', 'GET', one)).toMatchObject({ status: 404, body: { message: '404 Not found' } })
    expect(await ask('maintainer', 'DELETE', one)).toMatchObject({ status: 404, body: { message: '404 Deploy key Not Found' } })
    expect((await ask('maintainer', 'GET', `${path(other)}/${made.body.id}`)).status).toBe(200)
    expect((await ask('maintainer', 'DELETE', `${path(other)}/${made.body.id}`)).status).toBe(204)
    expect((await ask('root', 'GET', `/keys/${made.body.id}`)).status).toBe(404)
  })

  test('enabling one that the caller may see', async () => {
    const made = await ask<Made>('maintainer', 'POST', path(project), { title: 'shared', key: makeKey().text })
    expect(await ask('maintainer', 'POST', `${path(other)}/${made.body.id}/enable`)).toMatchObject({
      status: 201,
      body: { title: 'shared' },
    })
    expect((await ask('maintainer', 'POST', `${path(other)}/${made.body.id}/enable`)).status).toBe(201)
    expect((await ask('maintainer', 'GET', `${path(other)}/${made.body.id}`)).body).toMatchObject({ can_push: false })

    const hidden = await world.person('hidden')
    const own = await world.ask<Made>('POST', '/projects', { token: hidden.token, json: { name: 'private-one' } })
    const secret = makeKey()
    const theirs = await world.ask<Made>('POST', path(own.body.id), {
      token: hidden.token,
      json: { title: 'x', key: secret.text },
    })
    expect(await ask('maintainer', 'POST', `${path(project)}/${theirs.body.id}/enable`)).toMatchObject({
      status: 404,
      body: { message: '404 Deploy key Not Found' },
    })
    expect(await ask('maintainer', 'POST', path(project), { title: 'x', key: secret.text })).toMatchObject({
      status: 400,
      body: { message: { fingerprint_sha256: ['has already been taken'] } },
    })
    expect((await ask('root', 'POST', `${path(project)}/${theirs.body.id}/enable`)).status).toBe(201)
  })

  test('public keys of the instance', async () => {
    const key = makeKey()
    expect((await ask('maintainer', 'POST', '/deploy_keys', { title: 'for all', key: key.text })).status).toBe(403)
    const made = await ask<Made>('root', 'POST', '/deploy_keys', { title: 'for all', key: key.text })
    expect(made).toMatchObject({ status: 201, body: { title: 'for all' } })
    const one = `${path(project)}/${made.body.id}`
    expect((await ask('maintainer', 'POST', `${one}/enable`)).status).toBe(201)
    const changed = await ask('maintainer', 'PUT', one, { title: 'mine now', can_push: true })
    expect(changed).toMatchObject({ status: 200, body: { title: 'for all', can_push: true } })
    const listed = await ask<object[]>('root', 'GET', '/deploy_keys?public=true')
    expect(listed.body).toMatchObject([
      {
        id: made.body.id,
        projects_with_write_access: [{ id: project, path_with_namespace: 'team/one', name_with_namespace: 'Team / one' }],
        projects_with_readonly_access: [],
      },
    ])
    expect((await ask<object[]>('root', 'GET', '/deploy_keys')).body.length).toBeGreaterThan(1)
    expect((await ask('maintainer', 'DELETE', one)).status).toBe(204)
    expect(await ask('root', 'GET', `/keys/${made.body.id}`)).toMatchObject({ status: 200, body: { deploy_keys_projects: [] } })
  })

  const refused: [Who, string, number][] = [
    ['anonymous', 'GET', 401],
    ['stranger', 'GET', 404],
    ['developer', 'GET', 403],
    ['developer', 'POST', 403],
    ['maintainer', 'GET', 200],
  ]
  test.each(refused)('%s %s: %i', async (who, method, status) => {
    expect(
      (await ask(who, method, path(project), method === 'POST' ? { title: 't', key: makeKey().text } : undefined)).status,
    ).toBe(status)
  })

  test('lists of the instance are for administrators', async () => {
    expect((await ask('maintainer', 'GET', '/deploy_keys')).status).toBe(403)
    expect((await ask('anonymous', 'GET', '/deploy_keys')).status).toBe(401)
  })
})
