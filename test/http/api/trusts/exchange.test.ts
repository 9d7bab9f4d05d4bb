import { generateKeyPairSync } from 'node:crypto'
import { SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ed25519Blob, publicBytesOf, readCertificate } from '../../../../src/tokens/ssh-certificate.ts'
import { jobClaims, newPair, signJwt } from '../../../support/issuer.ts'
import { outsideIssuer, startTrustWorld, type TrustWorld } from './trust-world.ts'

let world: TrustWorld
let trustId: number
beforeAll(async () => {
  world = await startTrustWorld()
  trustId = (await world.trust()).id
})
afterAll(() => world?.close())

const certificateType = 'urn:sallyport:params:oauth:token-type:ssh-certificate'
const accessType = 'urn:ietf:params:oauth:token-type:access_token'

const refusedAt = async (refusalId: string, id = trustId) =>
  (await world.told(id)).refusals.find((refusal) => refusal.refusal_id === refusalId)

test('a token that fits gives a token for git', async () => {
  const reply = await world.exchange({ subject_token: await world.outsideToken() })
  expect(reply.status).toBe(200)
  expect(reply.body).toEqual({
    access_token: expect.stringMatching(/^sptx-/),
    issued_token_type: accessType,
    token_type: 'Bearer',
    expires_in: 600,
    scope: 'read_repository write_repository',
  })
  expect(reply.headers.get('cache-control')).toBe('no-store')
  const line = world.lines.findLast(({ msg }) => msg === 'token exchanged')
  expect(line).toMatchObject({
    trust_id: trustId,
    trust_issuer: outsideIssuer,
    trust_subject: 'repo:octo/ship:ref:refs/heads/main',
  })
  expect(JSON.stringify(world.lines)).not.toContain(reply.body.access_token)
})

test('only a digest of it is kept', async () => {
  const { body } = await world.exchange({ subject_token: await world.outsideToken() })
  const rows = await world.store.read.selectFrom('trust_grants').selectAll().execute()
  expect(JSON.stringify(rows)).not.toContain(body.access_token)
})

test('fewer scopes can be asked for', async () => {
  const reply = await world.exchange({ subject_token: await world.outsideToken(), scope: 'read_repository' })
  expect([reply.status, reply.body.scope]).toEqual([200, 'read_repository'])
})

test('the project can be named by its address', async () => {
  const resource = 'https://git.example.org/team/ship.git'
  const reply = await world.exchange({ subject_token: await world.outsideToken(), audience: undefined, resource })
  expect(reply.status).toBe(200)
})

test('a key is certified, for the one user and for minutes', async () => {
  const key = publicBytesOf(generateKeyPairSync('ed25519').privateKey)
  const line = `ssh-ed25519 ${ed25519Blob(key).toString('base64')} ci`
  const subject_token = await world.outsideToken()
  const reply = await world.exchange({ subject_token, requested_token_type: certificateType, public_key: line })
  expect(reply.body).toMatchObject({ issued_token_type: certificateType, token_type: 'N_A', expires_in: 600 })
  const read = readCertificate(Buffer.from(reply.body.access_token.split(' ')[1] ?? '', 'base64'))
  const seconds = Math.floor(world.now() / 1000)
  expect(read).toMatchObject({ principals: ['git'], validAfter: seconds - 60, validBefore: seconds + 600, isForUsers: true })
  expect(read?.key.equals(key)).toBe(true)
})

test('a group’s trust gives for each project below it, and for the group', async () => {
  const { id } = await world.trust(
    { name: 'fleet', claims: { repository: 'octo/fleet' } },
    'maintainer',
    `/groups/${world.group}`,
  )
  for (const audience of ['team/ship', 'team']) {
    const reply = await world.exchange({ subject_token: await world.outsideToken({ repository: 'octo/fleet' }), audience })
    expect(reply.status).toBe(200)
  }
  const given = await world.store.read
    .selectFrom('trust_grants')
    .selectAll()
    .where('trust_id', '=', id as never)
    .execute()
  expect(given.map(({ project_id, group_id }) => [project_id, group_id])).toEqual([
    [world.shipId, null],
    [null, world.group],
  ])
})

test('jobs of this very server are believed, and nobody is called for its keys', async () => {
  const issuer = 'https://git.example.org'
  const { id } = await world.trust({ name: 'own', issuer, claims: { project_path: 'team/works' } })
  const { key, published } = await world.parts.signing.current()
  const claims = {
    ...jobClaims(issuer, world.now()),
    project_path: 'team/works',
    sub: 'project_path:team/works:ref_type:branch:ref:main',
  }
  const signed = new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: published.kid, typ: 'JWT' }).sign(key)
  expect((await world.exchange({ subject_token: await signed })).status).toBe(200)
  world.moveClock(world.now() + 5_000)
  const forged = await world.exchange({ subject_token: await world.outsideToken({ iss: issuer }) })
  expect((await refusedAt(forged.body.refusal_id, id))?.reason).toBe('key_unknown')
})

describe('what is no request', () => {
  const rows: readonly [string, Record<string, string | undefined>, string][] = [
    ['no grant type', { grant_type: undefined }, 'invalid_request grant_type is missing'],
    ['another grant type', { grant_type: 'password' }, 'unsupported_grant_type'],
    ['no token', { subject_token: undefined }, 'invalid_request subject_token is missing'],
    ['no type of token', { subject_token_type: undefined }, 'invalid_request subject_token_type is missing'],
    ['another type of token', { subject_token_type: accessType }, 'invalid_request subject_token_type must be'],
    ['two parties', { actor_token: 'x' }, 'invalid_request actor_token is not supported'],
    ['no audience', { audience: undefined }, 'invalid_request audience'],
    ['audience and resource', { resource: 'https://git.example.org/team/ship' }, 'invalid_request audience and resource'],
    [
      'a resource elsewhere',
      { audience: undefined, resource: 'https://git.example.org.evil/team/ship' },
      'invalid_request audience',
    ],
    ['a scope that is none', { scope: 'read_repository api' }, 'invalid_scope'],
    ['another type to get', { requested_token_type: 'urn:x' }, 'invalid_request requested_token_type must be'],
    ['a certificate without a key', { requested_token_type: certificateType }, 'invalid_request public_key is missing'],
    [
      'a certificate for no key',
      { requested_token_type: certificateType, public_key: 'ssh-rsa AAAA' },
      'invalid_request public_key must be',
    ],
  ]
  test.each(rows)('%s', async (_what, fields, error) => {
    const reply = await world.exchange({ subject_token: await world.outsideToken(), ...fields })
    expect(reply.status).toBe(400)
    expect(`${reply.body.error} ${reply.body.error_description}`).toMatch(new RegExp(`^${error}`))
  })

  test('a token in the address', async () => {
    const reply = await world.ask<{ error: string }>(
      'POST',
      `/sallyport/token_exchange?subject_token=${await world.outsideToken()}`,
      { form: {} },
    )
    expect([reply.status, reply.body.error]).toEqual([400, 'invalid_request'])
  })
})

describe('what a trust does not name', () => {
  const rows: readonly [string, Record<string, unknown>, string, Record<string, unknown>][] = [
    ['another repository', { repository: 'octo/boat' }, 'claim_mismatch', { claim: 'repository', found: ['octo/boat'] }],
    ['another branch', { ref: 'refs/heads/topic' }, 'claim_mismatch', { claim: 'ref', found: ['refs/heads/topic'] }],
    ['no repository', { repository: undefined }, 'claim_missing', { claim: 'repository' }],
    [
      'another audience',
      { aud: 'https://elsewhere.example' },
      'audience_mismatch',
      { claim: 'aud', found: ['https://elsewhere.example'] },
    ],
    ['nobody in particular', { sub: undefined }, 'claim_missing', { claim: 'sub' }],
  ]
  test.each(rows)('%s', async (_what, claims, reason, details) => {
    world.moveClock(world.now() + 1_000)
    const reply = await world.exchange({ subject_token: await world.outsideToken(claims) })
    expect([reply.status, reply.body.error, Object.keys(reply.body)]).toEqual([
      400,
      'invalid_request',
      ['error', 'error_description', 'refusal_id'],
    ])
    expect(JSON.stringify(reply.body)).not.toContain('claim')
    const told = await refusedAt(reply.body.refusal_id)
    expect(told).toMatchObject({ reason, verified: true, details })
    expect(world.lines.findLast((line) => line['meta.trust_refusal_id'] === reply.body.refusal_id)).toMatchObject({
      'meta.claimed_issuer': outsideIssuer,
    })
  })

  test('a scope that the trust does not give', async () => {
    const { id } = await world.trust({
      name: 'reader',
      scopes: ['read_repository'],
      refs: [],
      claims: { repository: 'octo/reader' },
    })
    const subject_token = await world.outsideToken({ repository: 'octo/reader' })
    const reply = await world.exchange({ subject_token, scope: 'write_repository' })
    expect((await refusedAt(reply.body.refusal_id, id))?.reason).toBe('scope_refused')
  })
})

test('an issuer that changes its key is believed with the new one', async () => {
  const next = await newPair('second')
  world.outside.set(`${outsideIssuer}/keys`, { keys: [world.pair.published, next.published] })
  world.moveClock(world.now() + 31_000)
  const reply = await world.exchange({ subject_token: await signJwt(jobClaims(outsideIssuer, world.now()), next) })
  expect(reply.status).toBe(200)
})

test('refusals of strangers do not push out those of tokens that the issuer signed', async () => {
  const forged = await newPair('first')
  world.moveClock(world.now() + 5_000)
  const kept = await world.exchange({ subject_token: await world.outsideToken({ repository: 'octo/kept' }) })
  for (let time = 0; time < 12; time += 1) {
    world.moveClock(world.now() + 1_000)
    await world.exchange({ subject_token: await signJwt(jobClaims(outsideIssuer, world.now()), forged) })
  }
  const { refusals } = await world.told(trustId)
  expect(refusals.filter(({ verified }) => !verified)).toHaveLength(5)
  expect(refusals.some(({ refusal_id }) => refusal_id === kept.body.refusal_id)).toBe(true)
})

test('an administrator who finds a token ends it', async () => {
  const { body } = await world.exchange({ subject_token: await world.outsideToken() })
  const asked = { token: world.token('root'), json: { token: body.access_token } }
  expect((await world.ask('POST', '/admin/token', asked)).body).toMatchObject({ id: trustId, name: 'ship' })
  expect((await world.ask('DELETE', '/admin/token', asked)).status).toBe(204)
  expect((await world.ask('POST', '/admin/token', asked)).status).toBe(404)
})
