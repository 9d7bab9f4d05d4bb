import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Scene } from '../journeys/scene.ts'
import { run } from '../support/client.ts'
import { rootToken } from '../support/sallyport.ts'

let scene: Scene
let project: number
let directory: string

const configuration = `stages: [build, test]
build:
  stage: build
  script: [echo built]
test:
  stage: test
  script: [echo tested]
  rules:
    - if: $CI_COMMIT_BRANCH
`

const git = async (...words: string[]): Promise<string> => {
  const { code, stdout, stderr } = await run('git', words, { cwd: directory, env: { HOME: scene.client.directory } })
  if (code !== 0) throw new Error(`git ${words.join(' ')}: ${stderr}`)
  return stdout.trim()
}

const call = (method: string, path: string, body?: unknown, token: string | undefined = rootToken) =>
  scene.api.as(token).call(method, `/projects/${project}${path}`, body)

let serial = 0

const commit = async (message: string, text = configuration): Promise<string> => {
  serial += 1
  await writeFile(join(directory, 'count.txt'), `${serial}`)
  await writeFile(join(directory, '.gitlab-ci.yml'), text)
  await git('add', '-A')
  await git('commit', '-q', '-m', message)
  return git('rev-parse', 'HEAD')
}

/** The pipelines of a commit as soon as there is one: they are made after the push was answered. */
const pipelinesOf = async (sha: string) => {
  for (let tries = 0; tries < 100; tries += 1) {
    const { body } = await call('GET', `/pipelines?sha=${sha}`)
    if (body.length > 0) return body
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error(`there is no pipeline of ${sha}`)
}

const jobsOf = async (id: number) => {
  const { body } = await call('GET', `/pipelines/${id}/jobs`)
  return body.map((job: { name: string; status: string }) => `${job.name} ${job.status}`).sort()
}

const pipelineRefs = async (): Promise<string[]> =>
  (await git('ls-remote', 'origin', 'refs/pipelines/*')).split('\n').filter((line) => line !== '')

beforeAll(async () => {
  scene = await Scene.open()
  project = (await scene.api.make('POST', '/projects', { path: 'ci', namespace_id: scene.groupId, visibility: 'private' })).id
  directory = join(scene.client.directory, 'ci')
  await run('git', ['init', '-q', '-b', 'main', directory], { env: { HOME: scene.client.directory } })
  await git('remote', 'add', 'origin', scene.client.url('castle/ci', 'root', rootToken))
}, 60_000)

afterAll(() => scene?.[Symbol.asyncDispose]())

describe('what is pushed', () => {
  test('gets a pipeline with the jobs that its configuration says', async () => {
    const sha = await commit('first')
    await git('push', '-q', 'origin', 'main')
    const [pipeline] = await pipelinesOf(sha)
    expect(pipeline).toMatchObject({ iid: 1, sha, ref: 'main', source: 'push', status: 'pending' })
    expect(await jobsOf(pipeline.id)).toEqual(['build pending', 'test created'])
    const { body } = await call('GET', `/pipelines/${pipeline.id}`)
    expect(body).toMatchObject({ before_sha: '0'.repeat(40), tag: false, yaml_errors: null, user: { username: 'root' } })
  })

  test('has a ref by which runners fetch, until it ends', async () => {
    const sha = await commit('fetched')
    await git('push', '-q', 'origin', 'main')
    const [{ id }] = await pipelinesOf(sha)
    await git('fetch', '-q', 'origin', `+refs/pipelines/${id}:refs/pipelines/${id}`)
    expect(await git('rev-parse', `refs/pipelines/${id}`)).toBe(sha)
    expect((await call('POST', `/pipelines/${id}/cancel`)).body.status).toBe('canceled')
    expect((await pipelineRefs()).some((line) => line.endsWith(`/${id}`))).toBe(false)
    expect((await call('POST', `/pipelines/${id}/retry`)).body.status).toBe('pending')
    expect((await pipelineRefs()).some((line) => line.endsWith(`/${id}`))).toBe(true)
  })

  test('a tag too, by its own rules', async () => {
    const sha = await commit('tagged')
    await git('tag', '-a', 'v1', '-m', 'one')
    await git('push', '-q', 'origin', 'v1')
    const [pipeline] = await pipelinesOf(sha)
    expect(pipeline).toMatchObject({ ref: 'v1', sha })
    expect(await jobsOf(pipeline.id)).toEqual(['build pending'])
  })

  test.each([
    ['by its message', 'no [skip ci] here', []],
    ['by an option of the push', 'here', ['-o', 'ci.skip']],
  ])('is skipped %s', async (_name, message, options) => {
    const sha = await commit(message)
    await git('push', '-q', ...options, 'origin', 'main')
    const [pipeline] = await pipelinesOf(sha)
    expect(pipeline.status).toBe('skipped')
    expect(await jobsOf(pipeline.id)).toEqual([])
  })

  test('gives its pipeline variables', async () => {
    const sha = await commit('with words')
    await git('push', '-q', '-o', 'ci.variable=COLOUR=deep = red', 'origin', 'main')
    const [pipeline] = await pipelinesOf(sha)
    const { body } = await call('GET', `/pipelines/${pipeline.id}/variables`)
    expect(body).toEqual([{ key: 'COLOUR', value: 'deep = red', variable_type: 'env_var', raw: false }])
  })

  test('shows no masked value in the name of its pipeline', async () => {
    const value = 'never-shown-1234'
    await call('POST', '/variables', { key: 'QUIET', value, masked: true })
    const words = 'x'.repeat(245)
    for (const [name, shown] of [
      ['build $QUIET now', 'build [MASKED] now'],
      ['ends with never', 'ends with never'],
      [`${words}$QUIET`, `${words}[MASKED]`],
    ]) {
      const sha = await commit('named', `workflow:\n  name: ${name}\n${configuration}`)
      await git('push', '-q', 'origin', 'main')
      const [pipeline] = await pipelinesOf(sha)
      expect(pipeline.name).toBe(shown)
    }
    await call('DELETE', '/variables/QUIET')
  })

  test('with a broken configuration leaves a failed pipeline that says why, and lands', async () => {
    const sha = await commit('broken', 'build: [')
    await git('push', '-q', 'origin', 'main')
    const [pipeline] = await pipelinesOf(sha)
    expect(pipeline.status).toBe('failed')
    const { body } = await call('GET', `/pipelines/${pipeline.id}`)
    expect(body.yaml_errors).toEqual(expect.any(String))
    expect((await git('ls-remote', 'origin', 'refs/heads/main')).startsWith(sha)).toBe(true)
  })

  test('a branch that the API makes gets one', async () => {
    const sha = await commit('for a branch')
    await git('push', '-q', '-o', 'ci.skip', 'origin', 'main')
    await pipelinesOf(sha)
    await call('POST', '/repository/branches', { branch: 'other', ref: 'main' })
    for (let tries = 0; tries < 100; tries += 1) {
      const { body } = await call('GET', '/pipelines?ref=other')
      if (body.length === 0) await new Promise((resolve) => setTimeout(resolve, 50))
      else {
        expect(body).toMatchObject([{ ref: 'other', source: 'push', sha }])
        return
      }
    }
    throw new Error('there is none')
  })
})

describe('a pipeline by the API', () => {
  test('runs for a Developer where the branch is free, with variables', async () => {
    await git('checkout', '-q', '-b', 'free')
    await commit('free')
    await git('push', '-q', '-o', 'ci.skip', 'origin', 'free')
    const { token } = scene.who('developer')
    const variables = [{ key: 'A', value: '1' }]
    const made = await call('POST', '/pipeline', { ref: 'free', variables }, token)
    expect([made.status, made.body.source, made.body.status]).toEqual([201, 'api', 'pending'])
    expect(await jobsOf(made.body.id)).toEqual(['build pending', 'test created'])
  })

  const protectedText =
    "You do not have sufficient permission to run a pipeline on 'main'. Please select a different branch or contact your administrator for assistance."
  test.each([
    ['developer', { ref: 'nowhere' }, 400, { base: ['Reference not found'] }],
    ['developer', { ref: 'main', variables: [{ key: 'a b', value: '1' }] }, 400, expect.anything()],
    ['reporter', { ref: 'free' }, 403, '403 Forbidden'],
    ['stranger', { ref: 'free' }, 404, '404 Project Not Found'],
  ])('is refused: %s asks for %o', async (who, body, status, message) => {
    const answer = await call('POST', '/pipeline', body, scene.who(who).token)
    expect([answer.status, answer.body.message]).toEqual([status, message])
  })

  test('does not run for a Developer where only Maintainers push and merge', async () => {
    await call('DELETE', '/protected_branches/main')
    await call('POST', '/protected_branches', { name: 'main', push_access_level: 40, merge_access_level: 40 })
    const answer = await call('POST', '/pipeline', { ref: 'main' }, scene.who('developer').token)
    expect([answer.status, answer.body.message]).toEqual([400, { base: [protectedText] }])
  })

  test('says what is missing or filtered out', async () => {
    await git('checkout', '-q', '-b', 'odd')
    await commit('none of them', 'build:\n  script: [a]\n  rules: [{ when: never }]\n')
    await git('push', '-q', 'origin', 'odd')
    const empty = await call('POST', '/pipeline', { ref: 'odd' })
    expect(empty.body.message.base[0]).toMatch(/^Pipeline will not run for the selected trigger/)
    await git('rm', '-q', '-f', '.gitlab-ci.yml')
    await git('commit', '-q', '-m', 'no file')
    await git('push', '-q', 'origin', 'odd')
    const missing = await call('POST', '/pipeline', { ref: 'odd' })
    expect([missing.status, missing.body.message]).toEqual([400, { base: ['Missing CI config file'] }])
    expect((await call('GET', '/pipelines?ref=odd')).body).toEqual([])
  })
})

describe('a trigger', () => {
  const fire = (path: string, body: unknown, headers: Record<string, string> = {}) =>
    fetch(`${scene.server.http}/api/v4/projects/${project}${path}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', ...headers },
      body: JSON.stringify(body),
    }).then(async (response) => ({ status: response.status, body: JSON.parse(await response.text()) }))

  let token: string
  beforeAll(async () => {
    token = (await call('POST', '/triggers', { description: 't' }, scene.who('maintainer').token)).body.token
  })

  test('runs a pipeline as its owner, with its payload but not its token', async () => {
    const shown = { private_token: rootToken, access_token: rootToken, bearer_token: rootToken, job_token: token }
    const made = await fire('/trigger/pipeline', { token, ...shown, ref: 'free', variables: { COLOUR: 'red' } })
    expect([made.status, made.body.source, made.body.user.username]).toEqual([201, 'trigger', 'maintainer'])
    const { body } = await call('GET', `/pipelines/${made.body.id}/variables`)
    expect(body.map(({ key, variable_type }: { key: string; variable_type: string }) => [key, variable_type])).toEqual([
      ['COLOUR', 'env_var'],
      ['TRIGGER_PAYLOAD', 'file'],
    ])
    expect(JSON.parse(body[1].value)).toMatchObject({ ref: 'free', variables: { COLOUR: 'red' } })
    for (const secret of [token, rootToken]) expect(body[1].value).not.toContain(secret)
    const [known] = (await call('GET', '/triggers')).body
    expect(known.last_used).toEqual(expect.any(String))
  })

  describe('of a job', () => {
    const lease = async (user: string) => (await call('POST', '/sallyport/job_leases', { ref: 'free', seconds: 600, user })).body

    test('starts a pipeline as the user of the job, while it runs', async () => {
      const { token: jobToken, id } = await lease('developer')
      const made = await fire('/trigger/pipeline', { token: jobToken, ref: 'free' })
      expect([made.status, made.body.source, made.body.user.username]).toEqual([201, 'pipeline', 'developer'])
      await call('DELETE', `/sallyport/job_leases/${id}`)
      const late = await fire('/trigger/pipeline', { token: jobToken, ref: 'free' })
      expect(late).toEqual({ status: 401, body: { message: 'Job is not running' } })
    })

    test('finds no other project that does not let it in', async () => {
      const { token: jobToken } = await lease('developer')
      const other = scene.projects.get('private')
      const response = await fetch(`${scene.server.http}/api/v4/projects/${other}/trigger/pipeline`, {
        method: 'POST',
        body: new URLSearchParams({ token: jobToken, ref: 'main' }),
      })
      expect(response.status).toBe(404)
    })
  })

  test('takes the ref of the path first', async () => {
    const made = await fire('/ref/free/trigger/pipeline', { token, ref: 'nowhere' })
    expect([made.status, made.body.ref]).toEqual([201, 'free'])
  })

  test.each<[string, object, Record<string, string>, number, object]>([
    ['no token', { ref: 'free' }, {}, 400, { error: 'token is missing' }],
    ['no ref', { token: ':token' }, {}, 400, { error: 'ref is missing' }],
    ['another token', { token: 'glptt-nothing', ref: 'free' }, {}, 404, { message: '404 Not Found' }],
    ['the token of no job', { token: 'glcbt-64_nothing', ref: 'free' }, {}, 404, { message: '404 Not Found' }],
    ['no such ref', { token: ':token', ref: 'nowhere' }, {}, 400, { message: { base: ['Reference not found'] } }],
    ['variables that are none', { token: ':token', ref: 'free', variables: 'x' }, {}, 400, { error: 'variables is invalid' }],
    ['a webhook', { token: ':token', ref: 'free' }, { 'X-Gitlab-Event': 'Pipeline Hook' }, 403, { message: '403 Forbidden' }],
  ])('is refused: %s', async (_name, body, headers, status, said) => {
    const filled = Object.fromEntries(Object.entries(body).map(([key, value]) => [key, value === ':token' ? token : value]))
    expect(await fire('/trigger/pipeline', filled, headers)).toEqual({ status, body: said })
  })

  test('acts with what its owner may do now', async () => {
    const { id } = scene.who('maintainer')
    await scene.api.call('POST', `/users/${id}/block`)
    const refused = await fire('/trigger/pipeline', { token, ref: 'free' })
    await scene.api.call('POST', `/users/${id}/unblock`)
    expect(refused).toMatchObject({
      status: 400,
      body: { message: { base: ['Insufficient permissions to create a new pipeline'] } },
    })
  })
})

describe('jobs', () => {
  const first = async (scope: string) => (await call('GET', `/jobs?scope[]=${scope}`)).body[0]

  test('are listed by status, and one is shown', async () => {
    const job = await first('pending')
    expect(job).toMatchObject({ name: 'build', status: 'pending', pipeline: { project_id: project } })
    expect((await call('GET', `/jobs/${job.id}`)).body).toMatchObject({ id: job.id, allow_failure: false })
    expect((await call('GET', '/jobs/999999')).status).toBe(404)
    expect((await call('GET', '/jobs?scope[]=odd')).status).toBe(400)
  })

  test('are canceled, run again and erased', async () => {
    const job = await first('pending')
    expect((await call('POST', `/jobs/${job.id}/erase`)).body.message).toBe('403 Forbidden - Job is not erasable!')
    expect((await call('POST', `/jobs/${job.id}/cancel`)).body.status).toBe('canceled')
    const again = await call('POST', `/jobs/${job.id}/retry`)
    expect([again.status, again.body.status]).toEqual([201, 'pending'])
    expect((await call('POST', `/jobs/${job.id}/retry`)).body.message).toBe('403 Forbidden - Job is not retryable')
    expect((await call('POST', `/jobs/${job.id}/erase`)).body.erased_at).toEqual(expect.any(String))
    expect((await call('POST', `/jobs/${job.id}/play`)).body.message).toBe('400 Bad request - Unplayable Job')
  })

  test('are shown to members below Reporter while they are public', async () => {
    const { token } = scene.who('guest')
    expect((await call('GET', '/pipelines', undefined, token)).status).toBe(200)
    expect((await call('GET', '/pipelines', undefined, scene.who('stranger').token)).status).toBe(404)
  })

  test('are deleted with their pipeline by an Owner alone', async () => {
    const { pipeline } = await first('pending')
    expect((await call('DELETE', `/pipelines/${pipeline.id}`, undefined, scene.who('maintainer').token)).status).toBe(403)
    expect((await call('DELETE', `/pipelines/${pipeline.id}`)).status).toBe(204)
    expect((await call('GET', `/pipelines/${pipeline.id}`)).status).toBe(404)
  })
})

describe('whoever pushes', () => {
  /** What is due is made in turn: once this one has its pipeline, all before it have theirs, or get none. */
  const pushAfterwards = async (): Promise<void> => {
    const marker = await commit('afterwards')
    await git('push', '-q', '-f', 'origin', 'HEAD:refs/heads/afterwards')
    await pipelinesOf(marker)
  }
  const usersOf = async (sha: string): Promise<string[]> => {
    const { body } = await call('GET', `/pipelines?sha=${sha}`)
    const shown = await Promise.all(body.map(({ id }: { id: number }) => call('GET', `/pipelines/${id}`)))
    return shown.map(({ body: pipeline }) => pipeline.user.username)
  }

  test.each([
    ['a Developer', 30, ['keeper30']],
    ['a Guest', 10, []],
  ])('by a deploy key that is of %s now', async (_who, level, users) => {
    const keeper = await scene.person(`keeper${level}`)
    const members = `/projects/${project}/members`
    await scene.api.make('POST', members, { user_id: keeper.id, access_level: 40 })
    const { file, line } = await scene.client.key(`robot${level}`)
    await scene.api.as(keeper.token).make('POST', `/projects/${project}/deploy_keys`, { title: 'k', key: line, can_push: true })
    await scene.api.make('PUT', `${members}/${keeper.id}`, { access_level: level })
    const sha = await commit(`by the key of ${level}`)
    const address = scene.client.sshUrl('castle/ci')
    const pushed = await scene.client.git(['push', '-q', address, `HEAD:refs/heads/key-${level}`], { cwd: directory, key: file })
    expect(pushed.stderr).toBe('')
    await pushAfterwards()
    expect(await usersOf(sha)).toEqual(users)
  })

  test('a job starts none', async () => {
    await scene.api.make('PUT', `/projects/${project}`, { ci_push_repository_for_job_token_allowed: true })
    const lease = { ref: 'free', seconds: 600, user: 'developer' }
    const { token } = (await call('POST', '/sallyport/job_leases', lease)).body
    const sha = await commit('by a job')
    await git('push', '-q', scene.client.url('castle/ci', 'gitlab-ci-token', token), 'HEAD:refs/heads/by-job')
    expect((await git('ls-remote', 'origin', 'refs/heads/by-job')).startsWith(sha)).toBe(true)
    await pushAfterwards()
    expect(await usersOf(sha)).toEqual([])
  })

  test('nobody starts one where there are no jobs', async () => {
    await scene.api.make('PUT', `/projects/${project}`, { builds_access_level: 'disabled' })
    const sha = await commit('without jobs')
    await git('push', '-q', '-f', 'origin', 'HEAD:refs/heads/quiet')
    const refused = await call('POST', '/pipeline', { ref: 'quiet' })
    await new Promise((resolve) => setTimeout(resolve, 500))
    await scene.api.make('PUT', `/projects/${project}`, { builds_access_level: 'enabled' })
    expect(refused).toMatchObject({ status: 400, body: { message: { base: ['Pipelines are disabled!'] } } })
    await pushAfterwards()
    expect(await usersOf(sha)).toEqual([])
  })
})

describe('where nothing may run', () => {
  test.each([
    ['a project that is archived', () => call('POST', '/archive'), () => call('POST', '/unarchive')],
    [
      'a user who is blocked since',
      () => scene.api.call('POST', `/users/${scene.who('developer').id}/block`),
      () => scene.api.call('POST', `/users/${scene.who('developer').id}/unblock`),
    ],
  ])('%s', async (_name, close, open) => {
    await close()
    const refused = await call('POST', '/pipeline', { ref: 'free' }, scene.who('developer').token)
    await open()
    expect([400, 403]).toContain(refused.status)
    expect((await call('POST', '/pipeline', { ref: 'free' }, scene.who('developer').token)).status).toBe(201)
  })

  test('a project whose group is archived runs no job again', async () => {
    const [job] = (await call('GET', '/jobs')).body
    await scene.api.call('POST', `/groups/${scene.groupId}/archive`)
    const refused = await call('POST', `/jobs/${job.id}/cancel`)
    await scene.api.call('POST', `/groups/${scene.groupId}/unarchive`)
    expect(refused.status).toBe(403)
  })

  test('a push of five branches makes four pipelines', async () => {
    const sha = await commit('many')
    const names = ['m1', 'm2', 'm3', 'm4', 'm5']
    await git('push', '-q', 'origin', ...names.map((name) => `HEAD:refs/heads/${name}`))
    const marker = await commit('after the many')
    await git('push', '-q', 'origin', 'HEAD:refs/heads/m6')
    await pipelinesOf(marker)
    expect((await pipelinesOf(sha)).length).toBe(4)
  })

  test('a branch that is deleted', async () => {
    await git('push', '-q', 'origin', ':refs/heads/m1')
    const { body } = await call('GET', '/pipelines?ref=m1')
    expect(body.length).toBe(1)
  })
})
