import type { ApiGate } from '../../access/api-gate.ts'
import type { FailedTries, LoginBan } from '../../access/ban.ts'
import type { Gate } from '../../access/gate.ts'
import type { RunningTransfers } from '../../access/running.ts'
import type { Settings } from '../../config.ts'
import type { Activity } from '../../core/activity.ts'
import type { Clock } from '../../core/clock.ts'
import type { ProjectId } from '../../core/ids.ts'
import type { RepositoryEngine } from '../../git/engine.ts'
import type { Logger } from '../../log.ts'
import type { SigningKeys } from '../../pipelines/signing-keys.ts'
import type { RegistryKeys } from '../../registry/keys.ts'
import type { Shield } from '../../shield/shield.ts'
import type { JobFiles } from '../../store/ci/job-files.ts'
import type { QueueWatch } from '../../store/ci/queue-watch.ts'
import type { RepositoryShelf } from '../../store/projects.ts'
import type { Store } from '../../store/sqlite.ts'
import type { Passwords } from '../../tokens/passwords.ts'
import type { Sealer } from '../../tokens/seal.ts'
import type { CertificateAuthority } from '../../trust/authority.ts'
import type { TokenExchange } from '../../trust/exchange.ts'
import type { Throttles } from '../throttles.ts'

/** What the API does to repositories on disk; everything else of git is behind the other doors. */
export interface Repositories extends RepositoryShelf {
  /** Full ref names to object ids. */
  refs(id: ProjectId): Promise<ReadonlyMap<string, string>>
  setHead(id: ProjectId, branch: string): Promise<void>
  directoryOf(id: ProjectId): string
}

/** The way to what repositories hold: every question goes through the gate to the engine, and is followed there. */
export interface CodeParts {
  readonly gate: ApiGate
  readonly engine: RepositoryEngine
  readonly running: Pick<RunningTransfers, 'follow'>
}

/** What the routes of runners and jobs need besides the store. */
export interface JobParts {
  readonly queue: QueueWatch
  readonly files: JobFiles
  /** Aborts when the server stops: who waits for a job is answered. */
  readonly stopping: AbortSignal
}

/** What turns tokens of outside issuers into credentials of ours. */
export interface TrustParts {
  readonly exchange: TokenExchange
  readonly authority: CertificateAuthority
}

/** All that the REST API is made of. */
export interface ApiParts {
  readonly store: Store
  readonly settings: Settings
  readonly repositories: Repositories
  readonly code: CodeParts
  /** Keeps live tokens out of repositories. */
  readonly shield: Pick<Shield, 'findIn'>
  /** Who somebody is, by what he shows in place of a token: for sign-in, and for the other doors' tokens. */
  readonly gate: Pick<Gate, 'identify'>
  /** Of addresses that guess. */
  readonly ban: LoginBan
  /** Counts wrong tries, those of accounts too. */
  readonly tries: FailedTries
  readonly jobs: JobParts
  readonly clock: Clock
  readonly log: Logger
  readonly throttles: Throttles
  readonly activity: Activity
  /** Of tokens that others believe. */
  readonly signing: SigningKeys
  /** Sign tokens for the container registry. */
  readonly registryKeys: RegistryKeys
  readonly trust: TrustParts
  /** Of secrets that are handed out again. */
  readonly sealer: Sealer
  readonly passwords: Pick<Passwords, 'hash' | 'verify'>
  /** Our own version, without GitLab's. */
  readonly version: string
}
