import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { JobCalls } from '../../demo/runner/job-calls.ts'
import type { Runner } from '../../demo/runner/runner.ts'
import { zip } from '../../demo/runner/zip.ts'
import { program } from '../cli/command-line.ts'
import { complaintsAbout } from '../support/payload-checker.ts'
import { Pipelines, takeJob } from './pipelines.ts'
import { Scene } from './scene.ts'

let scene: Scene
let pipelines: Pipelines
let runner: Runner

beforeAll(async () => {
  scene = await Scene.open({ workers: 2 })
  pipelines = new Pipelines(scene)
  for (const path of ['app', 'checked', 'broken']) await scene.project(path)
  const variables = `/projects/${scene.id('app')}/variables`
  await scene.api.make('POST', variables, { key: 'API_KEY', value: 'very-secret-value', masked: true })
  await scene.api.make('POST', variables, { key: 'CONFIG', value: 'from a file', variable_type: 'file' })
  runner = await pipelines.runner()
}, 60_000)

afterAll(async () => {
  await runner?.stop()
  await scene?.[Symbol.asyncDispose]()
})

const configuration = `
stages: [build, test, report]
variables:
  GREETING: hello
build:
  stage: build
  before_script: [echo before]
  script:
    - git log -1 --format=%s
    - git config remote.origin.url
    - mkdir out
    - echo "$GREETING from $CI_JOB_NAME" > out/made.txt
    - echo "the key is $API_KEY, the token $CI_JOB_TOKEN"
    - cat "$CONFIG"
  after_script: ['echo "after $CI_JOB_STATUS"']
  artifacts:
    paths: [out/]
read:
  stage: test
  needs: [build]
  script: [cat out/made.txt]
allowed:
  stage: test
  allow_failure: true
  script: [echo will fail, exit 3]
clone again:
  stage: test
  script:
    - git clone -q --depth 1 "http://gitlab-ci-token:$CI_JOB_TOKEN@$CI_SERVER_HOST:$CI_SERVER_PORT/$CI_PROJECT_PATH.git" again
    - test -f again/.gitlab-ci.yml && echo cloned
    - '! git clone -q "http://gitlab-ci-token:$CI_JOB_TOKEN@$CI_SERVER_HOST:$CI_SERVER_PORT/castle/private.git" elsewhere'
last:
  stage: report
  script: [cat out/made.txt]
never:
  stage: report
  when: on_failure
  script: [echo never]
by hand:
  stage: report
  when: manual
  allow_failure: true
  script: [echo by hand]
`

test('a push runs stages, needs, artifacts, variables and clones with the token, and the log tells of it', {
  timeout: 90_000,
}, async () => {
  const { id, source } = await pipelines.begin('app', configuration)
  expect(source).toBe('push')
  expect((await pipelines.ended('app', id)).status).toBe('success')
  const jobs = await pipelines.jobs('app', id)
  expect(Object.fromEntries(jobs.map(({ name, status }) => [name, status]))).toEqual({
    build: 'success',
    read: 'success',
    allowed: 'failed',
    'clone again': 'success',
    last: 'success',
    never: 'skipped',
    'by hand': 'manual',
  })
  const log = async (name: string): Promise<string> => {
    const job = await pipelines.job('app', id, name)
    return await pipelines.trace('app', job.id)
  }
  const built = await log('build')
  expect(built).toMatch(/\nbefore\n.*\nconfiguration\n/s)
  expect(built).toContain(`\n${scene.server.http}/castle/app.git\n`)
  expect(built).toMatch(/\nthe key is \S*\*|the key is \[MASKED\]/)
  expect(built).not.toContain('very-secret-value')
  expect(built).not.toMatch(/glcbt-/)
  expect(built).toContain('from a file')
  expect(built).toContain('\nafter success\n')
  expect(await log('read')).toContain('hello from build')
  expect(await log('last')).toContain('hello from build')
  const cloned = await log('clone again')
  expect(cloned).toContain('\ncloned\n')
  expect(cloned).toContain('job token not allowed')
  expect((await pipelines.job('app', id, 'allowed')).failure_reason).toBe('script_failure')
})

test('what is wrong with a configuration stands on the pipeline', async () => {
  const sha = await pipelines.push('broken', 'job:\n  script: [true\n')
  const { id, status } = await pipelines.of('broken', sha)
  expect(status).toBe('failed')
  const shown = await scene.api.make('GET', `/projects/${scene.id('broken')}/pipelines/${id}`)
  expect(shown.yaml_errors).toEqual(expect.stringMatching(/\S/))
})

test('the command line follows a log while its job runs, and says how it ended', { timeout: 60_000 }, async () => {
  const gate = join(scene.client.directory, 'gate')
  const script = ['echo first', `until test -e ${gate}; do sleep 0.05; done`, 'echo second', 'exit 7']
  const { id } = await pipelines.begin('app', `slow:\n  script: ${JSON.stringify(script)}\n`)
  const job = await pipelines.job('app', id, 'slow')
  const child = spawn(process.execPath, [program, 'trace', String(job.id), '--follow', '--home', scene.server.home], {
    env: { PATH: process.env['PATH'] },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const closed = once(child, 'close')
  let [output, told] = ['', '']
  child.stderr.on('data', (bytes: Buffer) => {
    told += bytes
  })
  for await (const bytes of child.stdout) {
    output += bytes
    if (output.includes('\nfirst\n') && !output.includes('second')) await writeFile(gate, '')
  }
  const [code] = await closed
  expect([code, told]).toEqual([0, expect.stringMatching(/: failed after \d+ s \(script_failure, exit code 7\)\n$/)])
  expect(output).toMatch(/\nsecond\n.*exit status 7/s)
})

test('a runner that hides nothing shows no secret either', { timeout: 30_000 }, async () => {
  const coordinator = await pipelines.coordinator({ tag_list: ['careless'], run_untagged: false })
  await pipelines.begin('app', 'job:\n  tags: [careless]\n  script: [echo]\n')
  const { id, token } = await takeJob(coordinator)
  const calls = new JobCalls(coordinator.base, id, token)
  const pieces = [`a ${token} b very-sec`, 'ret-value c\n'].map((text) => Buffer.from(text))
  let at = 0
  for (const piece of pieces) {
    expect(await calls.appendTrace(at, piece)).toEqual({ kind: 'taken', word: 'running' })
    at += piece.length
  }
  await calls.finish({ state: 'success', checksum: 'crc32:00000000', bytesize: at })
  expect(await pipelines.trace('app', id)).toMatch(/^a \[MASKED\]\*+ b \[MASKED\]\*+ c\n$/)
})

const everything = `
stages: [build, test]
default:
  image: alpine:3.20
variables: {A: "1"}
first:
  stage: build
  tags: [checked]
  script: [mkdir out]
  artifacts: {paths: [out/]}
full:
  stage: test
  tags: [checked]
  image: {name: node:24, entrypoint: [""], pull_policy: always}
  services:
    - postgres:16
    - {name: redis:7, alias: cache, command: [redis-server], variables: {B: "2"}}
  before_script: [echo before]
  script: [echo one, [echo two, echo three]]
  after_script: [echo after]
  variables: {C: {value: "3", expand: false}}
  artifacts:
    name: "$CI_JOB_NAME"
    paths: [out/]
    exclude: [out/*.log]
    when: always
    expire_in: 1 week
    reports: {dotenv: build.env, junit: report.xml}
  cache:
    - {key: one, paths: [node_modules/], policy: pull-push}
    - {key: two, paths: [other/], fallback_keys: [three], when: always}
  dependencies: [first]
  id_tokens: {VAULT: {aud: https://vault.example.com}}
  environment: {name: production, url: https://example.com}
  timeout: 30 minutes
  retry: 1
  interruptible: true
`

test('the payload of a job with everything is what a runner decodes', { timeout: 60_000 }, async () => {
  const coordinator = await pipelines.coordinator({ tag_list: ['checked'], run_untagged: false })
  await pipelines.begin('checked', everything)
  const first = await takeJob(coordinator)
  expect(complaintsAbout(first)).toEqual([])

  const calls = new JobCalls(coordinator.base, first.id, first.token)
  await calls.upload({ paths: ['out/'] }, 'artifacts.zip', zip([{ name: 'out/a', bytes: Buffer.from('a') }]))
  expect(await calls.finish({ state: 'success', exit_code: 0, checksum: 'crc32:00000000', bytesize: 0 })).toBe('done')
  const full = await takeJob(coordinator)
  expect(complaintsAbout(full)).toEqual([])
  expect(full).toMatchObject({
    job_info: { name: 'full', stage: 'test' },
    image: { name: 'node:24', entrypoint: [''] },
    services: [{ name: 'postgres:16' }, { name: 'redis:7', alias: 'cache' }],
    steps: [
      { name: 'script', script: ['echo before', 'echo one', 'echo two', 'echo three'], timeout: 1_800 },
      { name: 'after_script', script: ['echo after'], when: 'always', allow_failure: true },
    ],
    dependencies: [{ id: first.id, name: 'first', artifacts_file: { filename: 'artifacts.zip' } }],
    cache: [{ key: expect.stringContaining('one') }, { key: expect.stringContaining('two') }],
    runner_info: { timeout: 1_800 },
  })
  expect(full.artifacts?.map(({ artifact_type, artifact_format }) => [artifact_type, artifact_format])).toEqual([
    ['archive', 'zip'],
    ['dotenv', 'gzip'],
    ['junit', 'gzip'],
  ])
  const vault = full.variables.find(({ key }) => key === 'VAULT')
  expect(vault).toMatchObject({ value: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/), masked: true })
  const ended = new JobCalls(coordinator.base, full.id, full.token)
  await ended.finish({ state: 'success', exit_code: 0, checksum: 'crc32:00000000', bytesize: 0 })
})
