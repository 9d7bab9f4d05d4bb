import { crc32 } from 'node:zlib'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Outcome } from '../../../demo/runner/job.ts'
import { Runner } from '../../../demo/runner/runner.ts'
import { type Heard, MockCoordinator } from './mock-coordinator.ts'

let mock: MockCoordinator
let log = Buffer.alloc(0)

const nothing = { status: 204, headers: { 'X-GitLab-Last-Update': 'abc' } }

/** Takes what fits at the end of the log, as the server does. */
const takeTrace = ({ headers, body }: Heard) => {
  const start = Number(String(headers['content-range']).split('-')[0])
  if (start > log.length) return { status: 416, headers: { Range: `0-${log.length}` } }
  log = Buffer.concat([log.subarray(0, start), body])
  return { status: 202, headers: { 'Job-Status': 'running', Range: `0-${log.length}` } }
}

const payload = (script: readonly string[], more: object = {}) => ({
  id: 7,
  token: 'glcbt-64_0123456789abcdefghij',
  job_info: { name: 'test', stage: 'test', project_id: 1 },
  git_info: { repo_url: `${mock.url}/a/b.git`, ref: 'main', sha: '0'.repeat(40), refspecs: [], depth: 20 },
  runner_info: { timeout: 60 },
  variables: [
    { key: 'GIT_STRATEGY', value: 'none', masked: false },
    { key: 'PASSWORD', value: 'very-secret', masked: true },
  ],
  steps: [
    { name: 'script', script, timeout: 60, when: 'on_success', allow_failure: false },
    { name: 'after_script', script: ['echo after $CI_JOB_STATUS'], timeout: 60, when: 'always', allow_failure: true },
  ],
  artifacts: null,
  dependencies: [],
  ...more,
})

beforeEach(async () => {
  mock = await MockCoordinator.start()
  log = Buffer.alloc(0)
  Object.assign(mock.answers, {
    'POST /runners/verify': () => ({ status: 200, body: { id: 5 } }),
    'POST /jobs/request': () => nothing,
    'PATCH /jobs/7/trace': takeTrace,
    'PUT /jobs/7': () => ({ status: 200, body: '200' }),
  })
})

afterEach(() => mock[Symbol.asyncDispose]())

/** Hands the job out once; resolves with how it ended. */
const runOne = async (job: object): Promise<Outcome> => {
  mock.answers['POST /jobs/request'] = (_, times) => (times === 1 ? { status: 201, body: job } : nothing)
  const ended = Promise.withResolvers<Outcome>()
  const rhythm = { every: 20, keepAlive: 60 }
  await using runner = await Runner.start({
    url: mock.url,
    token: 'glrt-x',
    rhythm,
    ended: (_, outcome) => ended.resolve(outcome),
  })
  expect(runner).toBeInstanceOf(Runner)
  return await ended.promise
}

const lastWord = () => JSON.parse(String(mock.to('PUT /jobs/7').at(-1)?.body))

test('a job that succeeds: its log, values hidden, and the last word with its checksum', async () => {
  expect(await runOne(payload(['echo "one $PASSWORD"', 'echo $CI_PROJECT_DIR']))).toEqual({ kind: 'success' })
  expect(String(log)).toMatch(/\$ echo "one \$PASSWORD".*one \[MASKED\]\n.*after success\n.*Job succeeded/s)
  expect(String(log)).not.toContain('very-secret')
  const checksum = `crc32:${crc32(log).toString(16).padStart(8, '0')}`
  expect(lastWord()).toMatchObject({ state: 'success', checksum, output: { checksum, bytesize: log.length } })
  expect(mock.to('PUT /jobs/7')[0]?.headers['job-token']).toBe('glcbt-64_0123456789abcdefghij')
})

test('a job that fails: the exit code, no line after the one that failed, and what cleans up', async () => {
  const outcome = await runOne(payload(['echo before', 'false | true', 'echo never']))
  expect(outcome).toEqual({ kind: 'failed', reason: 'script_failure', exitCode: 1 })
  expect(String(log)).toContain('after failed')
  expect(String(log)).not.toContain('\nnever')
  expect(lastWord()).toMatchObject({ state: 'failed', failure_reason: 'script_failure', exit_code: 1 })
})

test('a job that takes too long', async () => {
  const outcome = await runOne(payload(['sleep 60'], { runner_info: { timeout: 0.2 } }))
  expect(outcome).toMatchObject({ kind: 'failed', reason: 'job_execution_timeout' })
})

test.each([
  ['the word', { status: 202, headers: { 'Job-Status': 'canceled', Range: '0-0' } }],
  ['a 403', { status: 403 }],
])('a canceled job ends at once and is not spoken of again: %s', async (_, said) => {
  mock.answers['PATCH /jobs/7/trace'] = () => said
  expect(await runOne(payload(['sleep 60']))).toEqual({ kind: 'gone' })
  expect(mock.to('PUT /jobs/7')).toEqual([])
})

test('a job that is being canceled runs only what cleans up', async () => {
  mock.answers['PUT /jobs/7'] = (_, times) => ({ status: 200, headers: times === 1 ? { 'Job-Status': 'canceling' } : {} })
  await runOne(payload(['sleep 60']))
  expect(String(log)).toContain('after canceled')
})

test('a log that the server has less of is sent again from there', async () => {
  let first = true
  mock.answers['PATCH /jobs/7/trace'] = (heard) => {
    if (first || Number(String(heard.headers['content-range']).split('-')[0]) === 0) {
      first = false
      return takeTrace(heard)
    }
    if (log.length > 10) log = log.subarray(0, 10)
    mock.answers['PATCH /jobs/7/trace'] = takeTrace
    return { status: 416, headers: { Range: '0-10' } }
  }
  await runOne(payload(['echo one', 'sleep 0.2', 'echo two']))
  expect(String(log)).toMatch(/^Running with.*\none\n.*\ntwo\n/s)
  expect(lastWord().output.bytesize).toBe(log.length)
})

test('the last word is said again while the server is not ready', async () => {
  mock.answers['PUT /jobs/7'] = (_, times) => ({ status: times < 3 ? 202 : 200 })
  expect(await runOne(payload(['true']))).toEqual({ kind: 'success' })
  expect(mock.to('PUT /jobs/7')).toHaveLength(3)
})

test('what the server said last is sent with the next question, and a token that is none ends the asking', async () => {
  mock.answers['POST /jobs/request'] = (_, times) => (times === 1 ? nothing : { status: 403 })
  const refused = Promise.withResolvers<unknown>()
  await using runner = await Runner.start({ url: mock.url, token: 'glrt-x', refused: refused.resolve })
  expect(runner).toBeInstanceOf(Runner)
  expect(await refused.promise).toMatchObject({ status: 403 })
  const asked = mock.to('POST /jobs/request').map(({ body }) => JSON.parse(String(body)))
  expect(asked.map(({ last_update }) => last_update)).toEqual(['', 'abc'])
  expect(asked[0]).toMatchObject({ token: 'glrt-x', system_id: expect.stringMatching(/^s_[0-9a-f]{12}$/) })
})

test('a token that is not valid registers nothing', async () => {
  mock.answers['POST /runners/verify'] = () => ({ status: 403 })
  await expect(Runner.start({ url: mock.url, token: 'glrt-x' })).rejects.toThrow('verify: 403')
})
