import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Api } from '../support/api.ts'
import { Client, type Ran, run } from '../support/client.ts'
import { type LocalIssuer, openIssuer } from '../support/issuer.ts'
import { rootToken, type Sallyport, startSallyport } from '../support/sallyport.ts'

let server: Sallyport
let issuer: LocalIssuer
let client: Client
let api: Api
let captain: { id: number; token: string }
let projectId = 0
let trustId = 0

const path = 'root/ship'
const claims = { repository: 'octo/ship' }

const terms = () => ({
  name: 'ship',
  issuer: issuer.url,
  audience: 'sallyport',
  claims,
  access_level: 30,
  scopes: ['read_repository', 'write_repository'],
  refs: ['refs/heads/ci/*'],
})

beforeAll(async () => {
  issuer = await openIssuer()
  server = await startSallyport({ workers: 2, env: { SALLYPORT_OUTBOUND_ALLOW: '127.0.0.1' } })
  client = await Client.make(server)
  api = new Api(server.http)
  projectId = (await api.make('POST', '/projects', { path: 'ship' })).id
  const user = {
    username: 'captain',
    name: 'c',
    email: 'c@example.com',
    password: 'correct horse battery',
    skip_confirmation: true,
  }
  const { id } = await api.make('POST', '/users', user)
  const { token } = await api.make('POST', `/users/${id}/personal_access_tokens`, { name: 'api', scopes: ['api'] })
  captain = { id, token }
  await api.make('POST', `/projects/${projectId}/members`, { user_id: id, access_level: 40 })
  const seed = await client.repository('seed')
  await client.git(['push', '-q', client.url(path, 'root', rootToken), 'main'], { cwd: seed })
  trustId = (await api.as(token).make('POST', `/projects/${projectId}/sallyport/trusts`, terms())).id
}, 60_000)

afterAll(async () => {
  await client?.[Symbol.asyncDispose]()
  await server?.[Symbol.asyncDispose]()
  await issuer?.[Symbol.asyncDispose]()
})

const exchange = async (fields: Record<string, string> = {}): Promise<{ access_token: string; refusal_id?: string }> => {
  const body = new URLSearchParams({
    grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
    subject_token: await issuer.token(claims),
    subject_token_type: 'urn:ietf:params:oauth:token-type:id_token',
    audience: path,
    ...fields,
  })
  const response = await fetch(`${server.http}/api/v4/sallyport/token_exchange`, { method: 'POST', body })
  return (await response.json()) as { access_token: string }
}

const certificateFor = async (line: string): Promise<string> => {
  const fields = { requested_token_type: 'urn:sallyport:params:oauth:token-type:ssh-certificate', public_key: line }
  return (await exchange(fields)).access_token
}

const certified = async (name: string): Promise<string> => {
  const { file, line } = await client.key(name)
  await writeFile(`${file}-cert.pub`, `${await certificateFor(line)}\n`)
  return file
}

const fetches = (ran: Ran): boolean => ran.code === 0
const listBy = (secret: string): Promise<Ran> => client.git(['ls-remote', client.url(path, 'ci', secret)])
const listWith = (key: string): Promise<Ran> => client.git(['ls-remote', client.sshUrl(path)], { key })

test('a job of somewhere else clones and pushes over HTTP what the trust names, and nothing else', async () => {
  const { access_token } = await exchange()
  const remote = client.url(path, 'anything', access_token)
  const directory = join(client.directory, 'over-http')
  expect((await client.git(['clone', '-q', remote, directory])).code).toBe(0)
  await client.commit(directory, 'by a job')
  const push = (ref: string) => client.git(['push', 'origin', `HEAD:${ref}`], { cwd: directory })
  expect((await push('refs/heads/ci/1')).code).toBe(0)
  expect((await push('refs/heads/topic')).stderr).toContain('the trust that let you in names others')
  expect((await push('refs/heads/main')).stderr).toContain('the trust that let you in names others')
  const line = await server.logged(
    (one) => one['trust_subject'] !== undefined && one['service'] === 'receive-pack' && one['status'] === 200,
  )
  expect(line).toMatchObject({ trust_id: trustId, trust_issuer: issuer.url, token_kind: 'trust-token' })
})

test('the same over SSH, with a certificate as OpenSSH reads it', async () => {
  const key = await certified('job')
  const shown = await run('ssh-keygen', ['-L', '-f', `${key}-cert.pub`])
  expect(shown.stdout).toMatch(/Type: ssh-ed25519-cert-v01@openssh.com user certificate/)
  expect(shown.stdout).toMatch(/Principals:\s+git\s+Critical Options: \(none\)\s+Extensions: \(none\)/)
  const directory = join(client.directory, 'over-ssh')
  expect((await client.git(['clone', '-q', client.sshUrl(path), directory], { key })).code).toBe(0)
  await client.commit(directory, 'by a job, over SSH')
  expect((await client.git(['push', 'origin', 'HEAD:refs/heads/ci/2'], { cwd: directory, key })).code).toBe(0)
  const refused = await client.git(['push', 'origin', 'HEAD:refs/heads/topic'], { cwd: directory, key })
  expect(refused.stderr).toContain('the trust that let you in names others')
})

describe('who has no such certificate stays out', () => {
  test('the key alone, and another key with the certificate', async () => {
    const key = await certified('alone')
    const [bare, other] = [await client.key('bare'), await client.key('other')]
    await writeFile(`${other.file}-cert.pub`, await readFile(`${key}-cert.pub`))
    for (const { file } of [bare, other]) expect(fetches(await listWith(file))).toBe(false)
  })

  test('a certificate of another authority, for now and for ever', async () => {
    for (const [name, validity] of [
      ['now', '+5m'],
      ['ever', 'always:forever'],
    ] as const) {
      const [authority, key] = [await client.key(`authority-${name}`), await client.key(`by-${name}`)]
      const signing = [
        '-s',
        authority.file,
        '-I',
        'sallyport-trust-1-1',
        '-n',
        'git',
        '-z',
        '1',
        '-V',
        validity,
        `${key.file}.pub`,
      ]
      expect((await run('ssh-keygen', signing)).code).toBe(0)
      expect(fetches(await listWith(key.file))).toBe(false)
    }
    const line = await server.logged((one) => JSON.stringify(one['refused'] ?? '').includes('certificate_of_another_authority'))
    expect(line['msg']).toBe('login refused')
  })
})

test('a trust that is changed ends what it gave at once', async () => {
  const [{ access_token }, key] = [await exchange(), await certified('ended')]
  expect([fetches(await listBy(access_token)), fetches(await listWith(key))]).toEqual([true, true])
  await api.as(captain.token).make('PUT', `/projects/${projectId}/sallyport/trusts/${trustId}`, { life: 120 })
  expect([fetches(await listBy(access_token)), fetches(await listWith(key))]).toEqual([false, false])
})

test('so does its sponsor who is blocked, and nothing more is given', async () => {
  const [{ access_token }, key] = [await exchange(), await certified('orphan')]
  expect([fetches(await listBy(access_token)), fetches(await listWith(key))]).toEqual([true, true])
  await api.make('POST', `/users/${captain.id}/block`)
  expect([fetches(await listBy(access_token)), fetches(await listWith(key))]).toEqual([false, false])
  const refused = await exchange()
  const told = await api.make('GET', `/projects/${projectId}/sallyport/trusts/${trustId}`)
  expect(told.refusals[0]).toMatchObject({ refusal_id: refused.refusal_id, reason: 'trust_withdrawn' })
})
