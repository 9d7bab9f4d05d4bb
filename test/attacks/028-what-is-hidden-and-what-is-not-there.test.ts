/**
 * The attack: somebody asks for projects and groups by guessed names or by counting numbers, on every address that there is,
 * and tells from the answers, or from the time that they take, which are there and hidden from him.
 * What was believed: the same status is the same answer.
 * What holds: nobody in particular, and somebody who is no member, get byte for byte the answer for what does not exist,
 * and the server asks its database as much, no disk and no git. One address tells on purpose, as GitLab's: whether a path
 * is taken (`GET /namespaces/:id/exists`).
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Sent, Wire } from '../support/wire.ts'
import { openGitDoor } from './hidden-git.ts'
import { HiddenScene, places, questionAbout } from './hidden-scene.ts'

let scene: HiddenScene
beforeAll(async () => {
  scene = await HiddenScene.open()
})
afterAll(() => scene?.close())

describe.each(['anonymous', 'stranger'] as const)('%s', (who) => {
  test('asks every route below a project or a group, and is told as much of what is hidden as of what is not there', async () => {
    const token = scene.world.token(who)
    const found: string[] = []
    for (const [at, place] of places.entries()) {
      // Each route by one name; `test/long` asks by all of them.
      const pairs = scene.names[place.place]
      const [hidden, absent] = pairs[at % pairs.length] ?? ['', '']
      found.push(...(await scene.difference(questionAbout(place, token, hidden), questionAbout(place, token, absent))))
    }
    expect(places.length).toBeGreaterThan(150)
    expect(found).toEqual([])
  })

  test.each(['pull', 'pull,push', '*'])('asks for a token for images: %s', async (actions) => {
    const authorization = `Basic ${Buffer.from(`x:${scene.world.token(who)}`).toString('base64')}`
    const tell = async (path: string) => {
      const query = `service=container_registry&scope=repository:${path}:${actions}`
      const answer = await scene.wire.ask('GET', `/jwt/auth?${query}`, who === 'anonymous' ? {} : { headers: { authorization } })
      const [head = '', body = ''] = answer.split('\n\n')
      // Signed anew each time, with a number of its own, and so is the user in it.
      const claims = /"token":"[^."]*\.([^."]*)/.exec(body)?.[1]
      const told =
        claims === undefined
          ? body
          : Buffer.from(claims, 'base64url')
              .toString()
              .replace(/"(?:jti|user)":"[^"]*"/g, '')
      return { head, told }
    }
    const ask = (path: string) => scene.workOf(() => tell(path))
    expect(await ask('vault/gate')).toEqual(await ask('vault/gata'))
    expect(await ask('vault/gate/image')).toEqual(await ask('vaulk/gate/image'))
  })
})

test('who names it from a place of his own learns as little', async () => {
  const { group, project } = scene.mine
  const [hiddenProject = '', absentProject = ''] = scene.names.projects[0] ?? []
  const [hiddenGroup = '', absentGroup = ''] = scene.names.groups[0] ?? []
  const ofGroups: readonly (readonly [string, string, (id: number | string) => object])[] = [
    ['POST', '/projects', (id) => ({ path: 'x', namespace_id: id })],
    ['POST', '/groups', (id) => ({ name: 'x', path: 'x', parent_id: id })],
    ['PUT', `/projects/${project}/transfer`, (id) => ({ namespace: id })],
    ['POST', `/groups/${group}/transfer`, (id) => ({ group_id: id })],
    ['POST', '/user/runners', (id) => ({ runner_type: 'group_type', group_id: id })],
    ['POST', `/projects/${project}/job_token_scope/groups_allowlist`, (id) => ({ target_group_id: id })],
    ['DELETE', `/projects/${project}/job_token_scope/groups_allowlist/:id`, () => ({})],
    ['GET', '/namespaces/x/exists?parent_id=:id', () => ({})],
  ]
  const ofProjects: typeof ofGroups = [
    ['POST', '/user/runners', (id) => ({ runner_type: 'project_type', project_id: id })],
    ['POST', `/projects/${project}/job_token_scope/allowlist`, (id) => ({ target_project_id: id })],
    ['DELETE', `/projects/${project}/job_token_scope/allowlist/:id`, () => ({})],
    ['POST', `/groups/${group}/projects/:id`, () => ({})],
  ]
  const token = scene.world.token('stranger')
  const found: string[] = []
  const compare = async ([method, path, json]: (typeof ofGroups)[number], hidden: string, absent: string) => {
    const question = (id: string) => {
      const number = /^\d+$/.test(id) ? Number(id) : id
      return { method, path: `/api/v4${path.replace(':id', id)}`, token, ...(method !== 'GET' && { json: json(number) }) }
    }
    found.push(...(await scene.difference(question(hidden), question(absent))))
  }
  for (const ask of ofGroups) await compare(ask, hiddenGroup, absentGroup)
  for (const ask of ofProjects) await compare(ask, hiddenProject, absentProject)
  await compare(['PUT', `/projects/${project}/transfer`, (id) => ({ namespace: id })], 'vault', 'vaulk')
  expect(found).toEqual([])
})

describe('over git', () => {
  const type = (service: string) => ({ 'Content-Type': `application/x-git-${service}-request` })
  const fetching = `0032want ${'1'.repeat(40)}\n00000009done\n`
  const pushing = '0000'
  const asks: readonly (readonly [string, string, Sent?])[] = [
    ['GET', '.git/info/refs?service=git-upload-pack'],
    ['GET', '.git/info/refs?service=git-receive-pack'],
    ['GET', '.git/info/refs?service=git-upload-archive'],
    ['GET', '.git/info/refs'],
    ['HEAD', '.git/info/refs?service=git-upload-pack'],
    ['POST', '.git/git-upload-pack', { headers: type('upload-pack'), body: fetching }],
    ['POST', '.git/git-receive-pack', { headers: type('receive-pack'), body: pushing }],
    ['POST', '.git/git-upload-archive', { headers: type('upload-archive'), body: pushing }],
    ['GET', '.git/HEAD'],
    ['GET', '.git/objects/info/packs'],
    ['POST', '.git/info/lfs/objects/batch', { headers: { 'Content-Type': 'application/vnd.git-lfs+json' }, body: '{}' }],
    ['GET', '.git/info/lfs/locks'],
    ['PUT', '.git/gitlab-lfs/objects/1/2'],
    ['GET', '/info/refs?service=git-upload-pack'],
    ['GET', '/-/archive/main/gate.tar.gz'],
    ['GET', '.git'],
    ['GET', ''],
  ]
  const basic = (secret: string) => ({ Authorization: `Basic ${Buffer.from(`x:${secret}`).toString('base64')}` })
  const callers: readonly (readonly [string, () => Record<string, string>])[] = [
    ['nobody', () => ({})],
    ['a stranger', () => basic(scene.world.token('stranger') ?? '')],
    ['a wrong token', () => basic('glpat-0123456789abcdefghij')],
  ]

  test.each(callers)('%s is told as much of what is hidden, without a look at the disk', async (_who, credential) => {
    const door = await openGitDoor(scene.world)
    const wire = new Wire(door.url)
    const headers = credential()
    const ask = async (project: string, [method, path, sent = {}]: (typeof asks)[number]) => {
      const whole = { ...sent, headers: { ...sent.headers, ...headers } }
      const { told, work } = await scene.workOf(() => wire.ask(method, `/${project}${path}`, whole))
      // A redirect repeats the name that it was asked for.
      return { told: told.replace(/(gat|onc)a\.git/, '$1e.git'), work }
    }
    // Whose push was denied is looked up for the audit once the answer is out, and once for many times.
    for (const project of ['vault/gate', 'vault/once', 'vault/gata']) for (const question of asks) await ask(project, question)
    await scene.world.parts.activity.trail.settled()
    for (const question of asks) {
      const hidden = await ask('vault/gate', question)
      for (const absent of ['vault/gata', 'vaulk/gate'])
        expect([question, await ask(absent, question)]).toEqual([question, hidden])
      expect(await ask('vault/once', question)).toEqual(await ask('vault/onca', question))
    }
    expect(door.looks()).toBe(0)
    wire.close()
    await door.close()
  })
})
