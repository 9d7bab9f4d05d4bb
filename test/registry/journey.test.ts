import { createSecretKey, generateKeyPairSync } from 'node:crypto'
import { join } from 'node:path'
import { decodeJwt, decodeProtectedHeader, SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { toPem } from '../../src/registry/certificate.ts'
import { KeptRegistryKeys, registryKeyFrom } from '../../src/registry/keys.ts'
import { signRegistryToken } from '../../src/registry/sign.ts'
import { sallyport } from '../cli/command-line.ts'
import { freeAddress, type Login, Registry, Skopeo } from '../support/registry.ts'
import { RegistryStage } from './stage.ts'

let address: string
let stage: RegistryStage
let registry: Registry
let skopeo: Skopeo
let image: string
let developer: Login

beforeAll(async () => {
  address = await freeAddress()
  stage = await RegistryStage.open(address)
  const { stdout } = await sallyport(['registry', 'config', '--home', stage.server.home, '--url', stage.server.http])
  registry = await Registry.start(address, stdout)
  skopeo = await Skopeo.make(address)
  image = await skopeo.image()
  developer = ['any', stage.who('developer').token]
})

afterAll(async () => {
  await skopeo?.[Symbol.asyncDispose]()
  await registry?.[Symbol.asyncDispose]()
  await stage?.[Symbol.asyncDispose]()
})

const good = { code: 0, stderr: '' }

describe('skopeo and the real registry', () => {
  test('log in, and are told of a wrong token', async () => {
    expect(await skopeo.login(['any', stage.who('stranger').token])).toMatchObject({ code: 0, stdout: 'Login Succeeded!\n' })
    expect((await skopeo.login(['any', 'glpat-wrongwrongwrongwrong'])).stderr).toContain('invalid username/password')
  })

  test('push and pull, and whoever may not is told', async () => {
    expect(await skopeo.push(image, 'castle/private/web:1', developer)).toMatchObject(good)
    expect(
      await skopeo.pull(
        'castle/private/web:1',
        await stage.deployToken(`projects/${stage.projects.get('private')}`, ['read_registry']),
      ),
    ).toMatchObject(good)
    const refused = await skopeo.push(image, 'castle/private/web:2', ['any', stage.who('reporter').token])
    expect(refused.code).not.toBe(0)
    expect(refused.stderr).toContain('requested access to the resource is denied')
  })

  test('an exchange of keys is no outage, and the registry did not have to be asked', async () => {
    const rotate = ['registry', 'rotate', '--home', stage.server.home, '--registry', address, '--url', stage.server.http]
    const rotated = await sallyport(rotate)
    expect(rotated).toMatchObject({ code: 0, stderr: '' })
    expect(rotated.stdout).toContain(`give the registry ${join(stage.server.home, 'keys', 'registry_bundle.pem')}`)
    expect(await skopeo.pull('castle/private/web:1', developer)).toMatchObject(good)
    const tooSoon = await sallyport(rotate)
    expect([tooSoon.code, tooSoon.stderr]).toEqual([1, expect.stringContaining('does not know the next key yet')])
    await registry.restart()
    expect(await skopeo.pull('castle/private/web:1', developer)).toMatchObject(good)
    const events = await stage.api.make('GET', '/audit_events?per_page=100')
    expect(events.map(({ event_name }: { event_name: string }) => event_name)).toContain('registry_key_exchanged')
  })
})

/** One upload by hand, with a token for each of its steps. */
describe('an upload that outlives its token', () => {
  const life = 300
  const access = [{ type: 'repository', name: 'castle/private/slow', actions: ['pull', 'push'] }]

  /** @param age in seconds; below zero where the clock of the registry is behind */
  const tokenOf = (age: number): Promise<string> =>
    signRegistryToken(new KeptRegistryKeys(join(stage.server.home, 'keys')), {
      issuer: stage.server.http,
      subject: 'developer',
      authType: 'personal_access_token',
      holder: undefined,
      access,
      now: Date.now() - age * 1_000,
      life,
    })

  const send = async (token: string, method: string, url: string, body?: string) => {
    const response = await fetch(new URL(url, `http://${address}`), {
      method,
      headers: { Authorization: `Bearer ${token}`, ...(body !== undefined && { 'Content-Type': 'application/octet-stream' }) },
      ...(body !== undefined && { body }),
    })
    await response.body?.cancel()
    return response
  }

  test('goes on with the next one', async () => {
    const begun = await send(await tokenOf(0), 'POST', '/v2/castle/private/slow/blobs/uploads/')
    expect(begun.status).toBe(202)
    const where = begun.headers.get('location') ?? ''
    expect((await send(await tokenOf(life + 70), 'PATCH', where, 'half')).status).toBe(401)
    const sent = await send(await tokenOf(0), 'PATCH', where, 'half')
    expect(sent.status).toBe(202)
    const next = await send(await tokenOf(0), 'GET', sent.headers.get('location') ?? '')
    expect(next.headers.get('range')).toBe('0-3')
  })

  test.each([
    ['two minutes behind', -120, 202],
    ['two minutes ahead, near the end of what clients are told', life - 60 - 5 + 120, 202],
    ['ten minutes behind', -600, 401],
    ['ten minutes ahead', 600, 401],
  ])('a registry whose clock is %s', async (_name, age, expected) => {
    expect((await send(await tokenOf(age), 'POST', '/v2/castle/private/slow/blobs/uploads/')).status).toBe(expected)
  })
})

describe('what the registry does not believe', () => {
  const whole = 'repository:castle/private/web:pull,push'
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const stranger = registryKeyFrom(privateKey.export({ type: 'pkcs8', format: 'pem' }).toString())

  const read = async (token: string): Promise<number> => {
    const response = await fetch(`http://${address}/v2/castle/private/web/tags/list`, {
      headers: { Authorization: `Bearer ${token}` },
    })
    await response.body?.cancel()
    return response.status
  }

  const good = async (): Promise<string> => (await stage.ask(developer, { scopes: [whole] })).body.token
  const encoded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')

  const forged: Record<string, (token: string) => Promise<string> | string> = {
    'no signature at all': (token) => `${encoded({ alg: 'none' })}.${token.split('.')[1]}.`,
    'the signature left out': (token) => `${token.split('.').slice(0, 2).join('.')}.`,
    'a certificate as the secret of HS256': async (token) => {
      const { x5c = [] } = decodeProtectedHeader(token)
      const secret = createSecretKey(Buffer.from(toPem(Buffer.from(x5c[0] ?? '', 'base64'))))
      return new SignJWT(decodeJwt(token)).setProtectedHeader({ alg: 'HS256', x5c }).sign(secret)
    },
    'a key of its own, with its own certificate': (token) =>
      new SignJWT(decodeJwt(token)).setProtectedHeader({ alg: 'RS256', x5c: [stranger.certificate] }).sign(stranger.key),
    'a key of its own, with our certificate': (token) =>
      new SignJWT(decodeJwt(token)).setProtectedHeader({ ...decodeProtectedHeader(token), alg: 'RS256' }).sign(stranger.key),
    'a key of its own, under our name of a key': (token) =>
      new SignJWT(decodeJwt(token))
        .setProtectedHeader({ alg: 'RS256', kid: decodeProtectedHeader(token).kid ?? '' })
        .sign(stranger.key),
    'more rights under the same signature': (token) => {
      const [header, payload = '', signature] = token.split('.')
      const claims = JSON.parse(Buffer.from(payload, 'base64url').toString())
      return [header, encoded({ ...claims, access: [{ ...claims.access[0], actions: ['*'] }] }), signature].join('.')
    },
    'the token about the user, which lies in it': (token) => String(decodeJwt(token)['user']),
    'an access token of ours': () => stage.who('developer').token,
  }

  test('a token for something else, while ours is good', async () => {
    expect(await read(await good())).toBe(200)
    expect(await read((await stage.ask(developer, { scopes: ['repository:castle/public:pull'] })).body.token)).toBe(401)
  })

  test.each(Object.keys(forged))('%s', async (name) => {
    const token = await forged[name]?.(await good())
    expect(await read(token ?? '')).toBe(401)
  })
})
