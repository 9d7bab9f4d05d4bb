import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Role } from '../../src/core/project.ts'
import { GitStage } from '../support/git-stage.ts'

let stage: GitStage
let token: string
let client = 0

beforeAll(async () => {
  stage = await GitStage.open({
    env: { SALLYPORT_BAN: '3/60/3600', SALLYPORT_BAN_EXEMPT: '192.0.2.0/24', SALLYPORT_TRUSTED_PROXIES: '127.0.0.1' },
  })
  const ada = stage.user('ada')
  token = stage.token(ada)
  await stage.project('castle/gate', { roles: new Map([[ada.id as number, 40 as Role]]) })
})

afterAll(() => stage?.close())

beforeEach(() => {
  client += 1
  stage.ahead = 0
})

const basic = (login: string, secret: string) => `Basic ${Buffer.from(`${login}:${secret}`).toString('base64')}`
const fresh = () => `198.51.100.${client}`

const ask = (authorization: string | undefined, from = fresh(), path = '/castle/gate.git/info/refs?service=git-upload-pack') =>
  fetch(`${stage.url}${path}`, {
    headers: { 'X-Forwarded-For': from, ...(authorization !== undefined && { Authorization: authorization }) },
  })

const statuses = async (tries: readonly (string | undefined)[], from = fresh()): Promise<number[]> => {
  const seen: number[] = []
  for (const authorization of tries) seen.push((await ask(authorization, from)).status)
  return seen
}

const wrong = basic('ada', 'guess')
const job = basic('gitlab-ci-token', 'guess')

test('the third wrong credential bans: then even right ones get 403 in plain text, and nothing more', async () => {
  expect(await statuses([wrong, wrong, wrong])).toEqual([401, 401, 401])
  const answer = await ask(basic('ada', token))
  expect([answer.status, await answer.text()]).toEqual([403, 'Forbidden\n'])
  expect(answer.headers.get('content-type')).toMatch(/^text\/plain/)
  for (const header of ['retry-after', 'www-authenticate', 'ratelimit-limit']) expect(answer.headers.get(header)).toBeNull()
})

test('a banned address is still served without Basic, and others are served with it', async () => {
  await statuses([wrong, wrong, wrong])
  expect(await statuses([undefined, `Bearer ${token}`, job])).toEqual([401, 200, 401])
  expect(await statuses([basic('ada', token)], '198.51.100.250')).toEqual([200])
})

test('every door of git is shut', async () => {
  await statuses([wrong, wrong, wrong])
  const right = basic('ada', token)
  for (const path of [
    '/castle/gate.git/info/refs?service=git-receive-pack',
    '/castle/gate.git/info/refs?service=git-unknown',
    '/no/such.git/info/refs?service=git-upload-pack',
  ]) {
    expect([path, (await ask(right, fresh(), path)).status]).toEqual([path, 403])
  }
  for (const service of ['upload-pack', 'receive-pack']) {
    const answer = await fetch(`${stage.url}/castle/gate.git/git-${service}`, {
      method: 'POST',
      headers: {
        'X-Forwarded-For': fresh(),
        Authorization: right,
        'Content-Type': `application/x-git-${service}-request`,
      },
      body: '0000',
    })
    expect([service, answer.status]).toEqual([service, 403])
  }
})

test('the ban ends with the clock', async () => {
  await statuses([wrong, wrong, wrong])
  stage.ahead = 3_599_000
  expect(await statuses([basic('ada', token)])).toEqual([403])
  stage.ahead = 3_601_000
  expect(await statuses([basic('ada', token)])).toEqual([200])
})

describe('what counts', () => {
  test.each<[string, () => (string | undefined)[], boolean]>([
    ['two wrong, one right, two wrong', () => [wrong, wrong, basic('ada', token), wrong, wrong], false],
    ['no credential', () => [undefined, undefined, undefined, undefined], false],
    ['an empty pair', () => ['Basic Og==', 'Basic Og==', 'Basic Og==', 'Basic Og=='], false],
    ['a wrong bearer token', () => ['Bearer a', 'Bearer b', 'Bearer c', 'Bearer d'], false],
    ['another scheme', () => ['Negotiate a', 'Digest b', 'Negotiate c', 'x'], false],
    ['the login of CI jobs', () => [job, job, job, job], false],
    ['a right token for a project that is not there', () => Array(4).fill(basic('ada', token)), false],
    ['a login without password', () => Array(3).fill(basic('ada', '')), true],
    ['a header that cannot be read', () => Array(3).fill('Basic !!!'), true],
    ['wrong ones with nobody between them', () => [wrong, undefined, wrong, undefined, wrong], true],
    ['wrong ones with a bearer token between them', () => [wrong, wrong, `Bearer ${token}`, wrong], true],
  ])('%s: %s', async (_what, tries, isBanned) => {
    await statuses(tries())
    expect(await statuses([basic('ada', token)])).toEqual([isBanned ? 403 : 200])
  })

  test('a right token for a project that is not there is a success', async () => {
    await statuses([wrong, wrong])
    await ask(basic('ada', token), fresh(), '/no/such.git/info/refs?service=git-upload-pack')
    await statuses([wrong, wrong])
    expect(await statuses([basic('ada', token)])).toEqual([200])
  })

  test.each(['192.0.2.7', '::ffff:192.0.2.7'])('nothing from the exempt %s', async (from) => {
    expect(await statuses([wrong, wrong, wrong, basic('ada', token)], from)).toEqual([401, 401, 401, 200])
  })
})

test('the log tells who was banned, and who was turned away for it', async () => {
  const login = 'mallory'
  await statuses([basic(login, 'a'), basic(login, 'b'), basic(login, 'hush')])
  expect(stage.bans.at(-1)).toMatchObject({
    from: fresh(),
    by: { address: fresh(), request: { method: 'GET', path: '/castle/gate.git/info/refs' } },
  })
  await statuses([basic('ada', token)])
  expect(await stage.lineWhere((line) => line['msg'] === 'Rack_Attack' && line['remote_ip'] === fresh())).toMatchObject({
    env: 'blocklist',
    status: 403,
    method: 'GET',
    path: '/castle/gate.git/info/refs',
    'meta.refusal_reason': 'address_banned',
  })
  expect(JSON.stringify(stage.logged)).not.toContain('hush')
})

test('nothing is looked up for a banned address', async () => {
  await statuses([wrong, wrong, wrong])
  const looks = [vi.spyOn(stage.tokens, 'get'), vi.spyOn(stage.projects, 'get')]
  await statuses([basic('ada', token), basic('ada', token)])
  for (const look of looks) {
    expect(look).not.toHaveBeenCalled()
    look.mockRestore()
  }
})
