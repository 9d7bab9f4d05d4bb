import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { UserId } from '../../src/core/ids.ts'
import { ruleVariables } from '../../src/pipelines/predefined.ts'
import { planned } from '../store/ci/planned.ts'
import { type Scene, sha, startScene } from './handing-out.ts'

let scene: Scene

beforeAll(async () => {
  scene = await startScene({ registry: 'registry.example.org:5000' })
})
afterAll(() => scene.world.close())

const options = planned('x').options

const keep = async (home: string, key: string, value: string, fields: object = {}): Promise<void> => {
  const reply = await scene.world.ask('POST', `${home}/variables`, {
    token: scene.world.token('root'),
    json: { key, value, ...fields },
  })
  if (reply.status !== 201) throw new Error(JSON.stringify(reply.body))
}

const inProject = (key: string, value: string, fields: object = {}) => keep(`/projects/${scene.project}`, key, value, fields)
const inGroup = (key: string, value: string, fields: object = {}) => keep('/groups/team', key, value, fields)

test('the predefined ones', async () => {
  const { payload, value } = await scene.handOut([planned('build it 1/2', 0, { when: 'on_success' })])
  const { project } = scene
  const expected: Record<string, string> = {
    CI: 'true',
    GITLAB_CI: 'true',
    CI_SERVER_URL: 'https://git.example.org',
    CI_SERVER_HOST: 'git.example.org',
    CI_SERVER_FQDN: 'git.example.org',
    CI_SERVER_PORT: '443',
    CI_SERVER_PROTOCOL: 'https',
    CI_SERVER_NAME: 'GitLab',
    CI_SERVER_VERSION: '18.5.0-sallyport.0.1.0',
    CI_SERVER_VERSION_MAJOR: '18',
    CI_SERVER_VERSION_MINOR: '5',
    CI_SERVER_VERSION_PATCH: '0',
    CI_SERVER_SHELL_SSH_HOST: 'git.example.org',
    CI_SERVER_SHELL_SSH_PORT: '2222',
    CI_API_V4_URL: 'https://git.example.org/api/v4',
    CI_PROJECT_ID: String(project),
    CI_PROJECT_NAME: 'app',
    CI_PROJECT_PATH: 'team/app',
    CI_PROJECT_PATH_SLUG: 'team-app',
    CI_PROJECT_NAMESPACE: 'team',
    CI_PROJECT_ROOT_NAMESPACE: 'team',
    CI_PROJECT_URL: 'https://git.example.org/team/app',
    CI_PROJECT_VISIBILITY: 'private',
    CI_CONFIG_PATH: '.gitlab-ci.yml',
    CI_REGISTRY: 'registry.example.org:5000',
    CI_REGISTRY_IMAGE: 'registry.example.org:5000/team/app',
    CI_REGISTRY_USER: 'gitlab-ci-token',
    CI_REGISTRY_PASSWORD: payload.token,
    CI_PIPELINE_ID: String(payload.job_info.pipeline_id),
    CI_PIPELINE_URL: `https://git.example.org/team/app/-/pipelines/${payload.job_info.pipeline_id}`,
    CI_PIPELINE_SOURCE: 'push',
    CI_JOB_ID: String(payload.id),
    CI_JOB_URL: `https://git.example.org/team/app/-/jobs/${payload.id}`,
    CI_JOB_NAME: 'build it 1/2',
    CI_JOB_NAME_SLUG: 'build-it-1-2',
    CI_JOB_GROUP_NAME: 'build it',
    CI_JOB_STAGE: 'stage-0',
    CI_JOB_TOKEN: payload.token,
    CI_JOB_TIMEOUT: '600',
    CI_JOB_STARTED_AT: '2026-03-10T12:00:05.000Z',
    CI_REPOSITORY_URL: payload.git_info.repo_url,
    CI_COMMIT_SHA: sha,
    CI_COMMIT_SHORT_SHA: 'c0ffee00',
    CI_COMMIT_BEFORE_SHA: '0'.repeat(40),
    CI_COMMIT_REF_NAME: 'main',
    CI_COMMIT_REF_SLUG: 'main',
    CI_COMMIT_BRANCH: 'main',
    CI_COMMIT_REF_PROTECTED: 'false',
    CI_COMMIT_MESSAGE: 'Say $CI_JOB_TOKEN\n\nAnd more words\n',
    CI_COMMIT_TITLE: 'Say $CI_JOB_TOKEN',
    CI_COMMIT_DESCRIPTION: '\nAnd more words',
    CI_COMMIT_TIMESTAMP: '2023-11-14T23:13:20+01:00',
    CI_COMMIT_AUTHOR: 'Ada <ada@example.org>',
    GITLAB_USER_LOGIN: 'developer',
    GITLAB_USER_EMAIL: 'developer@example.org',
    CI_RUNNER_DESCRIPTION: 'a runner',
    CI_RUNNER_TAGS: '["fast"]',
  }
  for (const [key, wanted] of Object.entries(expected)) expect([key, value(key)]).toEqual([key, wanted])
  expect(payload.credentials).toEqual([
    { type: 'registry', url: 'registry.example.org:5000', username: 'gitlab-ci-token', password: payload.token },
  ])
  for (const key of ['CI_DEPLOY_USER', 'CI_PIPELINE_TRIGGERED', 'CI_ENVIRONMENT_NAME', 'CI_JOB_MANUAL', 'CI_COMMIT_TAG']) {
    expect([key, value(key)]).toEqual([key, undefined])
  }
  expect(payload.variables).toHaveLength(new Set(payload.variables.map(({ key }) => key)).size)
})

describe('whichever is nearest counts', () => {
  test('predefined, then the configuration, the group, the project, and what the pipeline was given', async () => {
    const variables = ['L1', 'L2', 'L3', 'L4', 'CI_PROJECT_NAME'].map((key) => ({ key, value: 'file', raw: false }))
    for (const key of ['L2', 'L3', 'L4']) await inGroup(key, 'group')
    for (const key of ['L3', 'L4']) await inProject(key, 'project')
    const given = [{ key: 'L4', value: 'pipeline', type: 'env_var' as const }]
    const { value } = await scene.handOut([planned('build', 0, { variables })], { variables: given })
    expect(['CI_PROJECT_NAME', 'L1', 'L2', 'L3', 'L4'].map(value)).toEqual(['file', 'file', 'group', 'project', 'pipeline'])
  })

  test('a file stays a file, and what is masked is masked, without being public', async () => {
    await inProject('A_FILE', 'content\nof it', { variable_type: 'file' })
    await inProject('A_MASK', 'masked-value-1', { masked: true, raw: true })
    const { variables, masks, payload } = await scene.handOut([planned('build')])
    expect(variables.get('A_FILE')).toMatchObject({ file: true, public: false, value: 'content\nof it' })
    expect(variables.get('A_MASK')).toMatchObject({ masked: true, public: false, raw: true })
    expect(masks).toEqual(expect.arrayContaining([payload.token, 'masked-value-1', payload.git_info.repo_url]))
    expect(masks).not.toContain('content\nof it')
    expect(masks.every((mask) => mask.length >= 8)).toBe(true)
  })
})

describe('environments', () => {
  const deploy = (name: string) =>
    planned('deploy', 0, {
      options: { ...options, environment: { name, url: 'https://$CI_ENVIRONMENT_SLUG.example.org', action: 'start' } },
    })

  beforeAll(async () => {
    await inProject('WHERE', 'anywhere')
    await inProject('WHERE', 'some review', { environment_scope: 'review/*' })
    await inProject('WHERE', 'this review', { environment_scope: 'review/main' })
    await inProject('ONLY', 'live', { environment_scope: 'live' })
  })

  const cases: [string, string, string | undefined, string][] = [
    ['review/$CI_COMMIT_REF_NAME', 'this review', undefined, 'development'],
    ['review/other', 'some review', undefined, 'development'],
    ['live', 'anywhere', 'live', 'production'],
    ['livelier', 'anywhere', undefined, 'production'],
    ['qa', 'anywhere', undefined, 'testing'],
    ['elsewhere', 'anywhere', undefined, 'other'],
  ]
  test.each(cases)('%s', async (name, where, only, tier) => {
    const { value } = await scene.handOut([deploy(name)])
    expect([value('WHERE'), value('ONLY'), value('CI_ENVIRONMENT_TIER')]).toEqual([where, only, tier])
    expect(value('CI_ENVIRONMENT_NAME')).toBe(name.replace('$CI_COMMIT_REF_NAME', 'main'))
    expect(value('CI_ENVIRONMENT_URL')).toBe(`https://${value('CI_ENVIRONMENT_SLUG')}.example.org`)
    expect(value('CI_ENVIRONMENT_SLUG')).toMatch(/^[a-z][a-z0-9-]{0,23}$/)
  })

  test('without one, only what is for all counts', async () => {
    const { value } = await scene.handOut([planned('build')])
    expect([value('WHERE'), value('ONLY')]).toEqual(['anywhere', undefined])
  })
})

describe('protected variables', () => {
  beforeAll(async () => {
    await inProject('PROTECTED', 'yes', { protected: true })
    await inGroup('PROTECTED_TOO', 'yes', { protected: true })
    const json = { name: 'guarded' }
    await scene.world.ask('POST', `/projects/${scene.project}/protected_branches`, { token: scene.world.token('root'), json })
  })

  const cases: [string, object, string | undefined][] = [
    ['a ref that is protected', { ref: 'guarded', protected: true }, 'yes'],
    ['a ref that is not', { ref: 'main', protected: false }, undefined],
    ['a ref that was when the job was made', { ref: 'main', protected: true }, undefined],
    ['a ref that was not when the job was made', { ref: 'guarded', protected: false }, undefined],
    ['a tag of the same name', { ref: 'guarded', tag: true, protected: true }, undefined],
  ]
  test.each(cases)('on %s', async (_title, fields, wanted) => {
    const { value, payload } = await scene.handOut([planned('build')], fields)
    expect([value('PROTECTED'), value('PROTECTED_TOO')]).toEqual([wanted, wanted])
    expect(value('CI_COMMIT_REF_PROTECTED')).toBe(String(wanted !== undefined))
    expect(payload.git_info.protected).toBe(wanted !== undefined)
  })
})

describe('a deploy token named for jobs', () => {
  const make = async (home: string, fields: object = {}) => {
    const json = { name: 'gitlab-deploy-token', scopes: ['read_repository'], ...fields }
    const reply = await scene.world.ask<{ id: number; username: string; token: string }>('POST', `${home}/deploy_tokens`, {
      token: scene.world.token('root'),
      json,
    })
    return reply.body
  }
  const login = async () => {
    const { value, masks } = await scene.handOut([planned('build')])
    const password = value('CI_DEPLOY_PASSWORD')
    if (password !== undefined) expect(masks).toContain(password)
    return [value('CI_DEPLOY_USER'), password]
  }

  test('is told: the project one before that of the group, and only while it works', async () => {
    await make(`/projects/${scene.project}`, { name: 'another' })
    expect(await login()).toEqual([undefined, undefined])
    await make('/groups/team', { expires_at: '2026-03-10' })
    expect(await login()).toEqual([undefined, undefined])
    const ofGroup = await make('/groups/team')
    expect(await login()).toEqual([ofGroup.username, ofGroup.token])
    const ofProject = await make(`/projects/${scene.project}`, { username: 'robot' })
    expect(await login()).toEqual(['robot', ofProject.token])
    const token = scene.world.token('root')
    await scene.world.ask('DELETE', `/projects/${scene.project}/deploy_tokens/${ofProject.id}`, { token })
    expect(await login()).toEqual([ofGroup.username, ofGroup.token])
    await scene.world.store.write.updateTable('deploy_tokens').set({ revoked: 1 }).execute()
    expect(await login()).toEqual([undefined, undefined])
  })

  test('lies sealed, and no other does', async () => {
    const rows = await scene.world.store.read.selectFrom('deploy_tokens').select(['name', 'sealed']).execute()
    for (const { name, sealed } of rows) expect(sealed !== null).toBe(name === 'gitlab-deploy-token')
  })
})

test('a trigger is told by how its token begins', async () => {
  const json = { description: 'nightly' }
  const reply = await scene.world.ask<{ id: number; token: string }>('POST', `/projects/${scene.project}/triggers`, {
    token: scene.world.token('maintainer'),
    json,
  })
  const triggerId = reply.body.id as never
  const given = [{ key: 'TRIGGER_PAYLOAD', value: '{"ref":"main"}', type: 'file' as const }]
  const { value, variables } = await scene.handOut([planned('build')], { triggerId, source: 'trigger', variables: given })
  expect(value('CI_PIPELINE_TRIGGERED')).toBe('true')
  expect(value('CI_TRIGGER_SHORT_TOKEN')).toBe(reply.body.token.slice(6, 10))
  expect(variables.get('TRIGGER_PAYLOAD')).toMatchObject({ file: true, value: '{"ref":"main"}' })
})

describe('references', () => {
  const cases: [string, string][] = [
    ['$CI_PROJECT_NAME', 'app'],
    [['$', '{CI_PROJECT_NAME}-$CI_COMMIT_BRANCH'].join(''), 'app-main'],
    ['%CI_PROJECT_NAME%', 'app'],
    ['$NOT_THERE', '$NOT_THERE'],
    ['$$CI_PROJECT_NAME', '$$CI_PROJECT_NAME'],
    ['$CI_COMMIT_MESSAGE', '$CI_COMMIT_MESSAGE'],
    ['$SELF', '$SELF'],
    ['$NESTED', 'app/main'],
    ['$REF_FILE', '$REF_FILE'],
  ]
  test.each(cases)('%s', async (text, wanted) => {
    const variables = [
      { key: 'SELF', value: text, raw: false },
      { key: 'INNER', value: '$CI_COMMIT_BRANCH', raw: false },
      { key: 'NESTED', value: '$CI_PROJECT_NAME/$INNER', raw: false },
      { key: 'RAW', value: text, raw: true },
    ]
    const given = [{ key: 'REF_FILE', value: 'content', type: 'file' as const }]
    const { value } = await scene.handOut([planned('build', 0, { variables })], { variables: given })
    expect([value('SELF'), value('RAW')]).toEqual([wanted, text])
  })

  test('to the token make a secret', async () => {
    const variables = [{ key: 'URL', value: 'https://x:$CI_JOB_TOKEN@host', raw: false }]
    const { variables: told, masks, payload } = await scene.handOut([planned('build', 0, { variables })])
    expect(told.get('URL')).toMatchObject({ public: false, masked: true, value: `https://x:${payload.token}@host` })
    expect(masks).toContain(`https://x:${payload.token}@host`)
  })

  test('that would grow without end stay as they are', async () => {
    const variables = Array.from({ length: 30 }, (_, at) => ({
      key: `B${at}`,
      value: at === 0 ? 'xxxxxxxx' : `$B${at - 1}`.repeat(10),
      raw: false,
    }))
    const { payload } = await scene.handOut([planned('build', 0, { variables })])
    expect(JSON.stringify(payload.variables).length).toBeLessThan(8 * 2 ** 20)
  })
})

describe('for rules', () => {
  const asked = async (fields: object = {}) =>
    ruleVariables(scene.world.parts, {
      project: scene.project,
      ref: 'main',
      tag: false,
      sha,
      beforeSha: '0'.repeat(40),
      source: 'api',
      user: undefined,
      trigger: undefined,
      variables: [],
      ...fields,
    })

  test('there are the predefined ones, those that are kept, and those that are given', async () => {
    await inProject('FOR_RULES', 'project')
    const found = await asked({ variables: [{ key: 'GIVEN', value: 'pipeline' }] })
    const wanted = { CI_COMMIT_BRANCH: 'main', CI_PIPELINE_SOURCE: 'api', FOR_RULES: 'project', GIVEN: 'pipeline' }
    expect(Object.fromEntries(found)).toMatchObject(wanted)
    expect(found.has('PROTECTED')).toBe(false)
    expect((await asked({ ref: 'guarded' })).get('PROTECTED')).toBe('yes')
    expect((await asked({ variables: [{ key: 'FOR_RULES', value: 'given' }] })).get('FOR_RULES')).toBe('given')
  })

  test('there is nothing of a commit that the user may not read', async () => {
    const user: UserId = scene.world.people.stranger.id
    const found = await asked({ user })
    expect(found.get('CI_COMMIT_SHA')).toBe(sha)
    expect(found.has('CI_COMMIT_MESSAGE')).toBe(false)
    expect(found.has('CI_JOB_TOKEN')).toBe(false)
  })
})
