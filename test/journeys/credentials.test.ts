import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { rootPassword, rootToken } from '../support/sallyport.ts'
import { password, Scene } from './scene.ts'

let scene: Scene
const secrets: Record<string, string> = {}

beforeAll(async () => {
  scene = await Scene.open()
  await scene.project('elsewhere', { visibility: 'private' }, await otherGroup())
  await scene.project('elsewhere-public', { visibility: 'public' }, scene.projects.get('other-group'))
  await makePersonal()
  await makeBots()
  await makeServiceAccounts()
  await makeSealed()
  await makeDeployTokens()
})

afterAll(() => scene?.[Symbol.asyncDispose]())

const otherGroup = async (): Promise<number> => {
  const group = await scene.api.make('POST', '/groups', { name: 'other', path: 'other', visibility: 'public' })
  scene.projects.set('other-group', group.id)
  return group.id
}

const makePersonal = async (): Promise<void> => {
  const { id } = scene.who('developer')
  for (const scope of ['read_api', 'read_repository', 'write_repository', 'read_user', 'self_rotate']) {
    secrets[scope] = (await scene.token(id, [scope])).token
  }
  secrets['expired'] = (await scene.token(id, ['api'], { expires_at: '2020-01-01' })).token
  const revoked = await scene.token(id, ['api'])
  await scene.api.make('DELETE', `/personal_access_tokens/${revoked.id}`)
  secrets['revoked'] = revoked.token
  const borrowed = await scene.api.make('POST', `/users/${id}/impersonation_tokens`, { name: 'borrowed', scopes: ['api'] })
  secrets['impersonation'] = borrowed.token
  secrets['personal'] = scene.who('developer').token
  secrets['of a guest'] = scene.who('guest').token
}

const makeBots = async (): Promise<void> => {
  const fields = { name: 'bot', scopes: ['write_repository'], access_level: 30 }
  secrets['project bot'] = (await scene.api.make('POST', `/projects/${scene.id('private')}/access_tokens`, fields)).token
  secrets['group bot'] = (await scene.api.make('POST', `/groups/${scene.groupId}/access_tokens`, fields)).token
}

/** One of the group, which is a Developer in it, and one of the instance, which is a member of nothing. */
const makeServiceAccounts = async (): Promise<void> => {
  const fields = { name: 'service', scopes: ['write_repository'] }
  const path = `/groups/${scene.groupId}/service_accounts`
  const { id } = await scene.api.make('POST', path)
  await scene.api.make('POST', `/groups/${scene.groupId}/members`, { user_id: id, access_level: 30 })
  secrets['service account'] = (await scene.api.make('POST', `${path}/${id}/personal_access_tokens`, fields)).token
  const idle = await scene.api.make('POST', '/service_accounts')
  secrets['idle service account'] = (await scene.token(idle.id, ['write_repository'])).token
}

const makeSealed = async (): Promise<void> => {
  const { token } = await scene.api.make('POST', `/projects/${scene.id('private')}/triggers`, { description: 'nightly' })
  secrets['trigger'] = token
  secrets['feed'] = (await scene.api.make('GET', '/sallyport/user/feed_token')).token
  secrets['incoming email'] = (await scene.api.make('GET', '/sallyport/user/incoming_email_token')).token
}

const makeDeployTokens = async (): Promise<void> => {
  const make = async (owner: string, fields: Record<string, unknown>) =>
    (await scene.api.make('POST', `/${owner}/deploy_tokens`, { name: 'deploy', scopes: ['read_repository'], ...fields })).token
  const own = `projects/${scene.id('private')}`
  secrets['project deploy'] = await make(own, { username: 'deployer' })
  secrets['group deploy'] = await make(`groups/${scene.groupId}`, { username: 'deployer' })
  secrets['deploy elsewhere'] = await make(`projects/${scene.id('elsewhere')}`, { username: 'deployer' })
  secrets['registry deploy'] = await make(own, { username: 'deployer', scopes: ['read_registry'] })
  secrets['expired deploy'] = await make(own, { username: 'deployer', expires_at: '2020-01-01T00:00:00Z' })
}

/** [what is shown, login, project, status of a pull, status of a push] */
const rows: [string, string, string, number, number][] = [
  ['personal', 'developer', 'castle/private', 200, 200],
  ['personal', 'someone-else', 'castle/private', 200, 200],
  ['personal', '', 'castle/private', 200, 200],
  ['personal', 'gitlab-ci-token', 'castle/private', 200, 200],
  ['personal', 'any', 'nowhere/absent', 404, 404],
  ['personal', 'any', 'other/elsewhere', 404, 404],
  ['read_api', 'any', 'castle/private', 200, 403],
  ['read_repository', 'any', 'castle/private', 200, 403],
  ['write_repository', 'any', 'castle/private', 200, 200],
  ['read_user', 'any', 'castle/private', 403, 403],
  ['read_user', 'any', 'nowhere/absent', 403, 403],
  ['self_rotate', 'any', 'castle/private', 403, 403],
  ['read_repository', 'any', 'nowhere/absent', 404, 403],
  ['expired', 'any', 'castle/private', 401, 401],
  ['expired', 'any', 'castle/public', 401, 401],
  ['revoked', 'any', 'castle/private', 401, 401],
  ['revoked', 'any', 'castle/public', 401, 401],
  ['impersonation', 'any', 'castle/private', 200, 200],
  ['of a guest', 'any', 'castle/private', 403, 403],
  ['project bot', 'any', 'castle/private', 200, 200],
  ['project bot', 'any', 'castle/internal', 200, 403],
  ['project bot', 'any', 'other/elsewhere', 401, 401],
  ['project bot', 'any', 'other/elsewhere-public', 200, 403],
  ['project bot', 'any', 'nowhere/absent', 404, 404],
  ['group bot', 'any', 'castle/private', 200, 200],
  ['group bot', 'any', 'other/elsewhere', 401, 401],
  ['service account', 'any', 'castle/private', 200, 200],
  ['service account', 'any', 'other/elsewhere', 401, 401],
  ['service account', 'any', 'nowhere/absent', 404, 404],
  ['idle service account', 'any', 'castle/private', 401, 401],
  ['idle service account', 'any', 'castle/internal', 401, 401],
  ['idle service account', 'any', 'castle/public', 200, 403],
  ['trigger', 'root', 'castle/public', 401, 401],
  ['feed', 'root', 'castle/public', 401, 401],
  ['incoming email', 'root', 'castle/public', 401, 401],
  ['project deploy', 'deployer', 'castle/private', 200, 403],
  ['project deploy', 'Deployer', 'castle/private', 401, 401],
  ['project deploy', 'developer', 'castle/private', 401, 401],
  ['project deploy', 'deployer', 'castle/internal', 401, 401],
  ['project deploy', 'deployer', 'castle/public', 401, 401],
  ['project deploy', 'deployer', 'nowhere/absent', 404, 403],
  ['group deploy', 'deployer', 'castle/private', 200, 403],
  ['group deploy', 'deployer', 'castle/internal', 200, 403],
  ['group deploy', 'deployer', 'other/elsewhere', 401, 401],
  ['deploy elsewhere', 'deployer', 'castle/private', 401, 401],
  ['registry deploy', 'deployer', 'castle/private', 401, 401],
  ['expired deploy', 'deployer', 'castle/private', 401, 401],
]

describe('a Basic pair', () => {
  test.each(rows)('%s as %j at %s → pull %i, push %i', async (shown, login, project, pull, push) => {
    const credentials = { login, secret: secrets[shown] ?? '' }
    const answers = await Promise.all(
      ['upload-pack', 'receive-pack'].map((service) => scene.infoRefs(project, service, credentials)),
    )
    await Promise.all(answers.map((answer) => answer.body?.cancel()))
    expect(answers.map((answer) => answer.status)).toEqual([pull, push])
  })

  test.each([
    ['developer', password, 200],
    ['DEVELOPER', password, 200],
    ['developer@example.com', password, 200],
    ['Developer@Example.com', password, 200],
    ['developer', 'wrong', 401],
    ['nobody', password, 401],
    ['root', rootPassword, 200],
    ['stranger', password, 404],
  ])('the password of %s (%s) → %i', async (login, secret, expected) => {
    const response = await scene.infoRefs('castle/private', 'upload-pack', { login, secret })
    await response.body?.cancel()
    expect(response.status).toBe(expected)
  })

  test('a token of each kind with one character changed is refused', async () => {
    for (const kind of ['personal', 'impersonation', 'project bot', 'group bot', 'project deploy']) {
      const good = secrets[kind] ?? ''
      const last = good.at(-1) === 'A' ? 'B' : 'A'
      const response = await scene.infoRefs('castle/private', 'upload-pack', {
        login: 'deployer',
        secret: good.slice(0, -1) + last,
      })
      await response.body?.cancel()
      expect([kind, response.status]).toEqual([kind, 401])
    }
  })

  test('a token as Bearer needs no login', async () => {
    const ask = (authorization: string) =>
      fetch(`${scene.server.http}/castle/private.git/info/refs?service=git-upload-pack`, {
        headers: { Authorization: authorization },
      })
    const [good, deploy] = await Promise.all([ask(`Bearer ${rootToken}`), ask(`Bearer ${secrets['project deploy']}`)])
    await Promise.all([good.body?.cancel(), deploy.body?.cancel()])
    expect([good.status, deploy.status]).toEqual([200, 401])
  })

  test('an empty password, then the right one, ends well', async () => {
    const url = scene.client.url('castle/private')
    const first = await scene.infoRefs('castle/private', 'upload-pack', { login: 'developer', secret: '' })
    await first.body?.cancel()
    expect(first.status).toBe(401)
    const { code } = await scene.client.git(['ls-remote', url.replace('://', `://developer:${encodeURIComponent(password)}@`)])
    expect(code).toBe(0)
  })
})

describe('real git', () => {
  test.each(['personal', 'impersonation', 'project bot', 'group bot', 'project deploy', 'group deploy', 'read_repository'])(
    'clones with %s',
    async (kind) => {
      const url = scene.client.url('castle/private', 'deployer', secrets[kind])
      const { code, stderr } = await scene.client.git(['clone', '-q', url, `clone of ${kind}`])
      expect([code, stderr]).toEqual([0, ''])
    },
  )

  test.each(['personal', 'impersonation', 'project bot', 'group bot', 'service account', 'write_repository'])(
    'pushes with %s',
    async (kind) => {
      const directory = await scene.client.repository(`push of ${kind}`)
      const url = scene.client.url('castle/private', 'any', secrets[kind])
      const { code, stderr } = await scene.client.git(['push', '-q', url, `HEAD:refs/heads/by-${kind.replace(' ', '-')}`], {
        cwd: directory,
      })
      expect([code, stderr]).toEqual([0, ''])
    },
  )

  test('is told why a deploy token cannot push', async () => {
    const directory = await scene.client.repository('push of deploy')
    const { code, stderr } = await scene.client.git(
      ['push', scene.client.url('castle/private', 'deployer', secrets['project deploy']), 'HEAD:x'],
      { cwd: directory },
    )
    expect(code).not.toBe(0)
    expect(stderr).toContain('remote: You are not allowed to upload code.')
  })

  test('is told nothing more than "access denied" about an expired token', async () => {
    const { code, stderr } = await scene.client.git(['ls-remote', scene.client.url('castle/private', 'any', secrets['expired'])])
    expect(code).not.toBe(0)
    expect(stderr).toContain('remote: HTTP Basic: Access denied.')
    expect(stderr).toContain('Authentication failed')
  })
})

test('the log names the reason and the token of a refusal, and no log line holds a secret', async () => {
  const line = await scene.server.logged((entry) => entry['meta.auth_fail_reason'] === 'token_expired')
  expect(line['meta.auth_fail_token_id']).toMatch(/^PersonalAccessToken\/\d+$/)
  const everything = JSON.stringify(scene.server.log)
  for (const secret of [...Object.values(secrets), password, rootToken, rootPassword]) expect(everything).not.toContain(secret)
})
