import type { CredentialRef } from './credential.ts'
import type { ProjectId } from './ids.ts'
import type { Principal } from './principal.ts'

/** What a door refused, as the audit is told. */
export interface RefusedUse {
  readonly door: 'api' | 'http' | 'ssh'
  /** A reason of the log. */
  readonly reason: string
  /** The credential that was shown, where it is one of ours. */
  readonly credential: CredentialRef | undefined
  /** Who asked, where the credential was good. */
  readonly principal?: Principal | undefined
  /** Whether it was a push, or the question before one. */
  readonly push: boolean
  readonly project?: { readonly id: ProjectId; readonly fullPath: string } | undefined
  /** The ref for whose sake a push was refused. */
  readonly ref?: string | undefined
  readonly address: string | undefined
  /** Milliseconds. */
  readonly at: number
}

/** Makes audit events of what doors refused, where that is worth one: a dead credential was used, a push was denied. */
export interface RefusalWatch {
  /** Returns at once. */
  refused(use: RefusedUse): void
  /** Resolves when the trail was told of all that was refused so far. */
  settled(): Promise<void>
}
