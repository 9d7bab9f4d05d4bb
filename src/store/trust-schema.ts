import type { Generated } from 'kysely'
import type { TrustLevel } from '../access/rules/trusted.ts'
import type { NamespaceId, ProjectId, TrustGrantId, TrustId, UserId } from '../core/ids.ts'
import type { Flag, Instant, StringList } from './schema.ts'

/** Whom from outside a project or group lets in, and how far. Exactly one of the two places is named. */
export interface TrustsTable {
  id: Generated<TrustId>
  project_id: ProjectId | null
  group_id: NamespaceId | null
  name: string
  enabled: Flag
  issuer: string
  /** Null: as the issuer's discovery document says. */
  jwks_uri: string | null
  audience: string
  /** JSON: claim names to lists of patterns. */
  claims: string
  access_level: TrustLevel
  scopes: StringList
  /** Patterns of full ref names. */
  refs: StringList
  /** Seconds. */
  life: number
  single_use: Flag
  /** Who saved it last, and answers for it; null once that user was deleted. */
  sponsor_id: UserId | null
  created_at: Instant
  updated_at: Instant
}

/** What a trust gave for one outside token, to one project or group. */
export interface TrustGrantsTable {
  id: Generated<TrustGrantId>
  trust_id: TrustId
  kind: 'token' | 'certificate' | 'registry'
  /** Of a token. */
  digest: string | null
  /** Of the key that a certificate is for, `SHA256:…`. */
  fingerprint: string | null
  project_id: ProjectId | null
  group_id: NamespaceId | null
  scopes: StringList
  subject: string
  created_at: Instant
  expires_at: Instant
}

/** Outside tokens that were taken once, until they end by themselves. */
export interface TrustUsesTable {
  /** SHA-256 of who vouches and of the token's own id. */
  token: string
  expires_at: Instant
}

/** The last refusals of each trust, for whoever may see it. */
export interface TrustRefusalsTable {
  id: Generated<number>
  trust_id: TrustId
  /** What the refused one was told. */
  refusal_id: string
  reason: string
  /** Of what else may be known: JSON. */
  details: string
  /** The issuer's signature was good; else anybody may have sent it. */
  verified: Flag
  created_at: Instant
}

/** The tables of trusts, and of what they gave and refused. */
export interface TrustSchema {
  trusts: TrustsTable
  trust_grants: TrustGrantsTable
  trust_uses: TrustUsesTable
  trust_refusals: TrustRefusalsTable
}
