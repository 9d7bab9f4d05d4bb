import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFile, mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { JobId } from '../../src/core/ids.ts'
import { JobFiles } from '../../src/store/ci/job-files.ts'
import { Api } from '../support/api.ts'
import { type Sallyport, startSallyport } from '../support/sallyport.ts'
import { program, sallyport } from './command-line.ts'

let server: Sallyport
let database: Database.Database
let project = 0

const ago = (seconds: number): string => new Date(Date.now() - seconds * 1_000).toISOString()

/** A job as it stands in the store; what a test does not name is of no account here. */
const addJob = (id: number, fields: Readonly<Record<string, unknown>>): void => {
  const row: Record<string, unknown> = {
    id,
    kind: 'lease',
    project_id: project,
    name: `job-${id}`,
    stage: 'test',
    stage_index: 0,
    position: 0,
    status: 'pending',
    user_id: 1,
    ref: 'main',
    tag: 0,
    sha: '0'.repeat(40),
    when_to_run: 'on_success',
    allow_failure: 'false',
    retry: '{"max":0,"when":[]}',
    attempt: 0,
    retried: 0,
    tags: '[]',
    options: '{}',
    variables: '[]',
    timeout: 3600,
    protected: 0,
    created_at: ago(7_200),
    ...fields,
  }
  const names = Object.keys(row)
  database.prepare(`insert into jobs (${names.join(', ')}) values (${names.map((name) => `@${name}`).join(', ')})`).run(row)
}

const traceFile = (id: number): string => new JobFiles(join(server.home, 'jobs')).tracePath(id as JobId)

const at = (words: readonly string[]) => sallyport([...words, '--home', server.home])

beforeAll(async () => {
  server = await startSallyport()
  const made = await new Api(server.http).make('POST', '/projects', { name: 'app', path: 'app' })
  project = made.id
  await new Api(server.http).make('POST', '/projects', { name: 'other', path: 'other' })
  database = new Database(join(server.home, 'sallyport.db'))
  addJob(1, { status: 'success', queued_at: ago(70), started_at: ago(65), finished_at: ago(5), exit_code: 0 })
  addJob(2, { status: 'failed', started_at: ago(5), finished_at: ago(2), failure_reason: 'script_failure', exit_code: 1 })
  addJob(3, { status: 'running', started_at: ago(90), heard_at: ago(0), deadline: ago(-3_600) })
  addJob(4, { name: 'evil\u001b[2J\nname', queued_at: ago(10) })
  await mkdir(dirname(traceFile(1)), { recursive: true })
  await writeFile(traceFile(1), '\u001b[32;1mgreen\u001b[0;m\u001b[2Jend\n')
})

afterAll(async () => {
  database?.close()
  await server?.[Symbol.asyncDispose]()
})

const columns = (line: string): string[] => line.split(/ {2,}/)

describe('sallyport jobs', () => {
  test('lists the newest first, with how long each has waited or run', async () => {
    const { code, stdout, stderr } = await at(['jobs'])
    expect([code, stderr]).toEqual([0, ''])
    const [titles = '', ...rows] = stdout.trimEnd().split('\n')
    expect(columns(titles)).toEqual(['JOB', 'PROJECT', 'PIPELINE', 'NAME', 'STATUS', 'REF', 'USER', 'RUNNER', 'AGE'])
    expect(rows.map((row) => columns(row).slice(0, 4))).toEqual([
      ['4', 'root/app', 'lease', 'evil [2J name'],
      ['3', 'root/app', 'lease', 'job-3'],
      ['2', 'root/app', 'lease', 'job-2'],
      ['1', 'root/app', 'lease', 'job-1'],
    ])
    expect(rows.map((row) => columns(row)[4])).toEqual([
      expect.stringMatching(/^pending, waits 1\d s$/),
      expect.stringMatching(/^running 1 min 3\d s of 1 h 0 min$/),
      'failed after 3 s (script_failure, exit code 1)',
      'success in 1 min 0 s',
    ])
  })

  test.each([
    [['--status', 'failed'], ['job-2']],
    [
      ['--status', 'failed, running'],
      ['job-3', 'job-2'],
    ],
    [['--project', 'root/other'], []],
    [['--project', 'root/app', '--status', 'success'], ['job-1']],
    [
      ['--limit', '2', '--status', 'running,failed,success'],
      ['job-3', 'job-2'],
    ],
  ])('%j leaves %j', async (words, names) => {
    const { code, stdout } = await at(['jobs', '--json', ...words])
    expect(code).toBe(0)
    expect(JSON.parse(stdout).map(({ name }: { name: string }) => name)).toEqual(names)
  })

  test('as JSON has no secret and no control character', async () => {
    const { stdout } = await at(['jobs', '--json'])
    expect(Object.keys(JSON.parse(stdout)[0])).not.toContain('token_digest')
    expect(stdout).not.toContain('\u001b')
  })

  test.each([
    [['jobs', '--project', 'no/such'], 1, 'there is no project "no/such"'],
    [['jobs', '--status', 'sleeping'], 2, 'They are created, pending'],
    [['jobs', '--limit', '0'], 2, 'whole number'],
    [['trace', '99'], 1, 'there is no job 99'],
    [['trace', 'x'], 2, 'a job is named by its number'],
    [['trace'], 2, "missing required argument 'job'"],
  ])('%j ends with %i', async (words, code, says) => {
    const ran = await at(words)
    expect([ran.code, ran.stdout]).toEqual([code, ''])
    expect(ran.stderr).toContain(says)
  })
})

describe('sallyport trace', () => {
  test('goes through a pipe as it is', async () => {
    expect(await at(['trace', '1'])).toEqual({ code: 0, stdout: '\u001b[32;1mgreen\u001b[0;m\u001b[2Jend\n', stderr: '' })
  })

  test('of a job without a log is empty', async () => {
    expect(await at(['trace', '2'])).toEqual({ code: 0, stdout: '', stderr: '' })
  })

  test('as JSON stands beside the job', async () => {
    const { stdout } = await at(['trace', '1', '--json'])
    expect(JSON.parse(stdout)).toMatchObject({ id: 1, status: 'success', exit_code: 0, trace: expect.stringContaining('green') })
  })

  test('that is followed goes on until the job ends, and says how', async () => {
    await mkdir(dirname(traceFile(3)), { recursive: true })
    await writeFile(traceFile(3), 'one\n')
    const child = spawn(process.execPath, [program, 'trace', '3', '--follow', '--home', server.home], {
      env: { PATH: process.env['PATH'] },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const [output, errors] = [text(child.stdout), text(child.stderr)]
    await once(child.stdout, 'data')
    await appendFile(traceFile(3), 'two\n')
    await once(child.stdout, 'data')
    await appendFile(traceFile(3), 'three\n')
    const set = "update jobs set status = 'failed', finished_at = ?, failure_reason = 'script_failure', exit_code = 3"
    database.prepare(`${set} where id = 3`).run(new Date().toISOString())
    const [[code], stdout, stderr] = await Promise.all([once(child, 'close'), output, errors])
    expect([code, stdout]).toEqual([0, 'one\ntwo\nthree\n'])
    expect(stderr).toMatch(
      /^sallyport: job 3, job-3 of root\/app: running \d+ min \d+ s of 1 h 0 min\nsallyport: job 3, job-3 of root\/app: failed after .+ \(script_failure, exit code 3\)\n$/,
    )
  })

  test('works on a home whose server has stopped', async () => {
    await server.stop()
    expect((await at(['trace', '1'])).stdout).toContain('green')
    expect((await at(['jobs', '--json'])).code).toBe(0)
  })
})
