import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { connect, type Socket } from 'node:net'
import { describe, expect, test, vi } from 'vitest'
import { Scene } from '../journeys/scene.ts'
import { readPrometheus, type Sample, sumOf } from '../support/prometheus.ts'
import { rootToken, type Sallyport, startSallyport } from '../support/sallyport.ts'

const metricsText = async (
  server: Sallyport,
  headers: Record<string, string> = {},
): Promise<{ status: number; text: string }> => {
  const answer = await fetch(`${server.http}/-/metrics`, { headers: { Connection: 'close', ...headers } })
  return { status: answer.status, text: await answer.text() }
}

const scrape = async (server: Sallyport): Promise<readonly Sample[]> => readPrometheus((await metricsText(server)).text)

/** Asks over a connection of its own, which stays open. */
const keep = async (server: Sallyport): Promise<Agent> => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const asked = request(`${server.http}/-/liveness`, { agent }).end()
  const [answer] = await once(asked, 'response')
  answer.resume()
  await once(answer, 'end')
  return agent
}

const greeted = async ({ ssh }: Sallyport): Promise<Socket> => {
  const socket = connect(ssh.port, ssh.host)
  await once(socket, 'data')
  return socket
}

const openOf = (samples: readonly Sample[], door: string): readonly number[] =>
  ['1', '2'].map((worker) => sumOf(samples, 'sallyport_connections_total', { door, worker }))

/** How many connections each worker took of those that `connectAll` makes. */
const sharesOf = async (server: Sallyport, door: string, connectAll: () => Promise<unknown>): Promise<readonly number[]> => {
  const before = openOf(await scrape(server), door)
  await connectAll()
  const after = openOf(await scrape(server), door)
  return after.map((count, place) => count - (before[place] ?? 0))
}

const times = <Value>(count: number, make: () => Promise<Value>): Promise<Value[]> =>
  Promise.all(Array.from({ length: count }, make))

const twoWorkers = async (server: Sallyport): Promise<void> => {
  await vi.waitFor(
    async () => expect(sumOf(await scrape(server), 'sallyport_process_cpu_seconds_total', { worker: '2' })).toBeGreaterThan(0),
    {
      timeout: 15_000,
    },
  )
}

const oneByOne = async (count: number, make: () => Promise<unknown>): Promise<void> => {
  for (let made = 0; made < count; made += 1) await make()
}

/** The scrapes are connections too. */
const expectEven = async (server: Sallyport): Promise<void> => {
  const agents: Agent[] = []
  const sockets: Socket[] = []
  const http = await sharesOf(server, 'http', () => oneByOne(40, async () => agents.push(await keep(server))))
  const ssh = await sharesOf(server, 'ssh', () => oneByOne(40, async () => sockets.push(await greeted(server))))
  for (const agent of agents) agent.destroy()
  for (const socket of sockets) socket.destroy()
  for (const share of [...http, ...ssh]) expect(Math.abs(share - 20)).toBeLessThanOrEqual(3)
}

describe('the figures of a server with two workers', () => {
  test('are text that Prometheus reads, without a secret, a name or a path', async () => {
    await using scene = await Scene.open({ workers: 2 })
    const { server, client } = scene
    const person = await scene.person('figurer')
    await client.git(['clone', '-q', client.sshUrl('castle/public'), 'over-ssh'], { key: person.key })
    await client.git(['clone', '-q', client.url('castle/private', 'figurer', person.token), 'denied'])
    await scene.infoRefs('castle/private', 'upload-pack', { login: 'figurer', secret: 'glpat-of-nobody-at-all-00' })
    await server.settled()
    const { status, text } = await metricsText(server)
    expect(status).toBe(200)
    const samples = readPrometheus(text)
    const labels = new Set(samples.flatMap((sample) => Object.keys(sample.labels)))
    expect([...labels].sort()).toEqual(['credential', 'door', 'how', 'kind', 'le', 'outcome', 'reason', 'service', 'worker'])
    for (const hidden of [rootToken, person.token, 'figurer', 'castle', 'glpat', server.home, '127.0.0.1'])
      expect(text).not.toContain(hidden)
    expect(sumOf(samples, 'sallyport_requests_total', { door: 'ssh', kind: 'upload_pack', outcome: 'success' })).toBe(1)
    expect(sumOf(samples, 'sallyport_requests_total', { door: 'http', kind: 'receive_pack', outcome: 'success' })).toBe(3)
    expect(sumOf(samples, 'sallyport_refusals_total', { reason: 'credential_unknown' })).toBe(1)
    expect(sumOf(samples, 'sallyport_authentications_total', { door: 'ssh', credential: 'user-key', outcome: 'accepted' })).toBe(
      1,
    )
    expect(sumOf(samples, 'sallyport_git_processes_started_total', { service: 'receive_pack' })).toBe(3)
    expect(sumOf(samples, 'sallyport_workers')).toBe(2)
    const count = sumOf(samples, 'sallyport_request_duration_seconds_count')
    expect(count).toBe(sumOf(samples, 'sallyport_request_duration_seconds_bucket', { le: '+Inf' }))
    expect(count).toBe(sumOf(samples, 'sallyport_requests_total'))
  })

  test('are the sum whoever is asked, and do not fall when a worker is killed, whose place is taken', async () => {
    await using server = await startSallyport({ workers: 2 })
    await twoWorkers(server)
    const ask = () => fetch(`${server.http}/api/v4/version`, { headers: { 'PRIVATE-TOKEN': rootToken, Connection: 'close' } })
    const versions = async () => sumOf(await scrape(server), 'sallyport_requests_total', { kind: 'api', outcome: 'success' })
    await times(40, ask)
    await vi.waitFor(async () => expect(await versions()).toBe(40))
    expect(await times(4, versions)).toEqual([40, 40, 40, 40])
    await expectEven(server)
    const joined = server.log.find((line) => line['msg'] === 'a worker joined')
    process.kill(Number(joined?.['worker']), 'SIGKILL')
    await server.logged((line) => String(line['msg']).includes('a worker died and is replaced'))
    expect(await versions()).toBe(40)
    await times(8, ask)
    await server.logged((line) => line['msg'] === 'a worker joined' && line['worker'] !== joined?.['worker'])
    await vi.waitFor(async () => expect(await versions()).toBe(48))
    expect(sumOf(await scrape(server), 'sallyport_workers_replaced_total')).toBe(1)
    await twoWorkers(server)
    await expectEven(server)
  })

  test('go on at the same addresses when all workers die at once', async () => {
    await using server = await startSallyport({ workers: 2 })
    await twoWorkers(server)
    const first = server.log.find((line) => line['msg'] === 'a worker joined')
    const answers = await times(12, () => fetch(`${server.http}/api/v4/version`, { headers: { Connection: 'close' } }))
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 401))
    await server.settled()
    const workers = new Set(server.log.filter((line) => line['door'] === 'api').map((line) => Number(line['pid'])))
    expect(workers).toContain(first?.['worker'])
    expect(workers.size).toBe(2)
    const asked = async () => sumOf(await scrape(server), 'sallyport_requests_total', { kind: 'api' })
    await vi.waitFor(async () => expect(await asked()).toBe(13))
    for (const pid of workers) process.kill(pid, 'SIGKILL')
    await vi.waitFor(async () => expect((await metricsText(server)).status).toBe(200), { timeout: 15_000 })
    await twoWorkers(server)
    expect(await asked()).toBe(13)
    expect(sumOf(await scrape(server), 'sallyport_workers_replaced_total')).toBeGreaterThanOrEqual(2)
    for (const socket of await times(4, () => greeted(server))) socket.destroy()
  })
})

describe('the figures are told', () => {
  test('to the addresses that may monitor, as they are behind a trusted proxy; for others there is nothing here', async () => {
    const env = { SALLYPORT_TRUSTED_PROXIES: '127.0.0.1', SALLYPORT_MONITOR_ALLOW: '127.0.0.1,192.0.2.0/24' }
    await using server = await startSallyport({ env })
    const from = (address: string) => metricsText(server, { 'X-Forwarded-For': address })
    expect((await metricsText(server)).status).toBe(200)
    expect((await from('192.0.2.9')).status).toBe(200)
    const nothing = await fetch(`${server.http}/-/nothing`)
    expect(await from('198.51.100.1')).toEqual({ status: 404, text: await nothing.text() })
    expect((await from('192.0.2.9, 198.51.100.1')).status).toBe(404)
    const posted = await fetch(`${server.http}/-/metrics`, { method: 'POST' })
    expect([posted.status, posted.headers.get('allow')]).toEqual([405, 'GET'])
  })

  test('to this machine alone where nothing is set, and not through a proxy on it that nobody named', async () => {
    await using server = await startSallyport()
    expect((await metricsText(server, { 'X-Forwarded-For': '127.0.0.1' })).status).toBe(404)
    expect((await metricsText(server, { Forwarded: 'for=127.0.0.1' })).status).toBe(404)
    const answer = await fetch(`${server.http}/-/metrics?x=1`)
    expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
    expect(sumOf(readPrometheus(await answer.text()), 'sallyport_workers')).toBe(1)
  })
})
