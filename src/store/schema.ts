import type { Generated } from 'kysely'
import type { MemberLevel, ProtectionLevel } from '../core/access-level.ts'
import type {
  AccessTokenId,
  DeployTokenId,
  InvitationId,
  KeyId,
  MemberId,
  NamespaceId,
  ProjectId,
  ProtectedRefId,
  TriggerId,
  UserId,
} from '../core/ids.ts'
import type { UserKind, UserState } from '../core/principal.ts'
import type { ProtectionPreset, RefRuleAction } from '../core/project.ts'
import type { FeatureLevel, Visibility } from '../core/visibility.ts'
import type { Sealed } from '../tokens/seal.ts'
import type { AttachedActivity } from './activity/schema.ts'
import type { CiSchema } from './ci/schema.ts'
import type { OauthSchema } from './oauth/schema.ts'
import type { TrustSchema } from './trust-schema.ts'
import type { WebSchema } from './web/schema.ts'

/** Booleans are 0 and 1 in every backend. */
export type Flag = 0 | 1

/** ISO 8601 in UTC with milliseconds, as GitLab's API prints it; such texts sort by time. */
export type Instant = string

/** A JSON array of strings. */
export type StringList = string

export interface UsersTable {
  id: Generated<UserId>
  username: string
  /** Lower case; look-ups and uniqueness go by it. */
  username_key: string
  name: string
  email: string
  email_key: string
  state: UserState
  kind: UserKind
  is_admin: Flag
  is_external: Flag
  confirmed_at: Instant | null
  can_create_group: Flag
  projects_limit: number
  note: string | null
  /** argon2id, in the PHC string form; null where nobody can log in by password. */
  password_hash: string | null
  password_expires_at: Instant | null
  /** Passwords alone open nothing then. */
  two_factor_enabled: Generated<Flag>
  /** For the bot of a project or group access token, and a group's service account: the one resource it belongs to. */
  bot_project_id: ProjectId | null
  bot_group_id: NamespaceId | null
  created_by: UserId | null
  created_at: Instant
  updated_at: Instant
}

export interface NamespacesTable {
  id: Generated<NamespaceId>
  kind: 'user' | 'group'
  parent_id: NamespaceId | null
  /** Ids from the root down to this namespace, as `/1/4/9/`. */
  lineage: string
  owner_id: UserId | null
  name: string
  path: string
  description: string
  visibility: Visibility
  archived: Flag
  /** Null: the instance's setting. */
  default_branch_protection: ProtectionPreset | null
  /** JSON, the longer form; where it is set, it counts and not the preset. */
  default_branch_protection_defaults: string | null
  project_creation_level: 'noone' | 'owner' | 'maintainer' | 'developer' | 'administrator'
  subgroup_creation_level: 'owner' | 'maintainer'
  created_at: Instant
  updated_at: Instant
}

export interface ProjectsTable {
  id: Generated<ProjectId>
  namespace_id: NamespaceId
  creator_id: UserId | null
  name: string
  path: string
  description: string
  visibility: Visibility
  archived: Flag
  repository_access_level: FeatureLevel
  /** Of the project's images. */
  container_registry_access_level: Generated<FeatureLevel>
  /** Whether pushes that bring a live token are refused, and whether such a token ends. */
  push_shield: Generated<Flag>
  push_shield_revokes: Generated<Flag>
  /** What `HEAD` names in an empty repository. */
  initial_branch: string
  /** Null until the first push. */
  default_branch: string | null
  created_at: Instant
  updated_at: Instant
  last_activity_at: Instant
}

/** The path on which a namespace or project answers now. `path_key` is lower case: paths differ by more than case. */
export interface RoutesTable {
  path_key: string
  path: string
  namespace_id: NamespaceId | null
  project_id: ProjectId | null
}

/** A path on which a project answered once. A new project on the path takes it over. */
export interface RedirectsTable {
  path_key: string
  path: string
  namespace_id: NamespaceId | null
  project_id: ProjectId | null
}

export interface MembersTable {
  id: Generated<MemberId>
  namespace_id: NamespaceId | null
  project_id: ProjectId | null
  user_id: UserId
  access_level: MemberLevel
  /** `YYYY-MM-DD`; over at 00:00 UTC on that day. */
  expires_at: string | null
  created_by: UserId | null
  created_at: Instant
  /** Null where it was never changed. */
  updated_at: Instant | null
}

/** A membership for whoever will have this e-mail address. */
export interface InvitationsTable {
  id: Generated<InvitationId>
  namespace_id: NamespaceId | null
  project_id: ProjectId | null
  email: string
  email_key: string
  access_level: MemberLevel
  expires_at: string | null
  created_by: UserId | null
  created_at: Instant
}

/** What users say of what they are doing. */
export interface UserStatusesTable {
  user_id: UserId
  emoji: string
  message: string
  availability: 'not_set' | 'busy'
  clear_status_at: Instant | null
}

export interface AccessTokensTable {
  id: Generated<AccessTokenId>
  user_id: UserId
  name: string
  description: string | null
  digest: string
  scopes: StringList
  impersonation: Flag
  revoked: Flag
  /** `YYYY-MM-DD`; dead at 00:00 UTC on that day. */
  expires_at: string | null
  /** The token that this one took the place of when it was rotated. */
  previous_id: AccessTokenId | null
  created_by: UserId | null
  created_at: Instant
}

export interface DeployTokensTable {
  id: Generated<DeployTokenId>
  project_id: ProjectId | null
  group_id: NamespaceId | null
  name: string
  username: string
  digest: string
  /** Only where jobs are told it: of a token named `gitlab-deploy-token`. */
  sealed: Sealed | null
  scopes: StringList
  revoked: Flag
  expires_at: Instant | null
  created_by: UserId | null
  created_at: Instant
}

export interface KeysTable {
  id: Generated<KeyId>
  kind: 'user' | 'deploy'
  user_id: UserId | null
  title: string
  /** `type base64 comment`, as in `authorized_keys`. */
  key: string
  /** `SHA256:…` without padding. */
  fingerprint_sha256: string
  /** MD5, hexadecimal with colons. */
  fingerprint_md5: string
  usage_type: 'auth_and_signing' | 'auth' | 'signing'
  /** A public deploy key is offered to every project by an administrator. */
  public: Flag
  expires_at: Instant | null
  created_at: Instant
}

export interface DeployKeyProjectsTable {
  key_id: KeyId
  project_id: ProjectId
  can_push: Flag
  created_at: Instant
}

export interface ProtectedRefsTable {
  id: Generated<ProtectedRefId>
  project_id: ProjectId
  kind: 'branch' | 'tag'
  name: string
  allow_force_push: Flag
  created_at: Instant
  /** Null where it was never changed. */
  updated_at: Instant | null
}

/** Exactly one of `access_level`, `user_id`, `group_id` and `deploy_key_id` says whom the row admits. */
export interface ProtectedRefLevelsTable {
  id: Generated<number>
  protected_ref_id: ProtectedRefId
  action: RefRuleAction
  access_level: ProtectionLevel | null
  user_id: UserId | null
  group_id: NamespaceId | null
  deploy_key_id: KeyId | null
}

export interface SettingsTable {
  key: string
  /** JSON. */
  value: string
}

/** One row. Every write that could change a decision raises it, by triggers, in the same transaction. */
export interface SecurityEpochTable {
  id: 1
  value: number
}

/** A pipeline trigger token of a project. It acts as its owner. */
export interface TriggersTable {
  id: Generated<TriggerId>
  project_id: ProjectId
  owner_id: UserId
  description: string
  digest: string
  /** The token itself, for its owner to read again. */
  sealed: Sealed
  expires_at: Instant | null
  created_at: Instant
  updated_at: Instant
}

/** Tokens that a user has one of each: for feeds, and as a part of an address to which mail is sent. */
export type UserTokenKind = 'feed' | 'incoming_email'

export interface UserTokensTable {
  user_id: UserId
  kind: UserTokenKind
  digest: string
  sealed: Sealed
  created_at: Instant
}

/** One row: by which key the sealed columns of this database were sealed. */
export interface SealingKeysTable {
  id: 1
  fingerprint: string
  created_at: Instant
}

/** One letter's word to one user on one token. Which letters go together is asked when one is written. */
export interface ExpiryNoticesTable {
  id: Generated<number>
  /** Exactly one of the two tokens is named. */
  access_token_id: AccessTokenId | null
  deploy_token_id: DeployTokenId | null
  /** The window: 7, 30 or 60 days ahead; 0 once it has expired. */
  days: 0 | 7 | 30 | 60
  user_id: UserId
  /** `waiting`: to be sent; `taken`: a run is at it; `handed`: the mail server reads it; the others are ends. */
  state: 'waiting' | 'taken' | 'handed' | 'sent' | 'unsure' | 'void' | 'given-up'
  tries: number
  not_before: Instant
}

/** The day up to which a daily job has done its work. */
export interface NoticeRunsTable {
  job: 'expiring' | 'expired'
  /** `YYYY-MM-DD`. */
  day: string
}

/** The tables of the first file, and, for the reading connection alone, those of the second one. */
export interface Schema extends AttachedActivity, CiSchema, OauthSchema, WebSchema, TrustSchema {
  users: UsersTable
  namespaces: NamespacesTable
  projects: ProjectsTable
  routes: RoutesTable
  redirects: RedirectsTable
  members: MembersTable
  invitations: InvitationsTable
  user_statuses: UserStatusesTable
  access_tokens: AccessTokensTable
  deploy_tokens: DeployTokensTable
  keys: KeysTable
  deploy_key_projects: DeployKeyProjectsTable
  protected_refs: ProtectedRefsTable
  protected_ref_levels: ProtectedRefLevelsTable
  settings: SettingsTable
  security_epoch: SecurityEpochTable
  triggers: TriggersTable
  user_tokens: UserTokensTable
  sealing_keys: SealingKeysTable
  expiry_notices: ExpiryNoticesTable
  notice_runs: NoticeRunsTable
}
