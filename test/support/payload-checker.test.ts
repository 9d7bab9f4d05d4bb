import { describe, expect, test } from 'vitest'
import { complaintsAbout } from './payload-checker.ts'

const token = 'glcbt-64_xxxxxxxxxxxxxxxxxxxx'
const address = `http://gitlab-ci-token:${token}@git.example.com/grp/app.git`
const sha = 'a'.repeat(40)

const open = (key: string, value: string) => ({ key, value, public: true, masked: false, file: false, raw: true })
const hidden = (key: string, value: string) => ({ ...open(key, value), public: false, masked: true })

/** The smallest payload that a shell runner accepts. */
// biome-ignore lint/suspicious/noExplicitAny: each test breaks it in another place
const minimal = (): any => ({
  id: 7,
  token,
  allow_git_fetch: true,
  job_info: {
    name: 'test',
    stage: 'test',
    pipeline_id: 3,
    project_id: 1,
    project_name: 'app',
    project_full_path: 'grp/app',
    namespace_id: 2,
    root_namespace_id: 2,
    organization_id: 1,
    user_id: 1,
    time_in_queue_seconds: 0.5,
    project_jobs_running_on_instance_runners_count: '+Inf',
    queue_size: 0,
    queue_depth: 0,
  },
  git_info: {
    repo_url: address,
    repo_object_format: 'sha1',
    ref: 'main',
    sha,
    before_sha: '0'.repeat(40),
    ref_type: 'branch',
    refspecs: ['+refs/pipelines/3:refs/pipelines/3', '+refs/heads/main:refs/remotes/origin/main'],
    depth: 20,
  },
  runner_info: { timeout: 3600 },
  variables: [
    open('CI', 'true'),
    open('CI_JOB_ID', '7'),
    hidden('CI_JOB_TOKEN', token),
    open('CI_SERVER_URL', 'http://git.example.com'),
    open('CI_SERVER_HOST', 'git.example.com'),
    open('CI_PROJECT_PATH', 'grp/app'),
    open('CI_PROJECT_ID', '1'),
    hidden('CI_REPOSITORY_URL', address),
    open('CI_COMMIT_SHA', sha),
    open('CI_COMMIT_REF_NAME', 'main'),
  ],
  steps: [{ name: 'script', script: ['echo hello'], timeout: 3600, when: 'on_success', allow_failure: false }],
  image: null,
  services: [],
  artifacts: null,
  cache: [],
  credentials: [],
  dependencies: [],
  features: {
    trace_sections: true,
    token_mask_prefixes: [],
    failure_reasons: ['unknown_failure', 'script_failure', 'runner_system_failure', 'job_execution_timeout'],
  },
})

test('the smallest payload is accepted', () => {
  expect(complaintsAbout(minimal())).toEqual([])
})

test('so is one with everything', () => {
  const full = {
    ...minimal(),
    image: { name: 'alpine', entrypoint: [''], pull_policy: ['always'], executor_opts: { docker: { user: '1000' } } },
    services: [{ name: 'postgres', alias: 'db', entrypoint: null, command: ['a'], variables: [open('A', '')] }],
    artifacts: [
      {
        name: 'x',
        untracked: false,
        paths: ['out/'],
        exclude: ['a'],
        when: 'always',
        expire_in: '1 week',
        artifact_type: 'archive',
        artifact_format: 'zip',
      },
      { paths: ['build.env'], when: 'always', artifact_type: 'dotenv', artifact_format: 'gzip' },
    ],
    cache: [{ key: 'default', untracked: false, policy: 'pull-push', paths: ['a/'], when: 'on_success', fallback_keys: ['b'] }],
    credentials: [{ type: 'registry', url: 'r.example.com', username: 'gitlab-ci-token', password: token }],
    dependencies: [{ id: 11, name: 'build', token, artifacts_file: { filename: 'artifacts.zip', size: 123 } }],
    inputs: [],
    secrets: {},
    hooks: [{ name: 'pre_get_sources_script', script: ['echo'] }],
  }
  expect(complaintsAbout(full)).toEqual([])
})

/** Sets what stands at a path such as `git_info.sha` or `steps.0.when`; undefined takes it away. */
const set = (path: string, value: unknown): unknown => {
  const broken = minimal()
  const keys = path.split('.')
  const last = keys.pop() ?? ''
  const holder = keys.reduce((inner, key) => inner[key], broken)
  if (value === undefined) delete holder[last]
  else holder[last] = value
  return broken
}

describe('every key has to be there', () => {
  const paths = Object.entries(minimal()).flatMap(([key, value]) =>
    ['job_info', 'git_info', 'runner_info', 'features'].includes(key)
      ? [key, ...Object.keys(value as object).map((inner) => `${key}.${inner}`)]
      : [key],
  )

  test.each(paths.filter((path) => path !== 'git_info.repo_object_format'))('%s', (path) => {
    expect(complaintsAbout(set(path, undefined))).toContain(`${path}: missing`)
  })
})

test.each([
  ['more', 1, 'more: no runner knows this key'],
  ['job_info.more', 1, 'job_info.more: no runner knows this key'],
  ['id', '7', 'id: a whole number from 1 is wanted, not "7"'],
  ['id', 0, 'id: a whole number from 1 is wanted, not 0'],
  ['token', 'x', 'token: a job token is wanted'],
  ['allow_git_fetch', 1, 'allow_git_fetch: true or false is wanted'],
  ['job_info', null, 'job_info: an object is wanted, not null'],
  ['job_info.project_jobs_running_on_instance_runners_count', 0, 'job_info.project_jobs_running_on_instance_runners_count: a'],
  ['job_info.time_in_queue_seconds', '0', 'job_info.time_in_queue_seconds: a number'],
  ['job_info.user_id', null, 'job_info.user_id: a whole number'],
  ['git_info.repo_url', 'http://git.example.com/grp/app.git', 'git_info.repo_url: a URL'],
  [
    'git_info.repo_url',
    'http://gitlab-ci-token:other@git.example.com/grp/app.git',
    'git_info.repo_url: it does not hold the token',
  ],
  ['git_info.sha', 'abc', 'git_info.sha: a whole commit id'],
  ['git_info.before_sha', '', 'git_info.before_sha: a whole commit id'],
  ['git_info.ref_type', 'commit', 'git_info.ref_type: one of branch, tag'],
  ['git_info.refspecs', [], 'git_info.refspecs: at least 1'],
  ['git_info.refspecs', ['main'], 'git_info.refspecs[0]: a refspec'],
  ['git_info.refspecs', ['+refs/heads/a:refs/remotes/origin/b'], 'git_info.refspecs[0]: a refspec'],
  ['git_info.depth', null, 'git_info.depth: a whole number'],
  ['git_info.repo_object_format', 'md5', 'git_info.repo_object_format: one of'],
  ['runner_info.timeout', '3600', 'runner_info.timeout: a whole number'],
  ['variables', {}, 'variables: a list is wanted, not object'],
  ['variables.0.value', 1, 'variables[0].value: a text'],
  ['variables.0.public', undefined, 'variables[0].public: missing'],
  ['variables.2.masked', false, 'variables: CI_JOB_TOKEN shows the token'],
  ['variables.7.public', true, 'variables: CI_REPOSITORY_URL shows the token'],
  ['variables.1.value', '8', 'variables: CI_JOB_ID is not what'],
  ['variables.0.key', 'OTHER', 'variables: CI is missing'],
  ['steps', [], 'steps: at least 1'],
  ['steps.0.script', 'echo', 'steps[0].script: a list is wanted, not string'],
  ['steps.0.when', 'never', 'steps[0].when: one of'],
  ['steps.0.timeout', 0, 'steps[0].timeout: a whole number from 1'],
  ['image', 'alpine', 'image: an object is wanted, not string'],
  ['image', { entrypoint: [] }, 'image.name: missing'],
  ['services', null, 'services: a list'],
  ['services', ['postgres'], 'services[0]: an object is wanted, not string'],
  [
    'artifacts',
    [{ when: 'always', artifact_type: 'junit', artifact_format: 'zip' }],
    'artifacts[0].artifact_format: junit is not sent as zip',
  ],
  ['artifacts', { paths: [] }, 'artifacts: a list'],
  [
    'artifacts',
    [{ paths: 'out', when: 'always', artifact_type: 'archive', artifact_format: 'zip' }],
    'artifacts[0].paths: a list',
  ],
  ['cache', [{ key: { files: [] }, policy: 'pull', when: 'always' }], 'cache[0].key: a text'],
  ['credentials', [{ type: 'other', url: 'a', username: 'b', password: 'c' }], 'credentials[0].type: one of'],
  ['dependencies', [{ id: 1, name: 'a' }], 'dependencies[0].token: missing'],
  ['features.failure_reasons', ['script_failure'], 'features.failure_reasons: unknown_failure is missing'],
  ['secrets', [], 'secrets: an object is wanted, not list'],
  ['hooks', [{ name: 'other', script: ['a'] }], 'hooks[0].name: one of'],
  ['inputs', {}, 'inputs: a list'],
  ['run', '[]', 'run: no runner knows'],
])('%s as %j is found', (path, value, complaint) => {
  const found = complaintsAbout(set(path, value))
  expect(
    found.some((one) => one.startsWith(complaint)),
    found.join('\n'),
  ).toBe(true)
})

test.each([undefined, null, 1, 'x', []])('%j is no payload', (value) => {
  expect(complaintsAbout(value)[0]).toMatch(/an object is wanted/)
})
