import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openCode } from '../repository/code-scene.ts'
import { startWorld, type Who, type World } from '../world.ts'

let world: World
let path: string

beforeAll(async () => {
  world = await startWorld()
  path = `/projects/${await world.project('app')}/ci/lint`
})
afterAll(() => world.close())

const lint = (content: string, ways = {}, who: Who = 'developer') =>
  world.ask<Record<string, unknown>>('POST', path, { token: world.token(who), json: { content, ...ways } })

describe('lint of a text', () => {
  test('tells what is merged and which jobs there are', async () => {
    const reply = await lint('.b: { script: x }\na: { extends: .b, only: [tags] }', { include_jobs: true })
    expect(reply).toMatchObject({
      status: 200,
      body: { valid: true, errors: [], warnings: [], includes: [], jobs: [{ name: 'a', stage: 'test', script: ['x'] }] },
    })
    expect(reply.body['merged_yaml']).toContain('a:\n  script: x\n')
  })

  test('tells what is wrong', async () => {
    expect(await lint('a: { script: x, needs: [b] }')).toMatchObject({
      status: 200,
      body: { valid: false, errors: ['a job: undefined need: b'] },
    })
    expect(await lint('a: [')).toMatchObject({ status: 200, body: { valid: false, merged_yaml: null } })
  })

  test('plays a pipeline only on what is there', async () => {
    expect(await lint('a: { script: x }', { dry_run: true, ref: 'main' })).toMatchObject({
      body: { valid: false, errors: ['Reference not found'] },
    })
  })

  test.each([
    ['anonymous', 401],
    ['stranger', 404],
    ['reporter', 403],
    ['developer', 200],
  ] as const)('by %s: %i', async (who, status) => {
    expect((await lint('a: { script: x }', {}, who)).status).toBe(status)
  })
})

describe('lint of a commit', () => {
  const ask = (query = '', who: Who = 'developer') => world.ask('GET', `${path}${query}`, { token: world.token(who) })

  test('needs one', async () => {
    expect(await ask()).toMatchObject({ status: 404, body: { message: '404 Repository Not Found' } })
    expect(await ask('?sha=a&content_ref=b')).toMatchObject({ status: 400 })
    expect((await ask('', 'anonymous')).status).toBe(401)
  })
})

test('rules are asked where a pipeline is played', async () => {
  const { scene, project } = await openCode()
  await using _ = scene
  const content = 'a: { script: x, rules: [{ if: $CI_COMMIT_BRANCH == "ahead" }] }'
  const ask = (json: Record<string, unknown>) => scene.api.call('POST', `/projects/${project}/ci/lint`, { content, ...json })
  expect(await ask({})).toMatchObject({ status: 200, body: { valid: true } })
  expect(await ask({ dry_run: true, ref: 'main' })).toMatchObject({ status: 200, body: { valid: false } })
  expect(await ask({ dry_run: true, ref: 'ahead' })).toMatchObject({ status: 200, body: { valid: true } })
  const included = { content: 'include: lib/none.yml', include_jobs: true }
  expect(await ask(included)).toMatchObject({ body: { errors: ['Local file `lib/none.yml` does not exist!'] } })
  const commit = await scene.api.call('GET', `/projects/${project}/ci/lint?content_ref=main`)
  expect(commit).toMatchObject({ status: 200, body: { errors: ['Please provide content of .gitlab-ci.yml'] } })
})

describe('a pipeline that is only played', () => {
  const content = 'a: { script: x, rules: [{ if: $SECRET =~ /^s3/ }, { if: $OPEN =~ /^o/ }] }'

  test('tells nobody of variables that a real one would not give', async () => {
    const { scene, project } = await openCode()
    await using _ = scene
    for (const [key, value, isProtected] of [
      ['SECRET', 's3cret', true],
      ['OPEN', 'open', false],
    ] as const) {
      await scene.api.make('POST', `/projects/${project}/variables`, { key, value, protected: isProtected })
    }
    await scene.api.make('PUT', `/projects/${project}`, { visibility: 'public' })
    const path = `/projects/${project}/ci/lint`
    const [developer, reporter] = [scene.api.as(scene.who('developer').token), scene.api.as(scene.who('reporter').token)]
    const protectedRef =
      "You do not have sufficient permission to run a pipeline on 'main'. Please select a different branch or contact your administrator for assistance."
    const noPipeline = 'Insufficient permissions to create a new pipeline'
    const played = { content, dry_run: true }
    for (const ref of [undefined, 'main']) {
      expect(await developer.call('POST', path, { ...played, ref })).toMatchObject({
        body: { valid: false, errors: [protectedRef] },
      })
    }
    expect(await developer.call('POST', path, { ...played, ref: 'ahead' })).toMatchObject({ body: { valid: true } })
    expect(await developer.call('GET', `${path}?dry_run=true`)).toMatchObject({ body: { errors: [protectedRef] } })
    expect(await reporter.call('GET', `${path}?dry_run=true&dry_run_ref=ahead`)).toMatchObject({ body: { errors: [noPipeline] } })
    expect(await scene.api.as(undefined).call('GET', `${path}?dry_run=true&dry_run_ref=ahead`)).toMatchObject({ status: 401 })
  })

  test('runs on a branch or a tag, and on no commit', async () => {
    const { scene, project, ids } = await openCode()
    await using _ = scene
    for (const ref of [ids.first, 'HEAD', 'refs/heads/ahead']) {
      const reply = await scene.api.call('POST', `/projects/${project}/ci/lint`, {
        content: 'a: { script: x }',
        dry_run: true,
        ref,
      })
      expect(reply).toMatchObject({ status: 200, body: { valid: false, errors: ['Reference not found'] } })
    }
  })
})
