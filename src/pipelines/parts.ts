import type { ApiGate } from '../access/api-gate.ts'
import type { RunningTransfers } from '../access/running.ts'
import type { ProjectId } from '../core/ids.ts'
import type { RepositoryEngine } from '../git/engine.ts'
import type { Store } from '../store/sqlite.ts'
import type { Sealer } from '../tokens/seal.ts'
import type { SigningKeys } from './signing-keys.ts'

/** The way to what repositories hold: the same as for the API. */
export interface CodeAccess {
  readonly gate: Pick<ApiGate, 'inspect' | 'stillInspects'>
  readonly engine: Pick<RepositoryEngine, 'ask'>
  readonly running: Pick<RunningTransfers, 'follow'>
}

/** What the server says of itself. */
export interface ServerFacts {
  /** Public base URL, without a slash at its end; known once the doors are open. */
  readonly url?: string | undefined
  /** `host:port` of the SSH door, as clients reach it. */
  readonly sshPublic?: string | undefined
  /** `host:port` of the container registry; undefined where there is none. */
  readonly registry?: string | undefined
}

/** What variables are made of. The parts of the API are such. */
export interface VariableParts {
  readonly store: Pick<Store, 'read'>
  readonly sealer: Sealer
  readonly settings: ServerFacts
  /** Our own version, without GitLab's. */
  readonly version: string
  readonly code: CodeAccess
  readonly repositories: {
    /** Full ref names to object ids. */
    refs(id: ProjectId): Promise<ReadonlyMap<string, string>>
  }
  readonly clock: () => number
}

/** What payloads are made of. */
export interface PayloadParts extends VariableParts {
  readonly signing: SigningKeys
}
