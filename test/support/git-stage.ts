import { type ChildProcess, spawn } from 'node:child_process'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { EventEmitter } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import type { CredentialLookups, StoredAccessToken } from '../../src/access/authenticate.ts'
import { type Banned, LoginBan } from '../../src/access/ban.ts'
import type { Facts } from '../../src/access/facts.ts'
import { type FactSource, Gate } from '../../src/access/gate.ts'
import { presetProtections } from '../../src/access/rules/preset.ts'
import { RunningTransfers } from '../../src/access/running.ts'
import { readSettings, type Settings } from '../../src/config.ts'
import { ConnectionRoom } from '../../src/connections.ts'
import type { AccessTokenId, NamespaceId, ProjectId, UserId } from '../../src/core/ids.ts'
import { ipRanges } from '../../src/core/ip-address.ts'
import type { User } from '../../src/core/principal.ts'
import type { ProjectFacts, RefRule, Role } from '../../src/core/project.ts'
import { Secret } from '../../src/core/secret.ts'
import type { GitEngine } from '../../src/git/engine.ts'
import { type AfterPush, makeGitEngine, type Queued } from '../../src/git/git-engine.ts'
import type { PlaceLimits } from '../../src/git/places.ts'
import type { SpawnMessage } from '../../src/git/process.ts'
import { Repositories } from '../../src/git/repositories.ts'
import { type HttpLimits, standardLimits } from '../../src/http/limits.ts'
import { type HttpDoor, type HttpDoorParts, makeHttpDoor } from '../../src/http/server.ts'
import { Throttles } from '../../src/http/throttles.ts'
import { type Limits, openLimits } from '../../src/store/limits.ts'
import { applicationSettings } from '../../src/store/settings.ts'
import type { ThrottleSettings } from '../../src/store/throttle-settings.ts'
import { rememberedActivity } from './activity.ts'
import { seesNothing } from './push-inspection.ts'

export type LogLine = Readonly<Record<string, unknown>>

export interface Ran {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

interface StagedProject {
  facts: ProjectFacts
  readonly roles: Map<number, Role>
  rules: readonly RefRule[]
}

export interface StageOptions {
  readonly env?: Readonly<Record<string, string>>
  readonly settle?: AfterPush
  readonly idleLimit?: number
  readonly unpackLimit?: number
  readonly places?: PlaceLimits
  readonly engine?: (engine: GitEngine & Queued) => GitEngine
  readonly limits?: Partial<HttpLimits>
  readonly isReady?: () => boolean
  readonly port?: number
  readonly api?: HttpDoorParts['api']
}

/** The HTTP door before a real gate, with users, tokens and projects in memory and real repositories on disk. */
export class GitStage {
  readonly directory: string
  readonly repositories: Repositories
  readonly tokens = new Map<string, StoredAccessToken>()
  readonly projects = new Map<string, StagedProject>()
  readonly logged: LogLine[] = []
  readonly spawns: SpawnMessage[] = []
  readonly running: RunningTransfers
  readonly activity = rememberedActivity()
  readonly settled: string[] = []
  readonly bans: Banned[] = []
  /** By how much the clock of the ban is ahead, in milliseconds. */
  ahead = 0
  throttling: ThrottleSettings = applicationSettings.parse({})
  epoch = 1
  url = ''
  #door: HttpDoor | undefined
  #ids = 0
  readonly #limits: Limits
  readonly #news = new EventEmitter()
  readonly #onSpawn = (message: unknown): void => void this.spawns.push(message as SpawnMessage)

  private constructor(directory: string) {
    this.directory = directory
    this.#limits = openLimits(join(directory, 'limits.db'))
    this.repositories = new Repositories(join(directory, 'repos'))
    this.running = new RunningTransfers(
      async () => this.epoch,
      (fault) => this.#hear({ msg: 'running fault', err: String(fault) }),
    )
  }

  static async open(options: StageOptions = {}): Promise<GitStage> {
    const stage = new GitStage(await mkdtemp(join(tmpdir(), 'git-stage-')))
    const settings = readSettings({}, { SALLYPORT_HOME: stage.directory, ...options.env })
    const log = pino({ level: 'trace' }, { write: (line: string) => stage.#hear(JSON.parse(line)) })
    const { repositories, running } = stage
    const settle: AfterPush = async (admission, push) => {
      stage.settled.push(push.updates.map(({ ref }) => ref).join(' '))
      await options.settle?.(admission, push)
    }
    const { idleLimit, unpackLimit, places } = options
    const bounds = { ...(idleLimit && { idleLimit }), ...(unpackLimit && { unpackLimit }), ...(places && { places }) }
    const engine = makeGitEngine({ repositories, settle, inspect: seesNothing, maxPush: settings.maxPush, log, ...bounds })
    const parts = {
      settings,
      gate: stage.#gate(settings),
      engine: options.engine?.(engine) ?? engine,
      running,
      refusals: stage.activity.refusals,
      throttles: new Throttles({
        settings: async () => stage.throttling,
        requests: stage.#limits.requests,
        clock: Date.now,
      }),
      log,
      api: options.api ?? ((request: IncomingMessage, response: ServerResponse) => void response.end(`api ${request.url}`)),
      isReady: options.isReady ?? (() => true),
      clock: Date.now,
      room: new ConnectionRoom(settings.connections),
      figures: async () => undefined,
    }
    stage.#door = makeHttpDoor(parts, { ...standardLimits, ...options.limits })
    const { port } = await stage.#door.listen({ host: '127.0.0.1', port: options.port ?? 0 })
    stage.url = `${settings.tlsCert === undefined ? 'http' : 'https'}://127.0.0.1:${port}`
    subscribe('sallyport:spawn', stage.#onSpawn)
    return stage
  }

  async stop(grace = 0): Promise<void> {
    await this.#door?.stop(grace)
    this.#door = undefined
  }

  async close(): Promise<void> {
    await this.stop()
    unsubscribe('sallyport:spawn', this.#onSpawn)
    this.#limits.close()
    await rm(this.directory, { recursive: true, force: true })
  }

  get port(): number {
    return Number(new URL(this.url).port)
  }

  #hear(line: LogLine): void {
    this.logged.push(line)
    this.#news.emit('line')
  }

  /** The first log line for which the test holds, waiting for it where it is not there yet. */
  async lineWhere(test: (line: LogLine) => boolean): Promise<LogLine> {
    for (;;) {
      const found = this.logged.find(test)
      if (found !== undefined) return found
      await new Promise((resolve) => this.#news.once('line', resolve))
    }
  }

  #nextId(): number {
    this.#ids += 1
    return this.#ids
  }

  user(username: string, changes: Partial<User> = {}): User {
    const id = this.#nextId() as UserId
    const usual = { state: 'active', kind: 'human', isAdmin: false, isExternal: false, isConfirmed: true } as const
    return { id, username, passwordExpired: false, ...usual, ...changes }
  }

  /** A personal access token's text. */
  token(user: User, scopes: readonly string[] = ['write_repository'], changes: Partial<StoredAccessToken> = {}): string {
    const id = this.#nextId() as AccessTokenId
    const text = `glpat-${user.username}-${id}`.padEnd(26, 'x')
    const usual = { kind: 'personal-access-token', expiresOn: undefined, revoked: false } as const
    this.tokens.set(text, { id, user, scopes, ...usual, ...changes })
    return text
  }

  async project(path: string, changes: Partial<Omit<StagedProject, 'facts'>> & { facts?: Partial<ProjectFacts> } = {}) {
    const id = this.#nextId() as ProjectId
    const facts: ProjectFacts = {
      id,
      fullPath: path,
      visibility: 'private',
      archived: false,
      repositoryAccess: 'enabled',
      defaultBranch: 'main',
      defaultProtection: presetProtections[0],
      pushShield: { enabled: false, revoke: false },
      namespaces: [1 as NamespaceId],
      movedFrom: undefined,
      ...changes.facts,
    }
    this.projects.set(path, { facts, roles: changes.roles ?? new Map(), rules: changes.rules ?? [] })
    await this.repositories.create(id, 'main')
    return facts
  }

  #gate({ ban, banExempt }: Settings): Gate {
    return new Gate({
      lookups: this.#lookups(),
      facts: this.#facts(),
      create: async (grant) => void (await this.project(`made/${grant.path}`)),
      impersonationEnabled: true,
      registryEnabled: false,
      ban: new LoginBan({
        rule: ban,
        exempt: ipRanges(banExempt),
        tries: this.#limits.tries,
        clock: () => Date.now() + this.ahead,
        onBan: (banned) => this.bans.push(banned),
      }),
      usage: this.activity.usage,
      clock: Date.now,
    })
  }

  #lookups(): CredentialLookups {
    return {
      oauthToken: async () => undefined,
      jobToken: async () => undefined,
      accessToken: async (secret) => this.tokens.get(Secret.open(secret)),
      deployToken: async () => undefined,
      passwordOwner: async () => 'wrong',
      key: async () => undefined,
      role: async () => 0,
      trustToken: async () => undefined,
      trustCertificate: async () => undefined,
      looksLikeToken: () => false,
    }
  }

  #facts(): FactSource {
    return {
      locate: async (path) => this.projects.get(path)?.facts,
      gather: async (principal, path): Promise<Facts> => {
        const staged = this.projects.get(path)
        return {
          project: staged?.facts,
          creation: { kind: 'impossible' },
          role: principal.kind === 'user' ? (staged?.roles.get(principal.user.id) ?? 0) : 0,
          key: { attached: false, canPush: false },
          job: { listed: false, pushes: false },
          rules: staged?.rules ?? [],
          repositoryExists: staged !== undefined,
          hasBranches: false,
          protectedTips: new Set(),
          onlyProtocol: undefined,
          baseUrl: 'http://git.example.org',
        }
      },
    }
  }

  remote(path: string, token?: string, login = 'git'): string {
    const url = new URL(`${this.url}/${path}.git`)
    if (token !== undefined) {
      url.username = login
      url.password = token
    }
    return url.href
  }

  get gitEnvironment(): Record<string, string> {
    return {
      PATH: process.env['PATH'] ?? '',
      HOME: this.directory,
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_TERMINAL_PROMPT: '0',
      GIT_AUTHOR_NAME: 'Ada',
      GIT_AUTHOR_EMAIL: 'ada@example.com',
      GIT_COMMITTER_NAME: 'Ada',
      GIT_COMMITTER_EMAIL: 'ada@example.com',
      GIT_CONFIG_COUNT: '1',
      GIT_CONFIG_KEY_0: 'init.defaultBranch',
      GIT_CONFIG_VALUE_0: 'main',
    }
  }

  /** A git that a test can break off. */
  start(words: readonly string[], at = this.directory, env: Record<string, string> = {}): ChildProcess {
    return spawn('git', words, { cwd: at, env: { ...this.gitEnvironment, ...env }, detached: true, stdio: 'pipe' })
  }

  git(words: readonly string[], at = this.directory, env: Record<string, string> = {}): Promise<Ran> {
    return run('git', words, at, { ...this.gitEnvironment, ...env })
  }

  /** As `git`, for what has to work. */
  async mustGit(words: readonly string[], at = this.directory): Promise<string> {
    const { code, stdout, stderr } = await this.git(words, at)
    if (code !== 0) throw new Error(`git ${words.join(' ')}: ${stderr}`)
    return stdout.trim()
  }

  /** A working copy with one commit that holds `bytes` of noise. */
  async workingCopy(name: string, bytes = 100): Promise<string> {
    const at = join(this.directory, name)
    await this.mustGit(['init', '-q', at])
    await run('openssl', ['rand', '-out', join(at, 'data'), String(bytes)], at, this.gitEnvironment)
    await this.mustGit(['add', 'data'], at)
    await this.mustGit(['commit', '-qm', 'first'], at)
    return at
  }

  async commit(at: string, message: string): Promise<string> {
    await this.mustGit(['commit', '-q', '--allow-empty', '-m', message], at)
    return this.mustGit(['rev-parse', 'HEAD'], at)
  }
}

export const run = (program: string, words: readonly string[], at: string, env: Record<string, string>): Promise<Ran> =>
  new Promise((resolve, reject) => {
    const child = spawn(program, words, { cwd: at, env, stdio: 'pipe' })
    const out: Buffer[] = []
    const errors: Buffer[] = []
    child.stdout.on('data', (bytes: Buffer) => out.push(bytes))
    child.stderr.on('data', (bytes: Buffer) => errors.push(bytes))
    child.once('error', reject)
    child.once('close', (code) =>
      resolve({ code, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(errors).toString() }),
    )
    child.stdin.end()
  })
