/**
 * The attack: a token of an outside issuer that was made up, changed, kept from yesterday, meant for somebody else, or
 * used before is exchanged for access.
 * What was believed: a token says how it is to be checked, and what was checked once is good.
 * What holds: only signatures of the issuer's published public keys count, each checked by the key's own algorithm; the
 * trust's audience and claims must fit; a token is taken once. All refusals look alike to whoever sends it.
 */
import { createHmac, createPublicKey } from 'node:crypto'
import { exportSPKI, importJWK, type JWTPayload } from 'jose'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { outsideIssuer, startTrustWorld, type TrustWorld } from '../http/api/trusts/trust-world.ts'
import { jobClaims, newPair, type SigningPair, signJwt } from '../support/issuer.ts'

let world: TrustWorld
let trustId: number
let rsa: SigningPair

beforeAll(async () => {
  world = await startTrustWorld()
  trustId = (await world.trust()).id
  rsa = await newPair('rsa', 'RS256')
  const shared = {
    kty: 'oct',
    kid: 'shared',
    k: Buffer.from('a secret that was published by mistake').toString('base64url'),
    alg: 'HS256',
  }
  world.outside.set(`${outsideIssuer}/keys`, { keys: [world.pair.published, rsa.published, shared] })
})
afterAll(() => world?.close())

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
const seconds = () => Math.floor(world.now() / 1000)
const claims = (more: JWTPayload = {}) => jobClaims(outsideIssuer, world.now(), more)
const unsigned = (header: unknown, more: JWTPayload = {}) => `${part(header)}.${part(claims(more))}`
const mac = (signed: string, secret: string | Buffer) => createHmac('sha256', secret).update(signed).digest('base64url')
const withMac = (header: unknown, secret: string | Buffer): string => {
  const signed = unsigned(header)
  return `${signed}.${mac(signed, secret)}`
}

const publicPem = async (): Promise<string> => {
  const key = await importJWK(rsa.published, 'RS256', { extractable: true })
  if (key instanceof Uint8Array) throw new Error('a public key is no secret')
  return exportSPKI(key)
}

const changed = async (more: JWTPayload): Promise<string> => {
  const [head = '', , signature = ''] = (await world.outsideToken()).split('.')
  return `${head}.${part(claims(more))}.${signature}`
}

const attacks: readonly [string, () => Promise<string> | string, string][] = [
  ['alg none', () => `${unsigned({ alg: 'none' })}.`, 'algorithm_refused'],
  ['alg None with a signature', () => `${unsigned({ alg: 'None', kid: 'first' })}.AAAA`, 'algorithm_refused'],
  ['no signature', async () => (await world.outsideToken()).replace(/[^.]*$/, ''), 'token_malformed'],
  [
    'the public key as a shared secret, PEM',
    async () => withMac({ alg: 'HS256', kid: 'rsa' }, await publicPem()),
    'algorithm_refused',
  ],
  [
    'the public key as a shared secret, DER',
    async () => withMac({ alg: 'HS256', kid: 'rsa' }, createPublicKey(await publicPem()).export({ type: 'spki', format: 'der' })),
    'algorithm_refused',
  ],
  [
    'a shared secret among the keys',
    () => withMac({ alg: 'HS256', kid: 'shared' }, 'a secret that was published by mistake'),
    'algorithm_refused',
  ],
  ['a key of another type', () => signJwt(claims(), { ...rsa, published: { ...rsa.published, kid: 'first' } }), 'key_unknown'],
  ['an algorithm that is not the key’s own', () => signJwt(claims(), rsa, { alg: 'RS256', kid: 'first' }), 'key_unknown'],
  ['another key under the same name', async () => signJwt(claims(), await newPair('first')), 'signature_wrong'],
  ['a key that nobody published', async () => signJwt(claims(), await newPair('unheard')), 'key_unknown'],
  [
    'a name with a path',
    () => signJwt(claims(), { ...world.pair, published: { ...world.pair.published, kid: '../../../dev/null' } }),
    'key_unknown',
  ],
  [
    'a key that comes along',
    async () => {
      const own = await newPair('own')
      return signJwt(claims(), own, { jwk: own.published })
    },
    'key_unknown',
  ],
  [
    'keys at an address of the attacker',
    async () => signJwt(claims(), await newPair('own'), { jku: 'https://evil.example/keys' }),
    'key_unknown',
  ],
  ['changed claims', () => changed({ repository: 'octo/ship', ref: 'refs/heads/release/9' }), 'signature_wrong'],
  ['an expired token', () => world.outsideToken({ iat: seconds() - 1_000, nbf: 0, exp: seconds() - 61 }), 'token_expired'],
  ['a token of tomorrow', () => world.outsideToken({ iat: seconds() + 86_400, exp: seconds() + 86_500 }), 'token_not_valid_yet'],
  ['one that begins later', () => world.outsideToken({ nbf: seconds() + 120 }), 'token_not_valid_yet'],
  ['one that never ends', () => world.outsideToken({ exp: undefined }), 'token_without_times'],
  ['one for a year', () => world.outsideToken({ exp: seconds() + 31_536_000 }), 'token_lives_too_long'],
  ['for another audience', () => world.outsideToken({ aud: 'https://github.com/octo' }), 'audience_mismatch'],
  ['for an audience that begins alike', () => world.outsideToken({ aud: 'sallyport.evil.example' }), 'audience_mismatch'],
  ['of a repository with a longer name', () => world.outsideToken({ repository: 'octo/ship-evil' }), 'claim_mismatch'],
  ['of a branch with a longer name', () => world.outsideToken({ ref: 'refs/heads/main2' }), 'claim_mismatch'],
  ['a list that holds the repository', () => world.outsideToken({ repository: [['octo/ship']] }), 'claim_missing'],
  ['of another issuer', () => world.outsideToken({ iss: 'https://evil.example' }), 'no_trust'],
  ['of an issuer with a slash more', () => world.outsideToken({ iss: `${outsideIssuer}/` }), 'no_trust'],
  ['of an issuer in other letters', () => world.outsideToken({ iss: outsideIssuer.toUpperCase() }), 'no_trust'],
]

const reasonOf = (refusalId: string | undefined): unknown =>
  world.lines.findLast((line) => refusalId === undefined || line['meta.trust_refusal_id'] === refusalId)?.['meta.refusal_reason']

test.each(attacks)('%s', async (_what, forge, reason) => {
  // The keys were asked for a while ago: an unknown one may have them fetched again.
  world.moveClock(world.now() + 40_000)
  const before = await world.store.read.selectFrom('trust_grants').selectAll().execute()
  const reply = await world.exchange({ subject_token: await forge() })
  expect([reply.status, reply.body.error]).toEqual([400, 'invalid_request'])
  const [line] = world.lines.filter((one) => one['path'] === '/api/v4/sallyport/token_exchange').slice(-1)
  expect(line?.['meta.refusal_reason']).toBe(reason)
  expect(reasonOf(reply.body.refusal_id)).toBe(reason)
  expect(await world.store.read.selectFrom('trust_grants').selectAll().execute()).toEqual(before)
})

test('a token is taken once, also by many at a time', async () => {
  const subject_token = await world.outsideToken()
  const replies = await Promise.all(Array.from({ length: 8 }, () => world.exchange({ subject_token })))
  expect(replies.map(({ status }) => status).sort()).toEqual([200, 400, 400, 400, 400, 400, 400, 400])
  const again = await world.exchange({ subject_token })
  expect(again.status).toBe(400)
  expect(reasonOf(again.body.refusal_id)).toBe('token_replayed')
})

test('one without an id of its own is taken once too, whatever is done to its signature', async () => {
  const subject_token = await world.outsideToken({ jti: undefined })
  expect((await world.exchange({ subject_token })).status).toBe(200)
  const [head = '', body = '', signature = ''] = subject_token.split('.')
  const bytes = Buffer.from(signature, 'base64url')
  const order = BigInt('0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551')
  const other = (order - BigInt(`0x${bytes.subarray(32).toString('hex')}`)).toString(16).padStart(64, '0')
  const twin = Buffer.concat([bytes.subarray(0, 32), Buffer.from(other, 'hex')]).toString('base64url')
  const reply = await world.exchange({ subject_token: `${head}.${body}.${twin}` })
  expect(reply.status).toBe(400)
  expect(reasonOf(reply.body.refusal_id)).toBe('token_replayed')
})

test('a token of the issuer under one id is taken once, whatever else it says', async () => {
  const jti = 'the-same'
  expect((await world.exchange({ subject_token: await world.outsideToken({ jti }) })).status).toBe(200)
  const reply = await world.exchange({ subject_token: await world.outsideToken({ jti, ref: 'refs/heads/release/1' }) })
  expect(reasonOf(reply.body.refusal_id)).toBe('token_replayed')
})

test('who may not see a project learns nothing of it: all answers are alike', async () => {
  world.moveClock(world.now() + 40_000)
  const foreign = await newPair('first')
  const answers = await Promise.all(
    ['team/ship', 'team/absent', 'team', 'stranger', ''].map(async (audience) => {
      const reply = await world.exchange({ subject_token: await signJwt(claims(), foreign), audience: audience || 'x' })
      return [reply.status, { ...reply.body, refusal_id: '' }]
    }),
  )
  expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1)
})

test('an old path of a project leads nowhere', async () => {
  const id = await world.project('brig')
  await world.trust({ name: 'brig', claims: { repository: 'octo/brig' } }, 'maintainer', `/projects/${id}`)
  await world.ask('PUT', `/projects/${id}`, { token: world.token('root'), json: { path: 'sloop' } })
  const subject_token = await world.outsideToken({ repository: 'octo/brig' })
  expect((await world.exchange({ subject_token, audience: 'team/brig' })).status).toBe(400)
  expect((await world.exchange({ subject_token, audience: 'team/sloop' })).status).toBe(200)
})

test('what is given opens nothing of the API', async () => {
  const { body } = await world.exchange({ subject_token: await world.outsideToken() })
  for (const headers of [{ 'PRIVATE-TOKEN': body.access_token }, { Authorization: `Bearer ${body.access_token}` }]) {
    const paths = ['/user', `/projects/${world.shipId}`, `/projects/${world.shipId}/sallyport/trusts/${trustId}`]
    for (const path of paths) expect((await world.ask('GET', path, { headers })).status).toBe(401)
  }
})

test('a trust that is switched off, or whose sponsor is gone, gives nothing', async () => {
  const off = await world.trust({ name: 'off', enabled: false, claims: { repository: 'octo/off' } })
  const refused = await world.exchange({ subject_token: await world.outsideToken({ repository: 'octo/off' }) })
  expect(reasonOf(refused.body.refusal_id)).toContain('trust_withdrawn')
  expect((await world.told(off.id)).refusals[0]?.refusal_id).toBe(refused.body.refusal_id)
})
