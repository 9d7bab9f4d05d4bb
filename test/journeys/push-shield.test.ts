import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Ran } from '../support/client.ts'
import { rootToken } from '../support/sallyport.ts'
import { Scene } from './scene.ts'

let scene: Scene
let directory: string
let project: number
let url: string
let live: string

beforeAll(async () => {
  scene = await Scene.open({}, { members: ['developer', 'maintainer'], projects: [] })
  project = await scene.project('shielded', { visibility: 'private' })
  const { token } = await scene.token(scene.who('developer').id, ['read_api'])
  live = token
  directory = await scene.client.repository('work')
  url = scene.client.url('castle/shielded', 'root', rootToken)
})

afterAll(() => scene?.[Symbol.asyncDispose]())

const git = (...words: string[]): Promise<Ran> => scene.client.git(words, { cwd: directory })

const base64 = (text: string): string => Buffer.from(text).toString('base64')

/** A branch of its own with one commit that brings these files. */
const commitFiles = async (branch: string, files: Readonly<Record<string, string>>, message = 'files'): Promise<void> => {
  await git('checkout', '-q', '--orphan', branch)
  await git('read-tree', '--empty')
  for (const [name, text] of Object.entries(files)) await writeFile(join(directory, name), text)
  await git('add', '--', ...Object.keys(files))
  await git('commit', '-q', '--allow-empty', '-m', message)
}

const push = (...refs: string[]): Promise<Ran> => git('push', '-q', url, ...refs)

const remoteRefs = async (): Promise<string> => (await git('ls-remote', url, 'forms', 'told')).stdout

const newToken = async (): Promise<string> => (await scene.token(scene.who('developer').id, ['read_api'])).token

const works = async (token: string): Promise<boolean> => (await scene.api.as(token).call('GET', '/version')).status === 200

const shield = (change: { enabled?: boolean; revoke?: boolean }) =>
  scene.api.make('PUT', `/projects/${project}/sallyport/push_shield`, change)

const secretInYaml = (token: string): string => `kind: Secret\ndata:\n  name: ${base64('some name')}\n  token: ${base64(token)}\n`

const lines = (text: string): string => text.replaceAll(/.{76}/g, '$&\n')

const forms: [form: string, (token: string) => string, line: number][] = [
  ['plain', (token) => `first\nsecond: ${token}\n`, 2],
  ['before a word', (token) => `https://oauth2:${token}@git.example.org/`, 1],
  ['with nothing but letters behind', (token) => `${token}more`, 1],
  ['in a URL that needs no codes', (token) => `a\nb\nhttps://x.example/?t=${encodeURIComponent(token)}&u=1`, 3],
  ['in a URL with its signs in codes', (token) => `?t=${token.replaceAll('-', '%2D').replaceAll('_', '%5F')}`, 1],
  ['in a URL twice', (token) => `?t=${token.replaceAll('-', '%252d')}`, 1],
  ['in a URL with all in codes', (token) => `?t=${Buffer.from(token).toString('hex').replaceAll(/../g, '%$&')}`, 1],
  ['base64', (token) => `\n\n${base64(token)}\n`, 3],
  ['base64 one byte on', (token) => `auth: ${base64(`:${token}`)}`, 1],
  ['base64 of a login', (token) => `Authorization: Basic ${base64(`me:${token}`)}`, 1],
  ['base64 for addresses', (token) => `x=${Buffer.from(`??>${token}`).toString('base64url')}`, 1],
  ['base64 in YAML', secretInYaml, 4],
  ['base64 of YAML', (token) => `config: ${base64(`a: 1\nb:\n  token: ${token}\n`)}`, 1],
  ['base64 of YAML with base64', (token) => base64(secretInYaml(token)), 1],
  ['base64 in lines', (token) => lines(base64(`${'some more text '.repeat(14)}\ntoken: ${token}\n${'x'.repeat(90)}`)), 4],
]

describe('a live token in a push', () => {
  let told = ''

  beforeAll(async () => {
    const files = {
      ...Object.fromEntries(forms.map(([form, make]) => [form, make(live)])),
      'a b.txt': `x\n${live}`,
      'fine.txt': 'fine',
    }
    await commitFiles('forms', files, `subject\n\n${live}`)
    await git('tag', '-a', '-m', `subject\n\n${live}`, 'told')
    await writeFile(join(directory, 'a b.txt'), 'x')
    await git('commit', '-qam', 'undo')
  })

  test('declines it, and does not repeat the token', async () => {
    const ran = await push('forms', 'refs/tags/told')
    expect(ran).toMatchObject({ code: 1, stderr: expect.stringContaining('pre-receive hook declined') })
    expect(ran.stderr).not.toContain(live)
    expect(await remoteRefs()).toBe('')
    told = ran.stderr
  })

  test.each(forms)('is found %s', (form, _, line) => {
    expect(told).toContain(`  ${form}:${line} (personal access token)`)
  })

  test('is found in a commit that a later one undoes, and nowhere else', () => {
    expect(told).toContain('a b.txt:2 (')
    expect(told).not.toContain('fine.txt')
  })

  test.each(['commit', 'tag'])('is found in the message of a %s', (type) => {
    expect(told).toMatch(new RegExp(`  ${type} [0-9a-f]{12}:\\d+ \\(personal`))
  })

  test('is found over SSH', async () => {
    const { key } = scene.who('maintainer')
    const ran = await scene.client.git(['push', '-q', scene.client.sshUrl('castle/shielded'), 'forms'], { cwd: directory, key })
    expect(ran).toMatchObject({ code: 1, stderr: expect.stringContaining('base64:3 (personal access token)') })
  })

  test('is found in a pack of many files, on its line', async () => {
    for (let at = 0; at < 150; at += 1) await writeFile(join(directory, `file-${at}.txt`), `content ${at}\n`)
    await writeFile(join(directory, 'large.txt'), `${'a line of text\n'.repeat(200_000)}${live}\n`)
    await git('add', '.')
    await git('commit', '-qm', 'many')
    const { code, stderr } = await push('forms')
    expect(code).toBe(1)
    for (const [form, , line] of forms) expect(stderr).toContain(`  ${form}:${line} (personal access token)`)
    expect(stderr).toContain('large.txt:200001 (')
  })

  test('that is dead, or none of ours, is no matter', async () => {
    const { id, token } = await scene.token(scene.who('developer').id, ['read_api'])
    await scene.api.make('DELETE', `/personal_access_tokens/${id}`)
    await commitFiles('dead', { 'config.yml': `${token}\nglpat-AAAAAAAAAAAAAAAAAAAA\n${'ab'.repeat(32)}\n` })
    expect(await push('dead')).toMatchObject({ code: 0 })
  })
})

test('a shield that is switched off lets everything through; what is there then is no matter of later pushes', async () => {
  const token = await newToken()
  const text = `${'some line\n'.repeat(400)}${token}\n`
  await shield({ enabled: false })
  await commitFiles('old', { 'config.yml': text })
  expect(await push('old')).toMatchObject({ code: 0 })
  await shield({ enabled: true })
  await writeFile(join(directory, 'config.yml'), text.replace(token, 'gone'))
  for (let at = 0; at < 120; at += 1) await writeFile(join(directory, `more-${at}`), `${at}`)
  await git('add', 'config.yml', ':/more-*')
  await git('commit', '-qm', 'gone')
  expect(await push('old', 'old~1:refs/heads/again')).toMatchObject({ code: 0 })
})

/** One secret of each kind that the API hands out, with its name in the refusal. */
const secrets = async (): Promise<Record<string, string>> => {
  const at = `/projects/${project}`
  const terms = {
    name: 'found',
    scopes: ['read_repository'],
    expires_at: new Date(Date.now() + 864e5).toISOString().slice(0, 10),
  }
  const make = async (path: string, body: object = {}) => scene.api.make('POST', path, body)
  const application = await make('/applications', {
    name: 'found',
    redirect_uri: 'https://app.example.org/',
    scopes: 'api',
    confidential: true,
  })
  const grant = await fetch(`${scene.server.http}/oauth/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: application.application_id,
      client_secret: application.secret,
    }),
  })
  const { access_token } = (await grant.json()) as { access_token: string }
  return {
    'personal access token': await newToken(),
    'project access token': (await make(`${at}/access_tokens`, { ...terms, access_level: 30 })).token,
    'group access token': (await make(`/groups/${scene.groupId}/access_tokens`, { ...terms, access_level: 30 })).token,
    'deploy token': (await make(`${at}/deploy_tokens`, terms)).token,
    'pipeline trigger token': (await make(`${at}/triggers`, { description: 'found' })).token,
    'feed token': (await scene.api.make('GET', '/sallyport/user/feed_token')).token,
    'incoming email token': (await scene.api.make('GET', '/sallyport/user/incoming_email_token')).token,
    'runner token': (await make('/user/runners', { runner_type: 'project_type', project_id: project })).token,
    'runner registration token': (await make(`${at}/runners/reset_registration_token`)).token,
    'secret of an OAuth application': application.secret,
    'OAuth access token': access_token,
  }
}

test('every kind is known, and ends where the project says so', async () => {
  const found = await secrets()
  const names = Object.keys(found)
  const files = Object.fromEntries(
    Object.entries(found).map(([kind, secret], at) => [`${at}.txt`, `${kind}\n${base64(secret)}\n`]),
  )
  const told = names.map((kind, at) => `${at}.txt:2 (${kind})`)
  await commitFiles('kinds', files)
  const refused = await push('kinds')
  for (const line of told) expect(refused.stderr).toContain(line)
  expect(refused.stderr).toContain('Revoke them')
  await shield({ revoke: true })
  const revoked = await push('kinds')
  await shield({ revoke: false })
  for (const line of told) expect(revoked.stderr).toContain(line)
  expect(revoked.stderr).toContain('They were revoked.')
  expect(await works(found['personal access token'] ?? '')).toBe(false)
  expect(await push('kinds')).toMatchObject({ code: 0 })
  const events = await scene.api.make('GET', `/projects/${project}/audit_events?per_page=100`)
  const told2 = events.map((event: { event_name: string }) => event.event_name)
  expect(told2).toEqual(expect.arrayContaining(['deploy_token_revoked', 'pipeline_trigger_token_revoked', 'push_denied']))
})

describe('the setting', () => {
  test('is for Maintainers, and its changes are events', async () => {
    const path = `/projects/${project}/sallyport/push_shield`
    expect(await scene.api.make('GET', path)).toEqual({ enabled: true, revoke: false })
    const developer = scene.api.as(scene.who('developer').token)
    expect(await developer.call('GET', path)).toMatchObject({ status: 403 })
    expect(await developer.call('PUT', path, { enabled: false })).toMatchObject({ status: 403 })
    const maintainer = scene.api.as(scene.who('maintainer').token)
    expect(await maintainer.call('PUT', path, {})).toMatchObject({ status: 400 })
    expect(await maintainer.call('PUT', path, { revoke: true })).toMatchObject({
      status: 200,
      body: { enabled: true, revoke: true },
    })
    expect(await maintainer.make('PUT', path, { revoke: false })).toEqual({ enabled: true, revoke: false })
    const events = await scene.api.make('GET', `/projects/${project}/audit_events?per_page=100`)
    const changes = events.filter(
      (event: { event_name: string }) => event.event_name === 'project_push_shield_revocation_updated',
    )
    expect(changes[0]).toMatchObject({
      author_id: scene.who('maintainer').id,
      details: { change: 'revoke', from: 'true', to: 'false' },
    })
  })
})

describe('the API', () => {
  test('keeps live tokens out of tags and first commits', async () => {
    const tag = { tag_name: 'v1', ref: 'main', message: `subject\n\n${live}` }
    const refused = await scene.api.call('POST', `/projects/${project}/repository/tags`, tag)
    expect(refused).toMatchObject({ status: 400, body: { message: expect.stringContaining('personal access token') } })
    const project2 = { name: 'told', description: live, initialize_with_readme: true }
    expect(await scene.api.call('POST', '/projects', project2)).toMatchObject({ status: 400 })
    expect(await works(live)).toBe(true)
  })
})
