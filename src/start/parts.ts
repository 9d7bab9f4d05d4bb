import { ApiGate } from '../access/api-gate.ts'
import type { LoginBan } from '../access/ban.ts'
import { type FactSource, Gate } from '../access/gate.ts'
import { makeFactSource } from '../access/gather.ts'
import { RunningTransfers } from '../access/running.ts'
import { type Address, formatAddress, type Settings } from '../config.ts'
import { ConnectionRoom } from '../connections.ts'
import type { Clock } from '../core/clock.ts'
import type { ProjectId } from '../core/ids.ts'
import { makeFetchCache } from '../git/fetch-cache/fetch-cache.ts'
import { type AfterPush, makeGitEngine } from '../git/git-engine.ts'
import { PushedRepositories } from '../git/maintenance/pushed.ts'
import type { InspectPush } from '../git/push-inspection.ts'
import { Repositories } from '../git/repositories.ts'
import { makeApi } from '../http/api/app.ts'
import { makeHttpDoor } from '../http/server.ts'
import { Throttles } from '../http/throttles.ts'
import { loadCertificateAuthority, loadSigningKeys } from '../keys.ts'
import type { Logger } from '../log.ts'
import { PushPipelines } from '../pipelines/push.ts'
import { SigningKeys } from '../pipelines/signing-keys.ts'
import { KeptRegistryKeys } from '../registry/keys.ts'
import { Shield } from '../shield/shield.ts'
import { standardLimits } from '../ssh/limits.ts'
import { makeSshDoor, type SshDoor } from '../ssh/server.ts'
import { JobFiles } from '../store/ci/job-files.ts'
import { securityEpoch } from '../store/epoch.ts'
import { rememberUnder } from '../store/epoch-cache.ts'
import { storedFacts } from '../store/facts.ts'
import { isLocked } from '../store/file-lock.ts'
import { settleFirstPush } from '../store/first-push.ts'
import { StoredCredentials } from '../store/lookups.ts'
import { createFromPush } from '../store/push-creation.ts'
import { rememberFacts } from '../store/remembered-facts.ts'
import { followThrottleSettings } from '../store/throttle-settings.ts'
import { Passwords } from '../tokens/passwords.ts'
import type { Sealer } from '../tokens/seal.ts'
import { CertificateAuthority } from '../trust/authority.ts'
import { unusableAddress } from '../unusable-address.ts'
import { version } from '../version.ts'
import { recordCreation } from './audit-creation.ts'
import { connectionsWithin } from './descriptors.ts'
import { type Home, homeAt } from './home.ts'
import { type Kept, openKept } from './kept.ts'
import { makeLoginBan } from './login-ban.ts'
import { followParts } from './metrics/follow-parts.ts'
import type { Monitoring } from './metrics/monitoring.ts'
import { webUrl } from './ready.ts'
import type { Listening, Server } from './server.ts'
import { certificatesBy, makeExchange } from './trust.ts'
import { workersOf } from './workers.ts'

/** Keys of the home that a server has from its start. */
export interface StartKeys {
  readonly hostKeys: readonly string[]
  readonly sealer: Sealer
}

type Writable<Value> = { -readonly [Name in keyof Value]: Value[Name] }

/** Settings as they turn out once the doors are open: free ports are known, and with them the public addresses. */
const settle = (settings: Writable<Settings>, where: Listening): void => {
  settings.http = where.http
  settings.url = webUrl(settings, where)
  if (where.ssh === undefined) return
  settings.ssh = where.ssh
  settings.sshPublic ??= formatAddress(where.ssh)
}

const openSsh = async (door: SshDoor, address: Address | 'off'): Promise<Address | undefined> =>
  address === 'off'
    ? undefined
    : door.listen(address).catch((fault: unknown) => {
        throw unusableAddress('ssh', address, fault)
      })

interface GateSurroundings {
  readonly ban: LoginBan
  readonly settings: Settings
  readonly kept: Kept
  readonly lookups: StoredCredentials
  readonly facts: FactSource
  readonly repositories: Repositories
  readonly clock: Clock
}

const makeGate = ({ settings, ban, kept, lookups, facts, repositories, clock }: GateSurroundings): Gate => {
  const { store, activity } = kept
  return new Gate({
    lookups,
    facts,
    create: async (grant, creator, address) => {
      const project = await createFromPush(store, repositories, grant, creator, clock)
      if (project !== undefined) await recordCreation(activity.trail, store, { project, creator, address, at: clock() })
    },
    impersonationEnabled: settings.impersonation,
    registryEnabled: settings.registry !== undefined,
    ban,
    usage: activity.usage,
    clock,
  })
}

const makeThrottles = ({ store, limits, epoch }: Kept, clock: Clock): Throttles =>
  new Throttles({
    settings: followThrottleSettings(store.read, () => epoch.read()),
    requests: limits.requests,
    clock,
  })

const makeRunning = ({ store }: Kept, log: Logger): RunningTransfers =>
  new RunningTransfers(
    () => securityEpoch(store.read),
    (fault) => log.error({ err: fault }, 'running transfers could not be checked again'),
  )

/** Tells whoever looks after the repositories, and keeps nobody waiting: what is missed is found on the daily round. */
const pushNotes = ({ maintenance }: Settings, home: Home, log: Logger): ((repository: ProjectId) => void) => {
  const pushed = new PushedRepositories(home.pushed)
  return (repository) => {
    if (!maintenance) return
    pushed.add(repository).catch((fault: unknown) => log.warn({ err: fault }, 'a push could not be noted'))
  }
}

/** The list of parts of one process, from the store outwards to the doors. */
export const makeServer = async (
  given: Settings,
  { hostKeys, sealer }: StartKeys,
  monitoring: Monitoring,
  log: Logger,
): Promise<Server> => {
  const settings: Writable<Settings> = { ...given }
  const clock = Date.now
  const home = homeAt(settings.home)
  const kept = openKept(settings, log)
  const { store, activity } = kept
  const { refusals } = activity
  const throttles = makeThrottles(kept, clock)
  const fetches = makeFetchCache({ directory: home.fetches, limit: settings.cache, clock, log })
  const isBackedUp = (): boolean => isLocked(home.backupLock)
  const repositories = new Repositories(home.repositories, (id) => fetches.forget(id), isBackedUp)
  const passwords = new Passwords(workersOf(settings))
  const remembering = rememberUnder(
    () => kept.epoch.read(),
    (how) => monitoring.metrics.add('lookups', { how }),
  )
  const lookups = new StoredCredentials(store.read, passwords, clock, remembering)
  const baseUrl = (): string => settings.url ?? ''
  const facts = makeFactSource(rememberFacts(storedFacts(store, clock), clock, remembering), repositories, baseUrl)
  const ban = makeLoginBan(settings, kept.limits, clock, log, activity.trail)
  const gate = makeGate({ settings, ban, kept, lookups, facts, repositories, clock })
  const running = makeRunning(kept, log)
  const notePush = pushNotes(settings, home, log)
  const settleAdmitted: AfterPush = async (admission, push) => {
    if (admission.firstPush) await settleFirstPush(store, repositories, admission.repository, clock)
    pushPipelines.landed(admission, push)
    notePush(admission.repository)
  }
  const shield = new Shield({ store, trail: activity.trail, clock })
  const inspect: InspectPush = (admission) => shield.inspect(admission)
  const engine = makeGitEngine({ repositories, settle: settleAdmitted, inspect, maxPush: settings.maxPush, fetches, log })
  const code = { gate: new ApiGate(facts), engine, running }
  const pushPipelines = new PushPipelines({ store, settings, repositories, code, clock, sealer, version }, log)
  const stopping = new AbortController()
  const jobs = { queue: kept.queue, files: new JobFiles(home.jobs), stopping: stopping.signal }
  const signing = new SigningKeys(() => loadSigningKeys(home.keys))
  const authority = new CertificateAuthority(() => loadCertificateAuthority(home.keys), clock)
  const trust = { exchange: makeExchange({ store, settings, signing, clock, baseUrl }), authority }
  const secrets = { passwords, sealer, signing, trust }
  const registryKeys = new KeptRegistryKeys(home.keys)
  const entry = { gate, ban, tries: kept.limits.tries }
  const api = makeApi({
    store,
    settings,
    repositories,
    code,
    shield,
    ...entry,
    jobs,
    clock,
    log,
    activity,
    throttles,
    ...secrets,
    registryKeys,
    version,
  })
  let ready = false
  const room = new ConnectionRoom(connectionsWithin(settings.connections))
  const stopCounting = followParts(monitoring.metrics, { room, running, engine, epoch: kept.epoch, fetches })
  const both = { gate, engine, running, refusals, clock, log, room }
  const http = makeHttpDoor({ ...both, settings, throttles, api, isReady: () => ready, figures: monitoring.text })
  const ssh = makeSshDoor({
    ...both,
    keyKnown: async (fingerprint) => (await lookups.keyLogsIn(fingerprint)) !== undefined,
    certificates: certificatesBy(authority, lookups),
    hostKeys,
    limits: standardLimits,
    maxPush: settings.maxPush,
    sshUrl: () => `ssh://git@${settings.sshPublic ?? ''}`,
  })
  return {
    async listen() {
      const where = { http: await http.listen(settings.http), ssh: await openSsh(ssh, settings.ssh) }
      settle(settings, where)
      ready = true
      return where
    },
    useHostKeys: (keys) => ssh.replaceHostKeys(keys),
    async stop(grace) {
      ready = false
      stopping.abort()
      await Promise.all([http.stop(grace), ssh.stop(grace)])
      running.abortAll()
      await pushPipelines.stop()
      await fetches.close()
      stopCounting()
      await kept.close()
    },
  }
}
