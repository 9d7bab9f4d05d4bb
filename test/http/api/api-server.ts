import { createSecretKey, generateKeyPairSync, randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Insertable } from 'kysely'
import { pino } from 'pino'
import { ApiGate } from '../../../src/access/api-gate.ts'
import { Gate, type GateParts } from '../../../src/access/gate.ts'
import { makeFactSource } from '../../../src/access/gather.ts'
import { readSettings, type Settings } from '../../../src/config.ts'
import type { Clock } from '../../../src/core/clock.ts'
import type { AccessTokenId, ProjectId, UserId } from '../../../src/core/ids.ts'
import { Secret } from '../../../src/core/secret.ts'
import { makeApi } from '../../../src/http/api/app.ts'
import type { ApiParts } from '../../../src/http/api/parts.ts'
import { Throttles } from '../../../src/http/throttles.ts'
import { SigningKeys } from '../../../src/pipelines/signing-keys.ts'
import { Shield } from '../../../src/shield/shield.ts'
import { makeActivity } from '../../../src/start/activity.ts'
import { makeLoginBan } from '../../../src/start/login-ban.ts'
import { JobFiles } from '../../../src/store/ci/job-files.ts'
import { watchQueue } from '../../../src/store/ci/queue-watch.ts'
import { securityEpoch } from '../../../src/store/epoch.ts'
import { storedFacts } from '../../../src/store/facts.ts'
import { openLimits } from '../../../src/store/limits.ts'
import { StoredCredentials } from '../../../src/store/lookups.ts'
import { insertUserNamespace } from '../../../src/store/namespaces.ts'
import type { UsersTable } from '../../../src/store/schema.ts'
import { migrate, openStore, type Store } from '../../../src/store/sqlite.ts'
import { followThrottleSettings } from '../../../src/store/throttle-settings.ts'
import { digestOf } from '../../../src/tokens/digest.ts'
import { makeToken } from '../../../src/tokens/make.ts'
import { Passwords } from '../../../src/tokens/passwords.ts'
import { Sealer } from '../../../src/tokens/seal.ts'
import { CertificateAuthority } from '../../../src/trust/authority.ts'
import { TokenExchange } from '../../../src/trust/exchange.ts'
import { IssuerKeys } from '../../../src/trust/issuer-keys.ts'
import { CallFailed } from '../../../src/trust/outbound.ts'
import { holdToDescription } from '../../support/described.ts'
import { askKept, type Sent } from '../../support/kept-alive.ts'

/** Made when a test asks for it, since that takes a while. */
const signingKey = (): string =>
  generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()

/** Nobody outside is called: what is there stands in a map. */
const trustBy = (
  store: Store,
  { url }: Pick<Settings, 'url'>,
  outside: ReadonlyMap<string, unknown>,
  signing: SigningKeys,
  clock: Clock,
): ApiParts['trust'] => {
  const issuerKeys = new IssuerKeys(async (address) => {
    if (outside.has(address)) return outside.get(address)
    throw new CallFailed('nobody is there')
  }, clock)
  const own = {
    issuer: () => url ?? '',
    keys: async () => ({ keys: (await signing.all()).map(({ published }) => ({ ...published })) }),
  }
  const authority = new CertificateAuthority(async () => generateKeyPairSync('ed25519').privateKey, clock)
  return { exchange: new TokenExchange({ store, issuerKeys, own, clock }), authority }
}

/** Noon of a fixed day, by which every test's clock stands unless it is moved. */
export const today = Date.parse('2026-03-10T12:00:00.000Z')

export interface Reply<Body> {
  readonly status: number
  readonly headers: Headers
  readonly body: Body
}

export interface Asked {
  readonly token?: string | undefined
  readonly headers?: Record<string, string>
  readonly json?: unknown
  readonly form?: Record<string, string> | string
}

export interface ApiServer {
  readonly url: string
  readonly home: string
  readonly store: Store
  readonly parts: ApiParts
  /** The lines that were logged so far. */
  readonly lines: Record<string, unknown>[]
  readonly removed: ProjectId[]
  readonly made: ProjectId[]
  /** What is on disk, as the tests say it. */
  readonly refs: Map<ProjectId, Map<string, string>>
  readonly heads: Map<ProjectId, string>
  /** JSON that is found outside, by its address. */
  readonly outside: Map<string, unknown>
  moveClock(to: number): void
  addUser(username: string, fields?: UserFields): Promise<UserId>
  addToken(user: UserId, fields?: TokenFields): Promise<{ id: AccessTokenId; token: string }>
  /** Asks below `/api/v4`; the caller says what body it expects, and looks. Each answer must be as `/openapi.json` says. */
  ask<Body = Record<string, unknown>>(method: string, path: string, asked?: Asked): Promise<Reply<Body>>
  close(): Promise<void>
}

export type UserFields = Partial<Insertable<UsersTable>>

export interface TokenFields {
  readonly scopes?: readonly string[]
  readonly expires_at?: string | null
  readonly revoked?: 0 | 1
  readonly impersonation?: 0 | 1
  readonly name?: string
}

const insertUser = (store: Store, username: string, fields: UserFields): Promise<UserId> =>
  store.write.transaction().execute(async (transaction) => {
    const time = new Date(today).toISOString()
    const { id } = await transaction
      .insertInto('users')
      .values({
        username,
        username_key: username.toLowerCase(),
        name: `Name of ${username}`,
        email: `${username}@example.org`,
        email_key: `${username.toLowerCase()}@example.org`,
        state: 'active',
        kind: 'human',
        is_admin: 0,
        is_external: 0,
        confirmed_at: time,
        can_create_group: 1,
        projects_limit: 100_000,
        note: null,
        password_hash: null,
        password_expires_at: null,
        bot_project_id: null,
        bot_group_id: null,
        created_by: null,
        created_at: time,
        updated_at: time,
        ...fields,
      })
      .returning('id')
      .executeTakeFirstOrThrow()
    await insertUserNamespace(transaction, { id, username, name: username }, today)
    return id
  })

const insertToken = async (store: Store, user: UserId, fields: TokenFields): Promise<{ id: AccessTokenId; token: string }> => {
  const token = Secret.open(makeToken('glpat-').secret)
  const { id } = await store.write
    .insertInto('access_tokens')
    .values({
      user_id: user,
      name: fields.name ?? 'test',
      description: null,
      digest: digestOf(new Secret(token)),
      scopes: JSON.stringify(fields.scopes ?? ['api']),
      impersonation: fields.impersonation ?? 0,
      revoked: fields.revoked ?? 0,
      expires_at: fields.expires_at ?? null,
      previous_id: null,
      created_by: user,
      created_at: new Date(today).toISOString(),
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  return { id, token }
}

const requestOf = (method: string, { token, headers, json, form }: Asked): Sent => ({
  method,
  headers: {
    ...(token !== undefined && { 'PRIVATE-TOKEN': token }),
    ...(json !== undefined && { 'Content-Type': 'application/json' }),
    ...(form !== undefined && { 'Content-Type': 'application/x-www-form-urlencoded;charset=UTF-8' }),
    ...headers,
  },
  ...(json !== undefined && { body: typeof json === 'string' ? json : JSON.stringify(json) }),
  ...(form !== undefined && { body: new URLSearchParams(form).toString() }),
})

/** The gate is the real one; behind it there are no repositories on disk, only the refs that a test says. */
const codeOf = (store: Store, refs: ReadonlyMap<ProjectId, ReadonlyMap<string, string>>, clock: Clock): ApiParts['code'] => {
  const onDisk = { exists: async () => true, refs: async (id: ProjectId) => refs.get(id) ?? new Map<string, string>() }
  return {
    gate: new ApiGate(makeFactSource(storedFacts(store, clock), onDisk, () => 'https://git.example.org')),
    engine: { ask: () => Promise.reject(new Error('there is no git')), changeRefs: () => Promise.reject(new Error('nor here')) },
    running: { follow: () => ({ signal: new AbortController().signal, end() {} }) },
  }
}

/** Who somebody is; nothing of git is behind it. */
const gateOf = (store: Store, settings: Settings, parts: Pick<GateParts, 'ban' | 'usage' | 'clock'>): Gate =>
  new Gate({
    ...parts,
    lookups: new StoredCredentials(store.read, new Passwords(), parts.clock),
    facts: { locate: async () => undefined, gather: () => Promise.reject(new Error('there is no git')) },
    create: () => Promise.reject(new Error('nothing is made here')),
    impersonationEnabled: settings.impersonation,
    registryEnabled: settings.registry !== undefined,
  })

/** The API on a free port over a store of its own, with a clock that stands still and an administrator `root`. */
export const startApi = async (
  env: Record<string, string> = {},
  changed: Partial<ApiParts> = {},
  limits?: Parameters<typeof makeApi>[1],
): Promise<ApiServer & { root: { id: UserId; token: string } }> => {
  const home = await mkdtemp(join(tmpdir(), 'sallyport-api-'))
  const store = openStore(join(home, 'sallyport.db'))
  await migrate(store)
  let now = today
  const lines: Record<string, unknown>[] = []
  const [made, removed]: [ProjectId[], ProjectId[]] = [[], []]
  const outside = new Map<string, unknown>()
  const [refs, heads] = [new Map<ProjectId, Map<string, string>>(), new Map<ProjectId, string>()]
  const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(JSON.parse(line)) })
  const activity = makeActivity(store, log)
  const queue = watchQueue(join(home, 'sallyport.db'))
  const stopping = new AbortController()
  const counts = openLimits(join(home, 'sallyport-limits.db'))
  const settings = readSettings({ home }, { SALLYPORT_URL: 'https://git.example.org', ...env })
  const ban = makeLoginBan(settings, counts, () => now, log, activity.trail)
  const passwords = new Passwords()
  const signing = new SigningKeys(async () => [signingKey()])
  const parts: ApiParts = {
    store,
    activity,
    shield: new Shield({ store, trail: activity.trail, clock: () => now }),
    settings,
    ban,
    gate: gateOf(store, settings, { ban, usage: activity.usage, clock: () => now }),
    repositories: {
      async prepare() {
        return {
          async place(id) {
            made.push(id)
          },
          async discard() {},
        }
      },
      async remove(id) {
        removed.push(id)
      },
      async refs(id) {
        return refs.get(id) ?? new Map()
      },
      async setHead(id, branch) {
        heads.set(id, branch)
      },
      directoryOf: (id) => join(home, `${id}.git`),
    },
    code: codeOf(store, refs, () => now),
    jobs: { queue, files: new JobFiles(join(home, 'jobs')), stopping: stopping.signal },
    clock: () => now,
    log,
    throttles: new Throttles({
      settings: followThrottleSettings(store.read, () => securityEpoch(store.read)),
      requests: counts.requests,
      clock: () => now,
    }),
    sealer: new Sealer(createSecretKey(randomBytes(32))),
    signing,
    registryKeys: { current: () => Promise.reject(new Error('there is no registry')) },
    trust: trustBy(store, settings, outside, signing, () => now),
    passwords: {
      hash: async () => '$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$aGFzaGhhc2g',
      verify: (stored, password, who) => passwords.verify(stored, password, who),
    },
    tries: counts.tries,
    version: '0.1.0',
    ...changed,
  }
  const server = makeApi(parts, limits).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const id = await insertUser(store, 'root', { is_admin: 1 })
  const { token } = await insertToken(store, id, { scopes: ['api', 'sudo'], name: 'root' })
  return {
    url,
    home,
    store,
    parts,
    lines,
    made,
    removed,
    refs,
    heads,
    outside,
    root: { id, token },
    moveClock(to) {
      now = to
    },
    addUser: (username, fields = {}) => insertUser(store, username, fields),
    addToken: (user, fields = {}) => insertToken(store, user, fields),
    async ask(method, path, asked = {}) {
      const reply = await askKept(`${url}/api/v4${path}`, requestOf(method, asked))
      const body = reply.text === '' ? undefined : JSON.parse(reply.text)
      holdToDescription({ method, path, status: reply.status, body })
      return {
        status: reply.status,
        get headers() {
          return reply.headers
        },
        body,
      }
    },
    async close() {
      stopping.abort()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await activity.stop()
      await store.close()
      counts.close()
      queue.close()
      await rm(home, { recursive: true, force: true })
    },
  }
}
