import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { loopback, OauthStage } from './stage.ts'

let stage: OauthStage
let token = ''
let ada = ''

beforeAll(async () => {
  stage = await OauthStage.open()
  token = stage.api.root.token
  ada = (await stage.api.addToken(stage.ada)).token
})
afterAll(() => stage?.close())

const wanted = { name: 'MyApplication', redirect_uri: 'http://redirect.uri', scopes: 'api read_user email' }

describe('an administrator', () => {
  test('makes an application, and sees its secret once', async () => {
    const made = await stage.api.ask('POST', '/applications', { token, json: wanted })
    expect(made.status).toBe(201)
    expect(made.body).toEqual({
      id: expect.any(Number),
      application_id: expect.stringMatching(/^[0-9a-f]{64}$/),
      application_name: 'MyApplication',
      secret: expect.stringMatching(/^gloas-[\w-]{20,}$/),
      callback_url: 'http://redirect.uri',
      confidential: true,
      scopes: ['api', 'read_user', 'email'],
    })
    const { secret: _, ...shown } = made.body
    const listed = await stage.api.ask<unknown[]>('GET', '/applications?per_page=100', { token })
    expect(listed.body).toContainEqual(shown)
    expect(JSON.stringify(listed.body)).not.toContain('gloas-')
    expect(await stage.audited()).toContain(`oauth_application_created OauthApplication/${made.body['id']}`)
  })

  test('finds the programs that ship with ids of their own', async () => {
    const listed = await stage.api.ask<{ application_name: string; confidential: boolean }[]>('GET', '/applications', { token })
    const shipped = listed.body.slice(0, 3).map((row) => [row.application_name, row.confidential])
    expect(shipped).toEqual([
      ['Git Credential Manager', false],
      ['git-credential-oauth', false],
      ['GitLab CLI (glab)', false],
    ])
  })

  test('renews a secret: the old one is good no longer', async () => {
    const { application, secret } = await stage.addClient('renewed', { redirect_uri: 'https://x.example.org/' })
    const made = await stage.api.ask('POST', `/applications/${application.id}/renew-secret`, { token })
    expect([made.status, made.body['application_id']]).toEqual([200, application.uid])
    const ask = (client_secret: unknown) =>
      stage.post('/oauth/token', {
        grant_type: 'client_credentials',
        client_id: application.uid,
        client_secret: String(client_secret),
        scope: 'api',
      })
    expect((await ask(secret)).status).toBe(401)
    expect((await ask(made.body['secret'])).status).toBe(200)
  })

  test('removes an application, with all that it held', async () => {
    const { application } = await stage.addClient('removed', { redirect_uri: 'https://x.example.org/' })
    const { access } = await stage.tokens('removed', { redirectUri: 'https://x.example.org/' })
    expect(await stage.works(access)).toBe(true)
    expect((await stage.api.ask('DELETE', `/applications/${application.id}`, { token })).status).toBe(204)
    expect(await stage.works(access)).toBe(false)
    expect((await stage.api.ask('DELETE', `/applications/${application.id}`, { token })).status).toBe(404)
  })

  test.each([
    ['no name', { ...wanted, name: '' }, 'error'],
    ['no address', { name: 'x', scopes: 'api' }, 'error'],
    ['no scopes', { ...wanted, scopes: '' }, 'message'],
    ['an unknown scope', { ...wanted, scopes: 'api everything' }, 'message'],
    ['a scope of what is off', { ...wanted, scopes: 'read_registry' }, 'message'],
    ['an address that is none', { ...wanted, redirect_uri: 'callback' }, 'message'],
    ['an address that runs', { ...wanted, redirect_uri: 'javascript:alert(1)' }, 'message'],
    ['one good address and one bad', { ...wanted, redirect_uri: 'https://a.example/\nhttps://b.example/#x' }, 'message'],
  ])('is refused %s', async (_name, json, key) => {
    const told = await stage.api.ask('POST', '/applications', { token, json })
    expect([told.status, Object.keys(told.body)]).toEqual([400, [key]])
  })

  test('finds whose a leaked secret is, and ends it', async () => {
    const { application, secret } = await stage.addClient('leaked', { redirect_uri: 'https://x.example.org/' })
    const found = await stage.api.ask('POST', '/admin/token', { token, json: { token: secret } })
    expect(found.body).toMatchObject({ application_id: application.uid })
    expect((await stage.api.ask('DELETE', '/admin/token', { token, json: { token: secret } })).status).toBe(204)
    const form = { grant_type: 'client_credentials', client_id: application.uid, client_secret: secret }
    expect((await stage.post('/oauth/token', form)).status).toBe(401)
  })
})

describe('a user', () => {
  test('has applications of his own, which nobody else sees', async () => {
    const made = await stage.api.ask('POST', '/sallyport/applications', { token: ada, json: { ...wanted, confidential: false } })
    expect(made.status).toBe(201)
    const list = async (of: string) =>
      (await stage.api.ask<{ id: number }[]>('GET', '/sallyport/applications', { token: of })).body.map(({ id }) => id)
    const { token: eve } = await stage.api.addToken(await stage.api.addUser('eve'))
    expect([await list(ada), await list(eve)]).toEqual([[made.body['id']], []])
    const path = `/sallyport/applications/${made.body['id']}`
    expect((await stage.api.ask('POST', `${path}/renew-secret`, { token: eve })).status).toBe(404)
    expect((await stage.api.ask('DELETE', path, { token: eve })).status).toBe(404)
    expect((await stage.api.ask('POST', `${path}/renew-secret`, { token: ada })).status).toBe(200)
    expect((await stage.api.ask('DELETE', path, { token: ada })).status).toBe(204)
  })

  test('has nothing to do with those of the instance', async () => {
    expect((await stage.api.ask('GET', '/applications', { token: ada })).status).toBe(403)
    expect((await stage.api.ask('POST', '/applications', { token: ada, json: wanted })).status).toBe(403)
  })
})

describe('a program that ships', () => {
  test.each([
    [
      '172b9f227872b5dde33f4d9b1db06a6a5515ae79508e7a00c973c85ce490671e',
      '7da92770d1447508601e4ba026bc5eb655c8268e818cd609889cc9bae2023f39',
    ],
    [
      '10bfbbf46e5b760b55ce772a262d7a0205eacc417816eb84d37d0fb02c89bb97',
      'e1802e0ac361efc72f8e2024e6fd5855bfdf73524b67740c05e755f55b97eb39',
    ],
    ['10bfbbf46e5b760b55ce772a262d7a0205eacc417816eb84d37d0fb02c89bb97', undefined],
  ])('%.8s asks with what is in its sources', async (client_id, client_secret) => {
    const ask = (secret: string | undefined) =>
      stage.post('/oauth/token', {
        client_id,
        client_secret: secret,
        grant_type: 'authorization_code',
        code: 'x',
        redirect_uri: loopback,
      })
    expect((await ask(client_secret)).body['error']).toBe('invalid_grant')
    expect((await ask('another')).body['error']).toBe('invalid_client')
  })
})
