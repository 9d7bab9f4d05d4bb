import { execFile, execFileSync } from 'node:child_process'
import { EventEmitter } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import type { CredentialLookups, StoredKey } from '../../src/access/authenticate.ts'
import type { StoredTrustGrant } from '../../src/access/authenticate-trust.ts'
import { LoginBan } from '../../src/access/ban.ts'
import type { Facts } from '../../src/access/facts.ts'
import { type FactSource, Gate } from '../../src/access/gate.ts'
import { presetProtections } from '../../src/access/rules/preset.ts'
import { RunningTransfers } from '../../src/access/running.ts'
import { ConnectionRoom } from '../../src/connections.ts'
import type { KeyId, NamespaceId, ProjectId, UserId } from '../../src/core/ids.ts'
import type { User } from '../../src/core/principal.ts'
import type { ProjectFacts, RefRule, Role } from '../../src/core/project.ts'
import type { GitEngine } from '../../src/git/engine.ts'
import { makeGitEngine } from '../../src/git/git-engine.ts'
import { Repositories } from '../../src/git/repositories.ts'
import { loadServerKeys } from '../../src/keys.ts'
import { type SshLimits, standardLimits } from '../../src/ssh/limits.ts'
import type { Certificates } from '../../src/ssh/login.ts'
import { makeSshDoor, type SshDoor } from '../../src/ssh/server.ts'
import { openLimits } from '../../src/store/limits.ts'
import { parsePublicKey } from '../../src/tokens/ssh-key.ts'
import { rememberedActivity } from '../support/activity.ts'
import { seesNothing } from '../support/push-inspection.ts'

export const user = (id: number, username: string, changes: Partial<User> = {}): User => ({
  id: id as UserId,
  username,
  state: 'active',
  kind: 'human',
  isAdmin: false,
  isExternal: false,
  isConfirmed: true,
  passwordExpired: false,
  ...changes,
})

export interface ClientKey {
  /** Private key file. */
  readonly file: string
  readonly publicLine: string
  readonly fingerprint: string
}

export interface Ran {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export type LogLine = Readonly<Record<string, unknown>>

interface StagedProject {
  readonly facts: ProjectFacts
  readonly roles: ReadonlyMap<number, Role>
  readonly deployKeys: ReadonlyMap<number, boolean>
  readonly rules: readonly RefRule[]
}

export interface StageOptions {
  readonly limits?: Partial<SshLimits>
  readonly connections?: number
  readonly maxPush?: number
  readonly engine?: (engine: GitEngine) => GitEngine
  /** None are taken, unless it says so. */
  readonly certificates?: Certificates
  /** Awaited before a key is looked up. */
  readonly beforeLookUp?: () => Promise<void>
}

/** A door with keys and projects in memory and repositories on disk, and the real ssh and git that knock at it. */
export class Stage {
  readonly directory: string
  readonly logged: LogLine[] = []
  readonly keys = new Map<string, StoredKey>()
  readonly projects = new Map<string, StagedProject>()
  /** What trusts gave, by the serial numbers of certificates. */
  readonly grants = new Map<number, StoredTrustGrant>()
  readonly repositories: Repositories
  readonly running: RunningTransfers
  readonly activity = rememberedActivity()
  door: SshDoor | undefined
  port = 0
  epoch = 1
  #ids = 0
  readonly #news = new EventEmitter()

  private constructor(directory: string) {
    this.directory = directory
    this.repositories = new Repositories(join(directory, 'repos'))
    this.running = new RunningTransfers(
      async () => this.epoch,
      (fault) => this.#hear({ msg: 'running fault', err: String(fault) }),
    )
  }

  static async open(options: StageOptions = {}): Promise<Stage> {
    const stage = new Stage(mkdtempSync(join(tmpdir(), 'ssh-door-')))
    const log = pino({ level: 'trace' }, { write: (line: string) => stage.#hear(JSON.parse(line)) })
    const engine = makeGitEngine({
      repositories: stage.repositories,
      settle: async () => {},
      inspect: seesNothing,
      maxPush: options.maxPush ?? 2 ** 30,
      log,
    })
    stage.door = makeSshDoor({
      gate: stage.#gate(),
      engine: options.engine?.(engine) ?? engine,
      running: stage.running,
      refusals: stage.activity.refusals,
      clock: Date.now,
      keyKnown: async (fingerprint) => {
        await options.beforeLookUp?.()
        return (stage.keys.get(fingerprint)?.usage ?? 'signing') !== 'signing'
      },
      certificates: options.certificates ?? { check: async () => 'certificate_of_another_authority', isKnown: async () => false },
      hostKeys: await hostKeys(),
      log,
      limits: { ...standardLimits, ...options.limits },
      room: new ConnectionRoom(options.connections ?? 4096),
      sshUrl: () => 'ssh://git@git.example.org',
      maxPush: options.maxPush ?? 2 ** 30,
    })
    const address = await stage.door.listen({ host: '127.0.0.1', port: 0 })
    stage.port = address.port
    return stage
  }

  async close(): Promise<void> {
    await this.door?.stop(0)
    rmSync(this.directory, { recursive: true, force: true })
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

  makeKey(type = 'ed25519', bits?: number): ClientKey {
    this.#ids += 1
    const file = join(this.directory, `key-${this.#ids}`)
    const size = bits === undefined ? [] : ['-b', String(bits)]
    execFileSync('ssh-keygen', ['-q', '-t', type, ...size, '-N', '', '-C', 'test', '-f', file])
    const publicLine = readFileSync(`${file}.pub`, 'utf8').trim()
    return { file, publicLine, fingerprint: fingerprintOfLine(publicLine) }
  }

  register(fingerprint: string, owner: User | undefined, changes: Partial<StoredKey> = {}): KeyId {
    this.#ids += 1
    const id = this.#ids as KeyId
    const usual = { id, kind: 'user', title: 'laptop', user: owner, usage: 'auth_and_signing', expiresAt: undefined } as const
    this.keys.set(fingerprint, { ...usual, ...changes })
    return id
  }

  /** A key that is made and registered for a user in one go. */
  keyFor(owner: User | undefined, changes: Partial<StoredKey> = {}): ClientKey {
    const key = this.makeKey()
    this.register(key.fingerprint, owner, changes)
    return key
  }

  async project(path: string, changes: Partial<StagedProject> & { facts?: Partial<ProjectFacts> } = {}): Promise<ProjectFacts> {
    this.#ids += 1
    const id = this.#ids as ProjectId
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
    const { roles = new Map(), deployKeys = new Map(), rules = [] } = changes
    this.projects.set(path, { facts, roles, deployKeys, rules })
    await this.repositories.create(id, 'main')
    return facts
  }

  #gate(): Gate {
    return new Gate({
      lookups: this.#lookups(),
      facts: this.#facts(),
      create: async (grant) => void (await this.project(`made/${grant.path}`)),
      impersonationEnabled: true,
      registryEnabled: false,
      ban: new LoginBan({
        rule: 'off',
        exempt: [],
        tries: openLimits(':memory:').tries,
        clock: Date.now,
        onBan() {},
      }),
      usage: this.activity.usage,
      clock: Date.now,
    })
  }

  #lookups(): CredentialLookups {
    return {
      oauthToken: async () => undefined,
      jobToken: async () => undefined,
      accessToken: async () => undefined,
      deployToken: async () => undefined,
      passwordOwner: async () => 'wrong',
      key: async (fingerprint) => this.keys.get(fingerprint),
      role: async () => 0,
      trustToken: async () => undefined,
      trustCertificate: async ({ serial }) => this.grants.get(serial),
      looksLikeToken: () => false,
    }
  }

  #facts(): FactSource {
    return {
      locate: async (path) => this.projects.get(path)?.facts,
      gather: async (principal, path): Promise<Facts> => {
        const staged = this.projects.get(path)
        const owner = principal.kind === 'user' ? principal.user : principal.kind === 'deploy-key' ? principal.creator : undefined
        const attached = principal.kind === 'deploy-key' ? staged?.deployKeys.get(principal.id) : undefined
        return {
          project: staged?.facts,
          creation: { kind: 'impossible' },
          role: staged?.roles.get(owner?.id ?? 0) ?? 0,
          key: { attached: attached !== undefined, canPush: attached ?? false },
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

  /** What every client is told: no configuration of this machine, no question to a person. */
  get #options(): readonly string[] {
    const settings = [
      `UserKnownHostsFile=${join(this.directory, 'known_hosts')}`,
      'StrictHostKeyChecking=accept-new',
      'BatchMode=yes',
      'ControlPath=none',
    ]
    return ['-F', '/dev/null', ...settings.flatMap((setting) => ['-o', setting])]
  }

  #identity(key: ClientKey | undefined): readonly string[] {
    return key ? ['-i', key.file, '-o', 'IdentitiesOnly=yes', '-o', 'IdentityAgent=none'] : ['-o', 'IdentityFile=none']
  }

  sshArguments(key: ClientKey | undefined, options: readonly string[] = [], name = 'git'): readonly string[] {
    return [...this.#options, ...this.#identity(key), '-p', String(this.port), ...options, `${name}@127.0.0.1`]
  }

  /** Runs the OpenSSH client. Without a key, its agent (`options`) is asked. */
  ssh(key: ClientKey | undefined, command: readonly string[], options: readonly string[] = [], name = 'git'): Promise<Ran> {
    return run('ssh', [...this.sshArguments(key, options, name), ...command], {}, this.directory)
  }

  url(path: string): string {
    return `ssh://git@127.0.0.1:${this.port}/${path}.git`
  }

  get gitEnvironment(): NodeJS.ProcessEnv {
    return {
      PATH: process.env['PATH'],
      HOME: this.directory,
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_CONFIG_COUNT: '3',
      GIT_CONFIG_KEY_0: 'init.defaultBranch',
      GIT_CONFIG_VALUE_0: 'main',
      GIT_CONFIG_KEY_1: 'user.name',
      GIT_CONFIG_VALUE_1: 'Anna',
      GIT_CONFIG_KEY_2: 'user.email',
      GIT_CONFIG_VALUE_2: 'anna@example.org',
    }
  }

  git(key: ClientKey, command: readonly string[], environment: NodeJS.ProcessEnv = {}, at = this.directory): Promise<Ran> {
    const ssh = ['ssh', ...this.#options, ...this.#identity(key)].map((word) => `'${word}'`).join(' ')
    return run('git', command, { ...this.gitEnvironment, GIT_SSH_COMMAND: ssh, GIT_SSH_VARIANT: 'ssh', ...environment }, at)
  }

  /** A working copy with one commit, not yet pushed anywhere. */
  workingCopy(name: string, bytes = 100): string {
    const at = join(this.directory, name)
    const git = (...words: string[]) => execFileSync('git', words, { cwd: at, env: this.gitEnvironment, stdio: 'pipe' })
    execFileSync('git', ['init', '-q', at], { env: this.gitEnvironment })
    execFileSync('openssl', ['rand', '-out', join(at, 'data'), String(bytes)])
    git('add', 'data')
    git('commit', '-qm', 'first')
    return at
  }
}

let madeHostKeys: Promise<readonly string[]> | undefined

/** One set for all stages of a test file, since RSA keys take their time. */
const hostKeys = (): Promise<readonly string[]> => {
  madeHostKeys ??= (async () => {
    const directory = mkdtempSync(join(tmpdir(), 'ssh-door-keys-'))
    const complete = await (await loadServerKeys(directory)).complete()
    rmSync(directory, { recursive: true })
    return complete.hostKeys
  })()
  return madeHostKeys
}

const fingerprintOfLine = (line: string): string => parsePublicKey(line)?.fingerprintSha256 ?? 'unreadable'

const run = (program: string, words: readonly string[], environment: NodeJS.ProcessEnv, at: string): Promise<Ran> =>
  new Promise((resolve) => {
    const env = { PATH: process.env['PATH'], ...environment }
    const child = execFile(program, words, { env, cwd: at, encoding: 'utf8', maxBuffer: 2 ** 26 }, (error, stdout, stderr) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : error ? 255 : 0, stdout, stderr }),
    )
    child.stdin?.end()
  })
