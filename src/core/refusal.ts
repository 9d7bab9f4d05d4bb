import type { CredentialRef } from './credential.ts'

/** Why nobody was let in. Over git all of these look alike to the client (401); the log tells them apart. */
export type AuthenticationReason =
  | 'credential_missing'
  | 'credential_unknown'
  | 'token_expired'
  | 'token_revoked'
  | 'impersonation_disabled'
  | 'no_known_scope'
  | 'username_mismatch'
  | 'out_of_reach'
  | 'repository_disabled'
  | 'user_cannot_log_in'
  | 'password_wrong'
  | 'password_expired'
  | 'password_checks_busy'
  | 'password_disabled'
  | 'two_factor_required'
  | 'address_banned'
  | 'job_not_running'
  | 'jobs_disabled'
  | 'trust_withdrawn'

/** Why a principal that is known may not do what it asks of a repository. */
export type AccessReason =
  | 'protocol_disabled'
  | 'key_expired'
  | 'user_internal'
  | 'user_pending_approval'
  | 'user_deactivated'
  | 'user_unconfirmed'
  | 'user_blocked'
  | 'user_password_expired'
  | 'ability_missing_download'
  | 'ability_missing_push'
  | 'project_absent'
  | 'namespace_unparsable'
  | 'project_invisible'
  | 'repository_absent'
  | 'download_denied'
  | 'job_token_not_listed'
  | 'job_token_insufficient'
  | 'project_archived'
  | 'key_read_only'
  | 'actor_cannot_upload'
  | 'push_denied'
  | 'project_not_creatable'

/** Why one ref update, and with it the whole push, is declined. The client reads these as a pre-receive hook's words. */
export type RefReason =
  | 'ref_push_denied'
  | 'ref_outside_trust'
  | 'default_branch_deletion'
  | 'branch_name_is_object_id'
  | 'branch_name_invalid'
  | 'branch_force_push'
  | 'branch_creation_denied'
  | 'branch_creation_basis'
  | 'branch_creation_web_only'
  | 'branch_deletion_denied'
  | 'branch_deletion_web_only'
  | 'branch_push_denied'
  | 'default_branch_missing'
  | 'tag_change_denied'
  | 'tag_named_like_default_branch'
  | 'tag_name_is_object_id'
  | 'tag_name_prohibited'
  | 'protected_tag_update'
  | 'protected_tag_deletion_denied'
  | 'protected_tag_deletion_web_only'
  | 'protected_tag_creation_denied'
  | 'too_many_protected'
  | 'live_token'

export type RefusalReason = AuthenticationReason | AccessReason | RefReason

/** A "no" as a value: the precise reason for log and audit, and the sentence for whoever may know. Faults are thrown. */
export interface Refusal {
  readonly kind: 'refusal'
  readonly reason: RefusalReason
  /** GitLab's sentence for this reason, with the names of this case filled in. */
  readonly message: string
  /** The stored credential that was recognised though refused; for the log only. */
  readonly credential: CredentialRef | undefined
  /** The ref update that failed, for a reason of kind `RefReason`. */
  readonly ref: string | undefined
}
