import type { NamespaceId, ProjectId, UserId } from './ids.ts'

/** What an event belongs to, and in whose list it is found (GitLab's `entity_type`, `entity_id`, `entity_path`). */
export type AuditEntity =
  | { readonly kind: 'User'; readonly id: UserId; readonly path: string }
  | { readonly kind: 'Project'; readonly id: ProjectId; readonly path: string }
  | { readonly kind: 'Group'; readonly id: NamespaceId; readonly path: string }
  | { readonly kind: 'Instance' }

/** The thing that was born, changed, used or ended: GitLab's class name, its number, and words by which a person knows it. */
export interface AuditTarget {
  readonly type: string
  readonly id: number | string | null
  readonly details: string
}

/** Who did it. `kind` is GitLab's `author_class`; without a number where nobody is known. */
export interface AuditAuthor {
  readonly kind: 'User' | 'DeployToken' | 'DeployKey' | 'Unauthenticated' | 'System'
  readonly id: number | undefined
  readonly name: string
  readonly email?: string
}

/** What the one who causes an event says of it; never a secret. */
export interface AuditNote {
  /** GitLab's name of the event (GitLab docs, "Audit event types"): `personal_access_token_created`. */
  readonly name: string
  readonly entity: AuditEntity
  readonly target: AuditTarget
  /** One sentence for a person. */
  readonly message: string
  /** A field that got another value. */
  readonly change?: { readonly field: string; readonly from: string | null; readonly to: string | null }
  /** Why something was refused: a reason of the log. */
  readonly reason?: string
}

export interface AuditEvent extends AuditNote {
  readonly author: AuditAuthor
  /** Name of the administrator who acted as the author (`Sudo`). */
  readonly actedBy?: string
  readonly address: string | undefined
  /** Milliseconds. */
  readonly at: number
}

/** Keeps events in the order in which they came, in batches. */
export interface AuditTrail {
  /** Returns at once; the event is kept soon, and in any case before an orderly stop. */
  record(events: readonly AuditEvent[]): void
  /** Resolves when all that was recorded by this process so far is on disk; rejects where it cannot be written. */
  settled(): Promise<void>
}
