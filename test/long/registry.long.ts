import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sallyport } from '../cli/command-line.ts'
import { password, RegistryStage } from '../registry/stage.ts'
import { run } from '../support/client.ts'
import { freeAddress, type Login, Registry, Skopeo } from '../support/registry.ts'
import { rootPassword, rootToken } from '../support/sallyport.ts'

let address: string
let stage: RegistryStage
let registry: Registry
let skopeo: Skopeo

beforeAll(async () => {
  address = await freeAddress()
  stage = await RegistryStage.open(address)
  const { stdout } = await sallyport(['registry', 'config', '--home', stage.server.home, '--url', stage.server.http])
  registry = await Registry.start(address, stdout)
  skopeo = await Skopeo.make(address)
  for (const path of ['private', 'internal', 'public']) {
    const { code, stderr } = await skopeo.push(await skopeo.image(), `castle/${path}:seed`, ['root', rootToken])
    if (code !== 0) throw new Error(stderr)
  }
})

afterAll(async () => {
  await skopeo?.[Symbol.asyncDispose]()
  await registry?.[Symbol.asyncDispose]()
  await stage?.[Symbol.asyncDispose]()
})

const own = () => `projects/${stage.projects.get('private')}`
const both = ['read_registry', 'write_registry']

const bot = async (home: string): Promise<Login> => {
  const made = await stage.api.make('POST', `/${home}/access_tokens`, { name: 'bot', scopes: both, access_level: 30 })
  return ['bot', made.token]
}

const personal =
  (username: string, ...scopes: readonly string[]) =>
  async (): Promise<Login> => ['any', await stage.tokenOf(username, scopes)]

const impersonation = async (): Promise<Login> => {
  const path = `/users/${stage.who('developer').id}/impersonation_tokens`
  return ['any', (await stage.api.make('POST', path, { name: 'borrowed', scopes: ['api'] })).token]
}

const serviceAccount = async (): Promise<Login> => {
  const path = `/groups/${stage.groups.get('castle')}`
  const { id } = await stage.api.make('POST', `${path}/service_accounts`)
  await stage.api.make('POST', `${path}/members`, { user_id: id, access_level: 30 })
  const made = await stage.api.make('POST', `${path}/service_accounts/${id}/personal_access_tokens`, { name: 'x', scopes: both })
  return ['service', made.token]
}

/** Who shows what, where: whether a pull, a push and a deletion end well. */
const rows: readonly (readonly [name: string, make: () => Promise<Login>, path: string, does: string])[] = [
  ['nobody', async () => undefined, 'public', 'pull'],
  ['nobody', async () => undefined, 'internal', ''],
  ['nobody', async () => undefined, 'private', ''],
  ['password of a Developer', async () => ['developer', password], 'private', 'pull push'],
  ['password of root', async () => ['root', rootPassword], 'private', 'pull push delete'],
  ['token of a Maintainer', personal('maintainer', 'api'), 'private', 'pull push delete'],
  ['token of a Developer', personal('developer', 'api'), 'private', 'pull push'],
  ['token of a Reporter', personal('reporter', 'api'), 'private', 'pull'],
  ['token of a Guest', personal('guest', 'api'), 'private', ''],
  ['token of a stranger', personal('stranger', 'api'), 'internal', 'pull'],
  ['token of an external stranger', personal('external', 'api'), 'internal', ''],
  ['read_registry of a Maintainer', personal('maintainer', 'read_registry'), 'private', 'pull'],
  ['write_registry alone of a Maintainer', personal('maintainer', 'write_registry'), 'private', ''],
  ['both of a Maintainer', personal('maintainer', ...both), 'private', 'pull push'],
  ['read_api of a Maintainer', personal('maintainer', 'read_api'), 'private', 'pull'],
  ['write_repository of a Maintainer', personal('maintainer', 'write_repository'), 'public', ''],
  ['impersonation token', impersonation, 'private', 'pull push'],
  ['project token', () => bot(own()), 'private', 'pull push'],
  ['project token', () => bot(own()), 'public', 'pull'],
  ['group token', () => bot(`groups/${stage.groups.get('castle')}`), 'internal', 'pull push'],
  ['token of a service account', serviceAccount, 'private', 'pull push'],
  ['deploy token that reads', () => stage.deployToken(own(), ['read_registry']), 'private', 'pull'],
  ['deploy token of both', () => stage.deployToken(own(), both), 'private', 'pull push'],
  ['deploy token of the group', () => stage.deployToken(`groups/${stage.groups.get('castle')}`, both), 'internal', 'pull push'],
  ['deploy token from elsewhere', () => stage.deployToken(`groups/${stage.groups.get('other')}`, both), 'private', ''],
  ['deploy token of code', () => stage.deployToken(own(), ['read_repository']), 'private', ''],
  ['OAuth token', () => stage.oauth('developer', 'api'), 'private', 'pull push'],
  ['job at home', () => stage.job('private'), 'private', 'pull push delete'],
  ['job elsewhere', () => stage.job('private'), 'public', 'pull'],
]

describe('with each kind of credential', () => {
  test.each(rows)('%s at %#', async (_name, make, path, does) => {
    const login = await make()
    const name = `castle/${path}`
    const pulled = await skopeo.pull(`${name}:seed`, login)
    const pushed = await skopeo.push(await skopeo.image(), `${name}:by`, login)
    await skopeo.push(await skopeo.image(), `${name}:gone`, ['root', rootToken])
    const removed = await skopeo.remove(`${name}:gone`, login)
    const ended = { pull: pulled.code, push: pushed.code, delete: removed.code }
    expect(Object.entries(ended).flatMap(([what, code]) => (code === 0 ? [what] : []))).toEqual(does.split(' ').filter(Boolean))
  })

  test('a layer is mounted from another project where both are open', async () => {
    const login: Login = ['any', stage.who('developer').token]
    expect((await skopeo.copy('castle/private:seed', 'castle/internal/copy:1', login)).code).toBe(0)
    expect(
      (await skopeo.copy('castle/private:seed', 'castle/internal/copy:2', ['any', stage.who('stranger').token])).code,
    ).not.toBe(0)
  })
})

/** Hands on what it is sent, and the body of the first layer only after a while. */
class SlowWay {
  readonly address: string
  readonly #server: Server
  held = 0

  private constructor(address: string, server: Server) {
    this.address = address
    this.#server = server
  }

  static async to(target: string, seconds: number): Promise<SlowWay> {
    const server = createServer()
    const where = await freeAddress()
    const way = new SlowWay(where, server)
    server.requestTimeout = 0
    server.on('request', (incoming, answer) => void way.#pass(target, seconds, incoming, answer))
    const [host = '', port = ''] = where.split(':')
    server.listen(Number(port), host)
    await once(server, 'listening')
    return way
  }

  async #pass(target: string, seconds: number, incoming: IncomingMessage, answer: ServerResponse): Promise<void> {
    const { method = '', url = '', headers } = incoming
    const onward = request(`http://${target}${url}`, { method, headers })
    onward.on('response', (response) => {
      answer.writeHead(response.statusCode ?? 502, response.headers)
      response.pipe(answer)
    })
    onward.flushHeaders()
    if (method === 'PATCH' && this.held === 0) {
      this.held += 1
      await pause(seconds * 1_000)
    }
    incoming.pipe(onward)
  }

  close(): void {
    this.#server.closeAllConnections()
    this.#server.close()
  }
}

test('the demo ends as expected', async () => {
  const { code, stdout } = await run(process.execPath, [join(import.meta.dirname, '../../demo/registry.ts'), '--json'])
  const attempts = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { ok: boolean })
  expect(attempts.filter(({ ok }) => !ok)).toEqual([])
  expect([code, attempts.length > 20]).toEqual([0, true])
})

/** How long a layer is under way, in seconds: longer than a token of one minute, and the registry's own minute of grace. */
const layerSeconds = Number(process.env['LAYER_SECONDS'] ?? 130)

test('a layer that takes longer than any token lives is pushed whole', { timeout: (layerSeconds + 120) * 1_000 }, async () => {
  await stage.api.make('PUT', '/application/settings', { container_registry_token_expire_delay: 1 })
  const way = await SlowWay.to(address, layerSeconds)
  const slow = await Skopeo.make(way.address)
  try {
    const login: Login = ['deployer', (await stage.deployToken(own(), both))?.[1] ?? '']
    const { code, stderr } = await slow.push(await slow.image(randomBytes(2 ** 20)), 'castle/private/slow:1', login)
    expect([code, stderr]).toEqual([0, ''])
    expect(way.held).toBeGreaterThan(0)
    expect((await skopeo.pull('castle/private/slow:1', login)).code).toBe(0)
  } finally {
    way.close()
    await slow[Symbol.asyncDispose]()
    await stage.api.make('PUT', '/application/settings', { container_registry_token_expire_delay: 5 })
  }
})
