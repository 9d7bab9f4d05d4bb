import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { rootToken } from '../support/sallyport.ts'
import { Scene } from './scene.ts'
import { stalledFetch } from './stalled-fetch.ts'

let scene: Scene
let works = 0
const ids: Record<string, number> = {}

/** `works` holds the project in which jobs run; all others stand in `castle`. */
beforeAll(async () => {
  scene = await Scene.open({ workers: 2 })
  works = (await scene.api.make('POST', '/groups', { name: 'works', path: 'works', visibility: 'private' })).id
  for (const name of ['guest', 'reporter', 'developer', 'maintainer', 'owner', 'stranger']) {
    const level = { guest: 10, reporter: 20, developer: 30, maintainer: 40, owner: 50, stranger: 30 }[name]
    await scene.api.make('POST', `/groups/${works}/members`, { user_id: scene.who(name).id, access_level: level })
  }
  ids['mill'] = await scene.project('mill', {}, works)
  for (const name of ['private', 'internal', 'public']) ids[name] = scene.id(name)
  ids['members'] = await scene.project('members', { visibility: 'public', repository_access_level: 'private' })
}, 60_000)

afterAll(() => scene?.[Symbol.asyncDispose]())

interface Lease {
  readonly id: number
  readonly token: string
}

/** A running job of `mill`. Guests and Reporters run none: they lost the role since. */
const job = async (username: string): Promise<Lease> => {
  const { id } = scene.who(username)
  const member = `/groups/${works}/members/${id}`
  const before = (await scene.api.make('GET', member)).access_level
  await scene.api.make('PUT', member, { access_level: 40 })
  const lease = await scene.api.make('POST', `/projects/${ids['mill']}/sallyport/job_leases`, {
    user: username,
    ref: 'main',
    seconds: 3600,
  })
  await scene.api.make('PUT', member, { access_level: before })
  return lease
}

const end = ({ id }: Lease) => scene.api.make('DELETE', `/projects/${ids['mill']}/sallyport/job_leases/${id}`)

const pathOf = (project: string): string => (project === 'mill' ? 'works/mill' : `castle/${project}`)

/** `yes`, or what git was told. */
const asked = async (url: string): Promise<string> => {
  const { code, stderr } = await scene.client.git(['ls-remote', url])
  if (code === 0) return 'yes'
  const told = /^remote: (.*)$/m.exec(stderr)?.[1]
  return told ?? /(Authentication failed|requested URL returned error: \d+|not found)/.exec(stderr)?.[1] ?? stderr
}

const fetched = (project: string, token: string, login = 'gitlab-ci-token') =>
  asked(scene.client.url(pathOf(project), login, token))

const denied = 'You are not allowed to download code from this project.'
const insufficient = (project: string) => `Insufficient permissions to pull from the repository of project #${ids[project]}.`
const notListed = (project: string) => `Authentication by CI/CD job token not allowed from mill to project #${ids[project]}.`
const noLogin = 'HTTP Basic: Access denied.'

const listed = async (project: string, list: 'allowlist' | 'groups_allowlist', target: number, ask: () => Promise<void>) => {
  const path = `/projects/${ids[project]}/job_token_scope/${list}`
  await scene.api.make('POST', path, { [list === 'allowlist' ? 'target_project_id' : 'target_group_id']: target })
  await ask()
  await scene.api.make('DELETE', `${path}/${target}`)
}

describe('a job fetches', () => {
  test.each([
    ['owner', 'yes'],
    ['developer', 'yes'],
    ['reporter', 'yes'],
    ['guest', denied],
  ])('from its own project, as %s: %s', async (username, answer) => {
    expect(await fetched('mill', (await job(username)).token)).toBe(answer)
  })

  test.each([
    ['private', notListed],
    ['internal', () => 'yes'],
    ['public', () => 'yes'],
    ['members', () => denied],
  ] as const)('from another, though it is not listed there: %s', async (project, answer) => {
    for (const username of ['owner', 'stranger']) {
      expect([username, await fetched(project, (await job(username)).token)]).toEqual([username, answer(project)])
    }
  })

  test('from another that lists its project, or a group above that, as its user may there', async () => {
    const tokens = Object.fromEntries(
      await Promise.all(['reporter', 'guest', 'stranger'].map(async (name) => [name, (await job(name)).token])),
    )
    const rights = async () => {
      expect(await fetched('private', tokens['reporter'])).toBe('yes')
      expect(await fetched('private', tokens['guest'])).toBe(denied)
      expect(await fetched('private', tokens['stranger'])).toBe(insufficient('private'))
      expect(await fetched('members', tokens['guest'])).toBe(denied)
    }
    await listed('private', 'allowlist', ids['mill'] ?? 0, rights)
    await listed('private', 'groups_allowlist', works, rights)
    await listed('members', 'groups_allowlist', works, async () => {
      expect(await fetched('members', tokens['guest'])).toBe('yes')
      expect(await fetched('members', tokens['stranger'])).toBe(denied)
    })
    await listed('private', 'allowlist', ids['public'] ?? 0, async () => {
      expect(await fetched('private', tokens['reporter'])).toBe(notListed('private'))
    })
  })

  test('from one that lists nobody and lets everybody in', async () => {
    const { token } = await job('reporter')
    await scene.api.make('PATCH', `/projects/${ids['private']}/job_token_scope`, { enabled: false })
    expect(await fetched('private', token)).toBe('yes')
    await scene.api.make('PATCH', `/projects/${ids['private']}/job_token_scope`, { enabled: true })
    expect(await fetched('private', token)).toBe(notListed('private'))
  })

  test('from none that is not there', async () => {
    expect(await fetched('nowhere', (await job('owner')).token)).toMatch(/could not be found|not found/)
  })

  test('also where git comes by SSH only', async () => {
    const { token } = await job('developer')
    await scene.api.make('PUT', '/application/settings', { enabled_git_access_protocol: 'ssh' })
    const [byJob, byUser] = [await fetched('mill', token), await fetched('mill', scene.who('developer').token, 'x')]
    await scene.api.make('PUT', '/application/settings', { enabled_git_access_protocol: '' })
    expect([byJob, byUser]).toEqual(['yes', 'Git access over HTTP is not allowed'])
  })

  test('with the rights that its user has at that moment', async () => {
    const { token } = await job('reporter')
    const member = `/groups/${works}/members/${scene.who('reporter').id}`
    expect(await fetched('mill', token)).toBe('yes')
    await scene.api.make('PUT', member, { access_level: 10 })
    expect(await fetched('mill', token)).toBe(denied)
    await scene.api.make('DELETE', member)
    expect(await fetched('mill', token)).toBe(insufficient('mill'))
    await scene.api.make('POST', `/groups/${works}/members`, { user_id: scene.who('reporter').id, access_level: 20 })
    await scene.api.make('POST', `/users/${scene.who('reporter').id}/block`)
    expect(await fetched('mill', token)).toContain(noLogin)
    await scene.api.make('POST', `/users/${scene.who('reporter').id}/unblock`)
    expect(await fetched('mill', token)).toBe('yes')
  })

  test('without the power of an administrator', async () => {
    const { id } = await scene.person('second-root', { admin: true })
    await scene.api.make('POST', `/groups/${works}/members`, { user_id: id, access_level: 40 })
    const { token } = await job('second-root')
    expect(await fetched('mill', token)).toBe('yes')
    await scene.api.make('DELETE', `/groups/${works}/members/${id}`)
    expect(await fetched('mill', token)).toBe(insufficient('mill'))
    expect(await fetched('mill', scene.who('second-root').token, 'x')).toBe('yes')
  })
})

describe('a job token is no credential', () => {
  test('with another login, or as Bearer', async () => {
    const { token } = await job('owner')
    for (const login of ['owner', 'oauth2', 'x']) expect(await fetched('mill', token, login)).toContain(noLogin)
    const reply = await fetch(`${scene.server.http}/works/mill.git/info/refs?service=git-upload-pack`, {
      headers: { Authorization: `Bearer ${token}` },
    })
    expect(reply.status).toBe(401)
  })

  test('once its job has ended; and that it was shown then is in log and audit', async () => {
    const lease = await job('owner')
    expect(await fetched('mill', lease.token)).toBe('yes')
    await end(lease)
    const line = scene.server.logged((entry) => entry['meta.refusal_reason'] === 'job_not_running')
    expect(await fetched('mill', lease.token)).toContain(noLogin)
    expect(await line).toMatchObject({ status: 401, 'meta.auth_fail_token_id': `CiJobToken/${lease.id}` })
    await expect
      .poll(async () => {
        const events = await scene.api.make('GET', `/projects/${ids['mill']}/audit_events`)
        return events.map(({ event_name: name, details }: Record<string, { event_name: string }>) => name ?? details?.event_name)
      })
      .toContain('ended_job_token_used')
  })

  test('for a ban: dead ones shut nobody out', async () => {
    const lease = await job('owner')
    await end(lease)
    for (let count = 0; count < 12; count += 1) expect(await fetched('mill', lease.token)).toContain(noLogin)
    expect(await fetched('mill', (await job('owner')).token)).toBe('yes')
    expect(await fetched('mill', scene.who('owner').token, 'x')).toBe('yes')
  })
})

test('the log says which job fetched, and for whom', async () => {
  const lease = await job('developer')
  const line = scene.server.logged((entry) => entry['job_id'] === lease.id)
  await fetched('mill', lease.token)
  expect(await line).toMatchObject({
    status: 200,
    job_user_id: scene.who('developer').id,
    job_project_id: ids['mill'],
    'meta.user': 'developer',
    token_type: 'CiJobToken',
    msg: 'successful job token auth',
  })
})

describe('a job pushes', () => {
  const push = async (project: string, token: string, ref: string): Promise<string> => {
    const directory = await scene.client.repository(`push-${randomBytes(4).toString('hex')}`)
    const url = scene.client.url(pathOf(project), 'gitlab-ci-token', token)
    await scene.client.git(['fetch', '-q', url, 'main'], { cwd: directory })
    await scene.client.git(['reset', '-q', '--hard', 'FETCH_HEAD'], { cwd: directory })
    await writeFile(join(directory, 'made-by-a-job'), ref)
    await scene.client.git(['add', '.'], { cwd: directory })
    await scene.client.commit(directory, 'by a job')
    const { code, stderr } = await scene.client.git(['push', '-q', url, `HEAD:${ref}`], { cwd: directory })
    return code === 0 ? 'yes' : (/^remote: (?:GitLab: )?(.*\w.*)$/m.exec(stderr)?.[1]?.trim() ?? stderr)
  }
  const notAllowed = 'You are not allowed to push code to this project.'

  const letPush = (project: string, allowed: boolean) =>
    scene.api.make('PUT', `/projects/${ids[project]}`, { ci_push_repository_for_job_token_allowed: allowed })

  test('nowhere, until its own project lets it', async () => {
    const { token } = await job('developer')
    expect(await push('mill', token, 'one')).toBe(notAllowed)
    await letPush('mill', true)
    expect(await push('mill', token, 'one')).toBe('yes')
    await letPush('mill', false)
    expect(await push('mill', token, 'two')).toBe(notAllowed)
  })

  test('as its user may, to each branch', async () => {
    await letPush('mill', true)
    const [developer, maintainer, reporter] = [await job('developer'), await job('maintainer'), await job('reporter')]
    expect(await push('mill', reporter.token, 'three')).toBe(notAllowed)
    expect(await push('mill', developer.token, 'main')).toBe(
      'You are not allowed to push code to protected branches on this project.',
    )
    expect(await push('mill', maintainer.token, 'main')).toBe('yes')
    await letPush('mill', false)
  })

  test('never to another project, whatever that allows', async () => {
    const { token } = await job('owner')
    await letPush('private', true)
    await letPush('public', true)
    await listed('private', 'allowlist', ids['mill'] ?? 0, async () => {
      expect(await push('private', token, 'four')).toBe(notAllowed)
    })
    expect(await push('public', token, 'four')).toBe(notAllowed)
    expect(await asked(scene.client.url('works/made', 'gitlab-ci-token', token))).toMatch(/could not be found|not found/)
  })
})

const stall = (secret: string, tip: string): Promise<IncomingMessage> =>
  stalledFetch({ url: `${scene.server.http}/works/heavy.git`, login: 'gitlab-ci-token', secret, want: tip })

test('a job that ends while it clones is cut off within a second, or soon where its time is over', async () => {
  ids['heavy'] = await scene.project('heavy', {}, works)
  const directory = await scene.client.repository('heavy')
  await writeFile(join(directory, 'noise'), randomBytes(24 * 2 ** 20))
  await scene.client.git(['add', '.'], { cwd: directory })
  const tip = await scene.client.commit(directory, 'noise')
  const pushed = await scene.client.git(['push', '-q', scene.client.url('works/heavy', 'root', rootToken), 'HEAD:noise'], {
    cwd: directory,
  })
  expect(pushed).toMatchObject({ code: 0 })
  const leases = `/projects/${ids['heavy']}/sallyport/job_leases`
  const asking = { user: 'owner', ref: 'noise', seconds: 3600 }
  const make = (more: object = {}) => scene.api.make('POST', leases, { ...asking, ...more })
  const [falling, standing, brief] = [await make(), await make(), await make({ seconds: 4 })]
  const overAt = performance.now() + 4_000
  const expiring = await stall(brief.token, tip)
  expect(expiring.statusCode).toBe(200)
  const [cut, whole] = await Promise.all([stall(falling.token, tip), stall(standing.token, tip)])
  expect([cut.statusCode, whole.statusCode]).toEqual([200, 200])
  const closed = new Promise<number>((resolve) => {
    cut.on('error', () => {})
    cut.socket.on('close', () => resolve(performance.now()))
  })
  await scene.api.make('DELETE', `${leases}/${falling.id}`)
  const since = performance.now()
  expect((await closed) - since).toBeLessThan(1000)
  // A sweep comes each second, and a look at what runs each half second.
  await new Promise((resolve) => setTimeout(resolve, overAt + 2_500 - performance.now()))
  await expect(expiring.resume().toArray()).rejects.toThrow('aborted')
  let bytes = 0
  for await (const chunk of whole) bytes += (chunk as Buffer).length
  expect(bytes).toBeGreaterThan(24 * 2 ** 20)
}, 30_000)
