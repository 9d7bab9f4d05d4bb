import type { Generated } from 'kysely'
import type { AuditAuthor, AuditEntity } from '../../core/audit.ts'
import type { RunnerId } from '../../core/ids.ts'
import type { Instant } from '../schema.ts'

/** Append-only: triggers refuse every change and removal. Rows stand in the order in which they were kept, and are chained. */
export interface AuditEventsTable {
  id: number
  created_at: Instant
  name: string
  author_kind: AuditAuthor['kind']
  author_id: number | null
  author_name: string
  author_email: string | null
  /** The administrator who acted as the author (`Sudo`). */
  acted_by: string | null
  entity_kind: AuditEntity['kind']
  /** 1 for the instance, as GitLab has it. */
  entity_id: number
  entity_path: string
  target_type: string
  /** JSON: a number, a string or null. */
  target_id: string
  target_details: string
  message: string
  change_field: string | null
  change_from: string | null
  change_to: string | null
  reason: string | null
  ip_address: string | null
  /** SHA-256, hexadecimal, of this row and of the digest of the row before it: `chain.ts`. */
  digest: string
}

/** Kinds of credentials whose numbers are counted apart. */
export type UsedKind = 'access-token' | 'oauth-token' | 'deploy-token' | 'key' | 'trigger'

export interface CredentialUsageTable {
  kind: UsedKind
  credential_id: number
  last_used_at: Instant
}

/** At most five rows for each credential. */
export interface CredentialAddressesTable {
  kind: UsedKind
  credential_id: number
  address: string
  seen_at: Instant
}

/** A machine that speaks for a runner (GitLab's runner manager), as it last described itself. */
export interface RunnerContactsTable {
  id: Generated<number>
  runner_id: RunnerId
  system_id: string
  version: string | null
  revision: string | null
  platform: string | null
  architecture: string | null
  executor: string | null
  ip_address: string | null
  created_at: Instant
  contacted_at: Instant
}

/** The tables of the second file. */
export interface ActivitySchema {
  audit_events: AuditEventsTable
  credential_usage: CredentialUsageTable
  credential_addresses: CredentialAddressesTable
  runner_contacts: RunnerContactsTable
}

/** The same tables as the store's reading connection names them: there the second file is attached. */
export interface AttachedActivity {
  'activity.audit_events': AuditEventsTable
  'activity.credential_usage': CredentialUsageTable
  'activity.credential_addresses': CredentialAddressesTable
  'activity.runner_contacts': RunnerContactsTable
}
