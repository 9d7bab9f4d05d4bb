import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { run } from '../support/client.ts'
import { rootToken } from '../support/sallyport.ts'
import { type ClientScene, dayIn, openClientScene } from './client-scene.ts'

const python = '/usr/bin/python3'
const directory = join(import.meta.dirname, 'python')

let scene: ClientScene
let facts: string

beforeAll(async () => {
  scene = await openClientScene()
  const keys = await Promise.all(['one', 'two', 'three'].map((name) => scene.machine.key(name)))
  const [file = ''] = keys.map((key) => key.file)
  const { stdout } = await run('ssh-keygen', ['-l', '-E', 'sha256', '-f', `${file}.pub`])
  facts = JSON.stringify({
    url: scene.server.http,
    token: rootToken,
    adaId: scene.ada.id,
    adaToken: scene.ada.token,
    group: scene.group,
    project: scene.project,
    commits: scene.commits,
    keys: keys.map(({ line }) => line),
    fingerprint: stdout.split(' ')[1],
    nextMonth: dayIn(30),
  })
})
afterAll(() => scene?.[Symbol.asyncDispose]())

interface Outcome {
  readonly step: string
  readonly fault?: string
}

const stepsOf = (script: string): string[] =>
  [...readFileSync(join(directory, script), 'utf8').matchAll(/^@step\("(.+)"\)$/gm)].map(([, name = '']) => name)

// Debian's python3-gitlab, unmodified. Each script is one run, each of its steps one test.
describe.each(['tokens.py', 'keys.py', 'places.py', 'oversight.py', 'repository.py'])('%s', (script) => {
  let outcomes: readonly Outcome[]
  let errors: string

  beforeAll(async () => {
    const { stdout, stderr } = await run(python, [join(directory, script)], {
      input: facts,
      env: { PYTHONDONTWRITEBYTECODE: '1', PYTHONPATH: directory },
    })
    errors = stderr
    outcomes = stdout.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Outcome]))
  })

  test.each(stepsOf(script))('%s', (name) => {
    const outcome = outcomes.find(({ step }) => step === name)
    expect(outcome ?? errors).toEqual({ step: name })
  })
})

describe('the program of the same package', () => {
  const gitlab = (...words: string[]) =>
    run(python, ['-m', 'gitlab', '-o', 'json', ...words], {
      env: { GITLAB_URL: scene.server.http, GITLAB_PRIVATE_TOKEN: rootToken, HOME: scene.machine.directory },
    })

  test('tells who calls, lists, makes and shows', async () => {
    expect(JSON.parse((await gitlab('current-user', 'get')).stdout)).toMatchObject({ username: 'root' })
    expect(JSON.parse((await gitlab('project', 'get', '--id', 'castle/gate')).stdout)).toMatchObject({ id: scene.project })
    const made = await gitlab(
      'user-personal-access-token',
      'create',
      '--user-id',
      String(scene.ada.id),
      '--name',
      'cli',
      '--scopes',
      'api',
    )
    expect(JSON.parse(made.stdout)).toMatchObject({ name: 'cli', scopes: ['api'] })
    const listed = JSON.parse(
      (await gitlab('personal-access-token', 'list', '--user-id', String(scene.ada.id), '--get-all')).stdout,
    )
    expect(listed.map(({ name }: { name: string }) => name)).toContain('cli')
  })

  test('tells of a refusal', async () => {
    const { code, stderr } = await gitlab('project', 'get', '--id', 'castle/none')
    expect([code, stderr]).toEqual([1, expect.stringContaining('404 Project Not Found')])
  })
})

// What glab and Terraform's provider ask before anything else (curl, as scripts do); the header comes from a file.
describe.each(['/user', '/personal_access_tokens/self', '/version', '/metadata'])('GET %s', (path) => {
  const curl = async (token: string | undefined) => {
    const format = ['--write-out', '\n%{http_code}', '--silent']
    const header = token === undefined ? [] : ['--header', '@-']
    const { stdout } = await run('curl', [...format, ...header, `${scene.server.http}/api/v4${path}`], {
      input: `PRIVATE-TOKEN: ${token}`,
    })
    const [body = '', status] = stdout.split('\n')
    return { status: Number(status), body: JSON.parse(body) }
  }

  test('for a user, and for nobody', async () => {
    expect((await curl(scene.ada.token)).status).toBe(200)
    expect(await curl(undefined)).toEqual({ status: 401, body: { message: '401 Unauthorized' } })
  })
})
