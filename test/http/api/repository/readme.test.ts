import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Scene } from '../../../journeys/scene.ts'

/** Projects that are born with a README, over the real server. */
let scene: Scene
beforeAll(async () => {
  scene = await Scene.open()
})
afterAll(() => scene?.[Symbol.asyncDispose]())

const make = (fields: Record<string, unknown>) =>
  scene.api
    .as(scene.who('maintainer').token)
    .call('POST', '/projects', { namespace_id: scene.groupId, initialize_with_readme: true, ...fields })

const clone = async (path: string, who = 'maintainer') => {
  const at = join(scene.client.directory, path.replaceAll('/', '-'))
  const url = scene.client.url(path, who, scene.who(who).token)
  expect(await scene.client.git(['clone', '-q', url, at])).toMatchObject({ code: 0 })
  return at
}

describe('a project with a README', () => {
  test('has one commit of its maker, and a default branch', async () => {
    const reply = await make({ name: 'Born Full', description: 'What it is for.' })
    expect(reply).toMatchObject({ status: 201, body: { default_branch: 'main', empty_repo: false } })
    const { id } = reply.body
    const at = await clone('castle/born-full')
    const readme = readFileSync(join(at, 'README.md'), 'utf8')
    expect(readme).toMatch(/^# Born Full\n\nWhat it is for\.\n\n## /)
    expect(readme).toContain(`git clone ${scene.server.http}/castle/born-full.git`)
    expect(readdirSync(at).sort()).toEqual(['.git', 'README.md'])
    const { stdout } = await scene.client.git(['log', '--format=%an|%ae|%cn|%s|%D'], { cwd: at })
    expect(stdout.trim()).toBe(
      'maintainer|maintainer@example.com|maintainer|Initial commit|HEAD -> main, origin/main, origin/HEAD',
    )
    const commits = await scene.api.call('GET', `/projects/${id}/repository/commits`)
    expect(commits.body).toMatchObject([{ title: 'Initial commit', author_name: 'maintainer', parent_ids: [] }])
  })

  test('has its default branch protected as after a first push', async () => {
    const { id } = (await make({ path: 'guarded' })).body
    const rules = await scene.api.call('GET', `/projects/${id}/protected_branches`)
    expect(rules.body).toMatchObject([
      {
        name: 'main',
        push_access_levels: [{ access_level: 40 }],
        merge_access_levels: [{ access_level: 40 }],
        allow_force_push: false,
      },
    ])
    const pushed = await scene.api.call('GET', `/projects/${scene.id('private')}/protected_branches`)
    const plain = (body: unknown) => JSON.stringify(body).replaceAll(/"id":\d+/g, '"id":0')
    expect(plain(rules.body)).toBe(plain(pushed.body))
  })

  test('takes pushes from then on', async () => {
    await make({ path: 'lives-on' })
    const at = await clone('castle/lives-on')
    await scene.client.git(['commit', '-q', '--allow-empty', '-m', 'next'], { cwd: at })
    expect(await scene.client.git(['push', '-q', 'origin', 'main'], { cwd: at })).toMatchObject({ code: 0 })
    const developer = scene.client.url('castle/lives-on', 'developer', scene.who('developer').token)
    const refused = await scene.client.git(['push', developer, 'HEAD~1:refs/heads/main', '--force'], { cwd: at })
    expect(refused.code).toBe(1)
    expect(refused.stderr).toContain('pre-receive hook declined')
  })

  test('begins on the branch that is asked for', async () => {
    const reply = await make({ path: 'elsewhere', default_branch: 'trunk/main' })
    expect(reply.body).toMatchObject({ default_branch: 'trunk/main', empty_repo: false })
    const at = await clone('castle/elsewhere')
    expect((await scene.client.git(['branch', '--show-current'], { cwd: at })).stdout.trim()).toBe('trunk/main')
  })

  test('is of the user for whom an administrator makes it', async () => {
    const user = scene.who('stranger')
    const reply = await scene.api.call('POST', `/projects/user/${user.id}`, { path: 'given', initialize_with_readme: 'true' })
    expect(reply.status).toBe(201)
    const at = await clone('stranger/given', 'stranger')
    expect((await scene.client.git(['log', '--format=%an'], { cwd: at })).stdout.trim()).toBe('stranger')
  })

  test.each([['a'.repeat(40)], ['a..b'], ['refs/heads/x'], ['x.lock'], ['ä'.repeat(126)]])(
    'is not made where its branch cannot be: %s',
    async (default_branch) => {
      expect(await make({ path: 'never', default_branch })).toMatchObject({
        status: 400,
        body: { message: { default_branch: ['is invalid'] } },
      })
      expect((await scene.api.call('GET', '/projects/castle%2Fnever')).status).toBe(404)
    },
  )
})

test('without a README the project stays empty, whatever branch it names', async () => {
  const reply = await make({ path: 'empty', initialize_with_readme: false, default_branch: 'trunk' })
  expect(reply).toMatchObject({ status: 201, body: { default_branch: 'trunk', empty_repo: true } })
  const { id } = reply.body
  expect((await scene.api.call('GET', `/projects/${id}/protected_branches`)).body).toEqual([])
})

test.each(['import_url', 'template_name'])('%s stays refused', async (name) => {
  expect(await make({ path: 'never', [name]: 'https://example.com/x.git' })).toMatchObject({
    status: 400,
    body: { message: expect.stringContaining(`${name} is not supported yet`) },
  })
})
