import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { accountSentence, sentenceOf } from '../../src/access/refuse.ts'
import type { AccessReason } from '../../src/core/refusal.ts'
import { Scene } from './scene.ts'

let scene: Scene
let keys: Record<string, string>

beforeAll(async () => {
  scene = await Scene.open()
  await scene.project('archived', { visibility: 'public' })
  await scene.api.make('POST', `/projects/${scene.id('archived')}/archive`)
  await scene.project('members-only', { visibility: 'public', repository_access_level: 'private' })
  await scene.project('switched-off', { visibility: 'public', repository_access_level: 'disabled' }).catch(() => {})
  for (const [name, id] of Object.entries({ blocked: 0, deactivated: 0 })) {
    const person = await scene.person(name)
    await scene.api.make('POST', `/groups/${scene.groupId}/members`, { user_id: person.id, access_level: 40 + id })
    await scene.api.make('POST', `/users/${person.id}/${name === 'blocked' ? 'block' : 'deactivate'}`)
  }
  keys = await deployKeys()
})

afterAll(() => scene?.[Symbol.asyncDispose]())

const deployKeys = async (): Promise<Record<string, string>> => {
  const reader = await scene.client.key('reading')
  const writer = await scene.client.key('writing')
  const open = await scene.client.key('nowhere-else')
  const make = (project: string, line: string, can_push: boolean) =>
    scene.api.make('POST', `/projects/${scene.id(project)}/deploy_keys`, { title: 'ci', key: line, can_push })
  await make('private', reader.line, false)
  await make('private', writer.line, true)
  await make('members-only', open.line, false)
  return { reading: reader.file, writing: writer.file, 'of another project': open.file }
}

interface Row {
  readonly who: string
  readonly project: string
  readonly pull: AccessReason | 'yes'
  readonly push: AccessReason | 'yes'
}

const rows: Row[] = [
  { who: 'guest', project: 'private', pull: 'download_denied', push: 'push_denied' },
  { who: 'planner', project: 'private', pull: 'download_denied', push: 'push_denied' },
  { who: 'reporter', project: 'private', pull: 'yes', push: 'push_denied' },
  { who: 'developer', project: 'private', pull: 'yes', push: 'yes' },
  { who: 'maintainer', project: 'private', pull: 'yes', push: 'yes' },
  { who: 'owner', project: 'private', pull: 'yes', push: 'yes' },
  { who: 'stranger', project: 'private', pull: 'project_invisible', push: 'project_invisible' },
  { who: 'external', project: 'private', pull: 'project_invisible', push: 'project_invisible' },
  { who: 'guest', project: 'internal', pull: 'yes', push: 'push_denied' },
  { who: 'stranger', project: 'internal', pull: 'yes', push: 'push_denied' },
  { who: 'external', project: 'internal', pull: 'project_invisible', push: 'project_invisible' },
  { who: 'stranger', project: 'public', pull: 'yes', push: 'push_denied' },
  { who: 'external', project: 'public', pull: 'yes', push: 'push_denied' },
  { who: 'stranger', project: 'no-such-project', pull: 'project_absent', push: 'project_absent' },
  { who: 'maintainer', project: 'archived', pull: 'yes', push: 'project_archived' },
  { who: 'stranger', project: 'archived', pull: 'yes', push: 'project_archived' },
  { who: 'stranger', project: 'members-only', pull: 'download_denied', push: 'push_denied' },
  { who: 'guest', project: 'members-only', pull: 'yes', push: 'push_denied' },
  { who: 'reporter', project: 'members-only', pull: 'yes', push: 'push_denied' },
  { who: 'owner', project: 'switched-off', pull: 'download_denied', push: 'push_denied' },
  { who: 'deactivated', project: 'private', pull: 'user_deactivated', push: 'user_deactivated' },
]

const asks = rows.flatMap(({ who, project, pull, push }) => [
  { who, project, service: 'upload-pack', gives: pull },
  { who, project, service: 'receive-pack', gives: push },
])

const textOf = (reason: AccessReason): string => accountSentence(reason, scene.server.http)

const status = (reason: AccessReason): number => (reason.startsWith('project_') && reason !== 'project_archived' ? 404 : 403)

describe('over HTTP, with a personal access token', () => {
  test.each(asks)('$who asks $service of $project → $gives', async ({ who, project, service, gives }) => {
    const response = await scene.infoRefs(`castle/${project}`, service, { login: 'any', secret: scene.who(who).token })
    const body = await response.text()
    if (gives === 'yes') {
      expect([response.status, body]).toEqual([200, expect.stringContaining(`# service=git-${service}`)])
    } else {
      expect([response.status, body.trim()]).toEqual([status(gives), textOf(gives)])
      expect(response.headers.get('content-type')).toMatch(/^text\/plain/)
    }
  })

  test.each(['upload-pack', 'receive-pack'])('a blocked user is refused as a bad credential (%s)', async (service) => {
    const response = await scene.infoRefs('castle/private', service, { login: 'any', secret: scene.who('blocked').token })
    expect(response.status).toBe(401)
    expect(await response.text()).toMatch(/^HTTP Basic: Access denied\./)
    expect(response.headers.get('www-authenticate')).toBe('Basic realm="GitLab"')
  })

  test.each([
    ['public', 'upload-pack', 200],
    ['public', 'receive-pack', 401],
    ['internal', 'upload-pack', 401],
    ['private', 'upload-pack', 401],
    ['no-such-project', 'upload-pack', 401],
    ['members-only', 'upload-pack', 401],
    ['switched-off', 'upload-pack', 401],
    ['archived', 'upload-pack', 200],
    ['archived', 'receive-pack', 401],
  ])('nobody in particular asks %s for %s → %i', async (project, service, expected) => {
    const response = await scene.infoRefs(`castle/${project}`, service)
    await response.body?.cancel()
    expect(response.status).toBe(expected)
  })

  test('what is hidden and what does not exist answer nobody alike', async () => {
    const [hidden, absent] = await Promise.all([
      scene.infoRefs('castle/private', 'upload-pack'),
      scene.infoRefs('castle/no-such-project', 'upload-pack'),
    ])
    expect(await hidden.text()).toBe(await absent.text())
  })
})

/** Asks git's program over SSH and hangs up. */
const askSsh = (key: string, service: string, project: string) =>
  scene.client.ssh(key, [`git-${service} 'castle/${project}.git'`])

describe('over SSH, with the user’s key', () => {
  test.each(asks)('$who asks $service of $project → $gives', async ({ who, project, service, gives }) => {
    const { code, stdout, stderr } = await askSsh(scene.who(who).key, service, project)
    if (gives === 'yes') expect(stdout).toMatch(/refs\/heads\/main/)
    else {
      expect(stderr).toContain(`remote: ERROR: ${textOf(gives)}`)
      expect([code, stdout]).toEqual([1, ''])
    }
  })

  test('a blocked user is told so', async () => {
    const { code, stderr } = await askSsh(scene.who('blocked').key, 'upload-pack', 'private')
    expect(stderr).toContain('remote: ERROR: Your account has been blocked.')
    expect(code).toBe(1)
  })
})

describe('over SSH, with a deploy key', () => {
  test.each([
    ['reading', 'upload-pack', 'private', 'yes'],
    ['reading', 'receive-pack', 'private', 'key_read_only'],
    ['writing', 'receive-pack', 'private', 'yes'],
    ['of another project', 'upload-pack', 'private', 'project_invisible'],
    ['of another project', 'upload-pack', 'internal', 'project_invisible'],
    ['of another project', 'upload-pack', 'public', 'yes'],
    ['of another project', 'receive-pack', 'public', 'key_read_only'],
    ['of another project', 'upload-pack', 'members-only', 'yes'],
  ] as const)('the key %s asks %s of %s → %s', async (name, service, project, gives) => {
    const { stdout, stderr } = await askSsh(keys[name] ?? '', service, project)
    if (gives === 'yes') expect(stdout).toMatch(/refs\/heads\/main/)
    else expect(stderr).toContain(`remote: ERROR: ${sentenceOf(gives)}`)
  })
})

test('both doors log the same reason for the same refusal', async () => {
  await askSsh(scene.who('guest').key, 'upload-pack', 'private')
  const reasons = scene.server.log
    .filter((line) => line['meta.refusal_reason'] === 'download_denied' && JSON.stringify(line).includes('castle/private'))
    .map((line) => JSON.stringify(line).includes('remote_ip'))
  expect(reasons.length).toBeGreaterThanOrEqual(2)
  expect(reasons).not.toContain(false)
})
