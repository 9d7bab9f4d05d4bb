import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { password, Scene } from './scene.ts'

let scene: Scene

beforeAll(async () => {
  scene = await Scene.open()
}, 120_000)

afterAll(() => scene?.[Symbol.asyncDispose]())

const set = (settings: Record<string, unknown>) => scene.api.make('PUT', '/application/settings', settings)

const overHttp = async (project: string, secret: string, login = 'any'): Promise<[number, string]> => {
  const response = await scene.infoRefs(`castle/${project}`, 'upload-pack', { login, secret })
  return [response.status, (await response.text()).trim()]
}

const overSsh = async (project: string, key: string): Promise<string> => {
  const { stdout, stderr } = await scene.client.ssh(key, [`git-upload-pack 'castle/${project}.git'`])
  return stdout.includes('refs/heads/main') ? 'yes' : stderr
}

describe('an instance may close a door of git', () => {
  test('HTTP: the next request is refused, SSH goes on', async () => {
    const { token, key } = scene.who('developer')
    await set({ enabled_git_access_protocol: 'ssh' })
    expect(await overHttp('public', token)).toEqual([403, 'Git access over HTTP is not allowed'])
    expect((await scene.infoRefs('castle/public', 'upload-pack')).status).toBe(401)
    expect(await overSsh('public', key)).toBe('yes')
    await set({ enabled_git_access_protocol: 'all' })
    expect((await overHttp('public', token))[0]).toBe(200)
  })

  test('SSH: HTTP goes on', async () => {
    const { token, key } = scene.who('developer')
    await set({ enabled_git_access_protocol: 'http' })
    expect(await overSsh('public', key)).toContain('remote: ERROR: Git access over SSH is not allowed')
    expect((await overHttp('public', token))[0]).toBe(200)
    await set({ enabled_git_access_protocol: null })
    expect(await overSsh('public', key)).toBe('yes')
  })
})

test('passwords may be switched off for git; tokens go on', async () => {
  const { token, username } = scene.who('developer')
  expect((await overHttp('private', password, username))[0]).toBe(200)
  await set({ password_authentication_enabled_for_git: false })
  const refused = await scene.infoRefs('castle/private', 'upload-pack', { login: username, secret: password })
  expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([401, null])
  expect((await overHttp('private', token, username))[0]).toBe(200)
  await set({ password_authentication_enabled_for_git: true })
  expect((await overHttp('private', password, username))[0]).toBe(200)
})

test('a token without a prefix works over git', async () => {
  await set({ personal_access_token_prefix: '' })
  const { token } = await scene.token(scene.who('developer').id, ['read_repository'])
  expect(token).not.toMatch(/^glpat-/)
  expect((await overHttp('private', token))[0]).toBe(200)
  await set({ personal_access_token_prefix: 'glpat-' })
})

describe('a membership with an end', () => {
  const day = (from: number): string => new Date(Date.now() + from * 86_400_000).toISOString().slice(0, 10)

  test('admits over both doors and the API until its day, and not on it', async () => {
    const { id, token, key } = await scene.person('seasonal')
    const place = `/groups/${scene.groupId}/members`
    await scene.api.make('POST', place, { user_id: id, access_level: 30, expires_at: day(2) })
    const asSeasonal = scene.api.as(token)
    const project = `/projects/${scene.id('private')}`
    expect((await overHttp('private', token))[0]).toBe(200)
    expect(await overSsh('private', key)).toBe('yes')
    expect((await asSeasonal.call('GET', project)).status).toBe(200)
    await scene.api.make('PUT', `${place}/${id}`, { access_level: 30, expires_at: day(0) })
    expect((await overHttp('private', token))[0]).toBe(404)
    expect(await overSsh('private', key)).toContain('could not be found')
    expect((await asSeasonal.call('GET', project)).status).toBe(404)
    expect((await scene.api.call('GET', `${place}/${id}`)).status).toBe(404)
  })
})

describe('a group’s own protection of default branches', () => {
  test('guards the first push, and what it makes', async () => {
    const group = await scene.api.make('POST', '/groups', {
      name: 'forced',
      path: 'forced',
      default_branch_protection_defaults: {
        allowed_to_push: [{ access_level: 30 }],
        allow_force_push: true,
        allowed_to_merge: [{ access_level: 40 }],
      },
    })
    const project = await scene.project('guarded', {}, group.id)
    expect(await scene.api.make('GET', `/projects/${project}/protected_branches/main`)).toMatchObject({
      allow_force_push: true,
      push_access_levels: [{ access_level: 30 }],
      merge_access_levels: [{ access_level: 40 }],
    })
  })

  test('"no one" keeps Maintainers out of a protected default branch', async () => {
    const nobody = { allowed_to_push: [{ access_level: 0 }] }
    const group = await scene.api.make('POST', '/groups', {
      name: 'shut',
      path: 'shut',
      default_branch_protection_defaults: nobody,
    })
    const project = await scene.project('shut-off', {}, group.id)
    expect(await scene.api.make('GET', `/projects/${project}/protected_branches/main`)).toMatchObject({
      push_access_levels: [{ access_level: 0 }],
    })
  })
})

test('an archived group takes no push, and takes them again', async () => {
  await scene.api.make('POST', `/groups/${scene.groupId}/archive`)
  const { token } = scene.who('maintainer')
  const push = async () => {
    const response = await scene.infoRefs('castle/private', 'receive-pack', { login: 'any', secret: token })
    return [response.status, (await response.text()).trim()]
  }
  expect(await push()).toEqual([403, "You can't push code to an archived project."])
  await scene.api.make('POST', `/groups/${scene.groupId}/unarchive`)
  expect((await push())[0]).toBe(200)
})
