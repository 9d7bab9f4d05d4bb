/** A git command that stands open over SSH is cut off within a second, and a login that is kept open opens nothing more. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Held, HeldWorld, type Place } from './held.ts'

let world: HeldWorld
const children: ChildProcess[] = []

beforeAll(async () => {
  world = await HeldWorld.open()
})
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL')
  await world?.[Symbol.asyncDispose]()
})

const root = (method: string, path: string, json?: unknown) => world.api.make(method, path, json)

const ends: Readonly<Record<string, (place: Place, held: Held) => Promise<unknown>>> = {
  'the key is removed': ({ user }, { id }) => root('DELETE', `/users/${user}/keys/${id}`),
  'the deploy key is taken away': ({ project }, { id }) => root('DELETE', `/projects/${project}/deploy_keys/${id}`),
  'the trust is deleted': ({ project }, { id }) => root('DELETE', `/projects/${project}/sallyport/trusts/${id}`),
  'the trust is changed': ({ project }, { id }) => root('PUT', `/projects/${project}/sallyport/trusts/${id}`, {}),
  'its user is blocked': ({ user }) => root('POST', `/users/${user}/block`),
  'its user is banned': ({ user }) => root('POST', `/users/${user}/ban`),
  'its user is deactivated': ({ user }) => root('POST', `/users/${user}/deactivate`),
  'its user is deleted': ({ user }) => root('DELETE', `/users/${user}?hard_delete=true`),
  'its user leaves': ({ above, user }) => root('DELETE', `/groups/${above}/members/${user}`),
  'the project is deleted': ({ project }) => root('DELETE', `/projects/${project}`),
  'git over SSH is switched off': () => root('PUT', '/application/settings', { enabled_git_access_protocol: 'http' }),
}

const ofAccounts = [
  'its user is blocked',
  'its user is deactivated',
  'its user is banned',
  'its user is deleted',
  'its user leaves',
]
const everywhere = ['the project is deleted', 'git over SSH is switched off']

const rows = [
  ...['the key is removed', ...ofAccounts, ...everywhere].map((end) => ['key of a user', end] as const),
  ...['the deploy key is taken away', ...everywhere].map((end) => ['deploy key', end] as const),
  ...['the trust is deleted', 'the trust is changed', ...ofAccounts, ...everywhere].map((end) => ['certificate', end] as const),
]

const makers: Readonly<Record<string, (place: Place) => Promise<Held>>> = {
  'key of a user': (place) => world.userKey(place),
  'deploy key': (place) => world.deployKey(place),
  certificate: (place) => world.trusted(place),
}

const ssh = (key: string, ...words: readonly string[]): ChildProcess => {
  const still = [
    '-F',
    '/dev/null',
    '-o',
    'StrictHostKeyChecking=no',
    '-o',
    'UserKnownHostsFile=/dev/null',
    '-o',
    'LogLevel=ERROR',
  ]
  const own = ['-o', 'BatchMode=yes', '-o', 'IdentitiesOnly=yes', '-o', 'IdentityAgent=none', '-i', key]
  const { host, port } = world.server.ssh
  const child = spawn('ssh', [...still, ...own, '-p', String(port), ...words.slice(0, -1), `git@${host}`, ...words.slice(-1)])
  children.push(child)
  return child
}

/** Resolves when the refs were shown: from then on git waits for a client that says nothing. */
const standing = async (key: string, path: string): Promise<ChildProcess> => {
  const child = ssh(key, `git-upload-pack '${path}.git'`)
  if (child.stdout === null) throw new Error('no pipes')
  await once(child.stdout, 'data')
  child.stdout.resume()
  return child
}

/** A login that stays, through which commands go without another one. */
const kept = async (key: string, socket: string): Promise<void> => {
  const child = ssh(key, '-M', '-N', '-S', socket, '')
  const done = (code: number | null): boolean => code === 0
  await expect
    .poll(async () => done((await once(ssh(key, '-S', socket, '-O', 'check', ''), 'close'))[0]), { timeout: 10_000 })
    .toBe(true)
  expect(child.exitCode).toBe(null)
}

const through = async (key: string, socket: string, path: string): Promise<boolean> => {
  const child = ssh(key, '-S', socket, `git-upload-pack '${path}.git'`)
  let said = ''
  child.stdout?.on('data', (bytes: Buffer) => {
    said += bytes.toString('latin1')
  })
  child.stdin?.end('0000')
  await once(child, 'close')
  return said.includes('refs/heads/main')
}

describe.each(rows)('%s: %s', (kind, end) => {
  test('what runs is cut off, and what is kept opens nothing', async () => {
    const place = await world.place()
    const held = await makers[kind]?.(place)
    if (held === undefined) throw new Error(`no maker of a ${kind}`)
    const key = held.key ?? ''
    const socket = join(world.client.directory, `s${place.user}`)
    await kept(key, socket)
    expect(await through(key, socket, place.path)).toBe(true)
    const running = await standing(key, place.path)
    const closed = once(running, 'close').then(() => performance.now())
    await ends[end]?.(place, held)
    const since = performance.now()
    expect(await through(key, socket, place.path)).toBe(false)
    const took = (await closed) - since
    expect(took).toBeLessThan(1_000)
    await root('PUT', '/application/settings', { enabled_git_access_protocol: null })
  })
})
