import { rm } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { requestHead, sendRaw } from '../http/raw.ts'
import { newHome, rootToken, type Sallyport, startSallyport } from '../support/sallyport.ts'

const start = (home: string) =>
  startSallyport({ home, workers: 3, env: { SALLYPORT_BAN: '10/60/3600', SALLYPORT_BAN_EXEMPT: '' } })

let home: string
let server: Sallyport

beforeAll(async () => {
  home = await newHome()
  server = await start(home)
})

afterAll(async () => {
  await server?.stop()
  await rm(home, { recursive: true, force: true })
})

/** Each try on a connection of its own, so that the workers take turns. */
const knock = async (login: string, secret: string): Promise<number> => {
  const authorization = `Authorization: Basic ${Buffer.from(`${login}:${secret}`).toString('base64')}`
  const head = requestHead('GET /no/such.git/info/refs?service=git-upload-pack', [authorization])
  return (await sendRaw(Number(new URL(server.http).port), head)).status
}

const workersOf = (status: number): Set<unknown> =>
  new Set(server.log.filter((line) => line['status'] === status).map((line) => line['pid']))

test('ten wrong tries over three workers ban, at the tenth', { timeout: 60_000 }, async () => {
  // The other two join after the first has opened the doors.
  const joined = new Set<unknown>()
  await server.logged((line) => line['msg'] === 'a worker joined' && joined.add(line['worker']).size === 2)
  for (let time = 1; time < 10; time += 1) expect([time, await knock('root', 'wrong')]).toEqual([time, 401])
  expect(await knock('root', rootToken)).toBe(404)
  for (let time = 1; time <= 10; time += 1) expect([time, await knock('mallory', `wrong${time}`)]).toEqual([time, 401])
  expect(await knock('root', rootToken)).toBe(403)
  await server.settled()
  expect(workersOf(401).size).toBeGreaterThan(1)
  const crossing = await server.logged((line) => String(line['msg']).startsWith('Rack_Attack: Git auth failures'))
  expect(crossing).toMatchObject({
    msg: 'Rack_Attack: Git auth failures has exceeded the threshold. IP has been temporarily banned from Git auth.',
    env: 'blocklist',
    remote_ip: '127.0.0.1',
    request_method: 'GET',
    path: '/no/such.git/info/refs',
    login: 'mallory',
  })
  expect(JSON.stringify(server.log)).not.toMatch(/wrong\d/)
})

test('the ban is an audit event', async () => {
  const bans = async () => {
    const answer = await fetch(`${server.http}/api/v4/audit_events`, { headers: { 'PRIVATE-TOKEN': rootToken } })
    const events = (await answer.json()) as readonly Record<string, unknown>[]
    return events.filter((event) => event['event_name'] === 'address_banned')
  }
  // The worker that banned keeps the event soon, not before it answers.
  await expect
    .poll(bans)
    .toMatchObject([
      { entity_type: 'Gitlab::Audit::InstanceScope', details: { ip_address: '127.0.0.1', target_details: '127.0.0.1' } },
    ])
})

test('the ban is no matter of the API', async () => {
  const answer = await fetch(`${server.http}/api/v4/user`, { headers: { 'PRIVATE-TOKEN': rootToken } })
  expect(answer.status).toBe(200)
})

test('it outlives the worker that said so', { timeout: 60_000 }, async () => {
  const [worker] = workersOf(403)
  process.kill(Number(worker), 'SIGKILL')
  await server.logged((line) => line['msg'] === 'a worker died and is replaced' && line['worker'] === worker)
  expect(await knock('root', rootToken)).toBe(403)
})

test('and a stop', { timeout: 60_000 }, async () => {
  expect(await server.stop()).toBe(0)
  server = await start(home)
  expect(await knock('root', rootToken)).toBe(403)
})
