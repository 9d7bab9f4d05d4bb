import type { Kysely } from 'kysely'
import type {
  CredentialLookups,
  PasswordOwner,
  StoredAccessToken,
  StoredDeployToken,
  StoredJobToken,
  StoredKey,
  StoredOauthToken,
} from '../access/authenticate.ts'
import type { StoredTrustGrant } from '../access/authenticate-trust.ts'
import { type Clock, dayOf } from '../core/clock.ts'
import type { SignedCertificate } from '../core/credential.ts'
import type { KeyId, NamespaceId, ProjectId, UserId } from '../core/ids.ts'
import type { DeployTokenHome, User } from '../core/principal.ts'
import type { Role } from '../core/project.ts'
import type { Secret } from '../core/secret.ts'
import { type Digest, digestOf, isOauthToken, isTrustToken, secretLooksLikeToken } from '../tokens/digest.ts'
import type { Passwords } from '../tokens/passwords.ts'
import { jobByToken, jobHomeOf } from './ci/job-tokens.ts'
import { readCiSettings } from './ci/settings.ts'
import { type Memory, type Remembering, rememberNothing } from './epoch-cache.ts'
import { lineageIds } from './namespaces.ts'
import { projectById } from './projects.ts'
import { roleIn } from './roles.ts'
import type { Schema } from './schema.ts'
import { readSetting } from './settings.ts'
import { grantByCertificate, grantByDigest } from './trust-grants.ts'
import { toUser, type UserRow, userColumns } from './user-row.ts'
import { userById } from './users.ts'

const moment = (text: string | null): number | undefined => (text === null ? undefined : Date.parse(text))

export const scopesOf = (json: string): string[] => {
  const value: unknown = JSON.parse(json)
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value
  throw new Error('a stored list of scopes is not a list of strings')
}

/** Which kind of access token a row is follows from whose it is. */
export const accessTokenKind = (row: {
  readonly impersonation: number
  readonly kind: string
  readonly bot_group_id: number | null
}): StoredAccessToken['kind'] => {
  if (row.impersonation === 1) return 'impersonation-token'
  if (row.kind === 'service_account') return 'service-account-token'
  if (row.kind !== 'project_bot') return 'personal-access-token'
  return row.bot_group_id === null ? 'project-access-token' : 'group-access-token'
}

const homeOf = (row: {
  readonly id: number
  readonly project_id: ProjectId | null
  readonly group_id: NamespaceId | null
}): DeployTokenHome => {
  if (row.project_id !== null) return { kind: 'project', id: row.project_id }
  if (row.group_id !== null) return { kind: 'group', id: row.group_id }
  throw new Error(`deploy token ${row.id} belongs to nothing`)
}

/** What is stored of a credential, as it is at a moment in milliseconds. */
type At<Stored> = (now: number) => Stored

const findAccessToken = async (read: Kysely<Schema>, digest: Digest): Promise<At<StoredAccessToken> | undefined> => {
  const row = await read
    .selectFrom('access_tokens')
    .innerJoin('users', 'users.id', 'access_tokens.user_id')
    .where('digest', '=', digest)
    .select(['access_tokens.id as token_id', 'scopes', 'impersonation', 'revoked', 'expires_at', 'bot_group_id', ...userColumns])
    .executeTakeFirst()
  if (row === undefined) return undefined
  const token = {
    id: row.token_id,
    kind: accessTokenKind(row),
    scopes: scopesOf(row.scopes),
    expiresOn: row.expires_at ?? undefined,
    revoked: row.revoked === 1,
  }
  return (now) => ({ ...token, user: toUser(row, now) })
}

const findOauthToken = async (read: Kysely<Schema>, digest: Digest): Promise<At<StoredOauthToken> | undefined> => {
  const row = await read
    .selectFrom('oauth_tokens')
    .where('access_digest', '=', digest)
    .select(['id', 'user_id', 'scopes', 'expires_at', 'revoked_at'])
    .executeTakeFirst()
  if (row === undefined) return undefined
  const owner = row.user_id === null ? undefined : await findUser(read, row.user_id)
  const { id, revoked_at } = row
  const token = { id, scopes: scopesOf(row.scopes), expiresAt: Date.parse(row.expires_at), revoked: revoked_at !== null }
  return (now) => ({ ...token, user: owner && toUser(owner, now) })
}

const findDeployToken = async (read: Kysely<Schema>, digest: Digest): Promise<StoredDeployToken | undefined> => {
  const row = await read.selectFrom('deploy_tokens').where('digest', '=', digest).selectAll().executeTakeFirst()
  if (row === undefined) return undefined
  return {
    id: row.id,
    username: row.username,
    scopes: scopesOf(row.scopes),
    home: homeOf(row),
    expiresAt: moment(row.expires_at),
    revoked: row.revoked === 1,
  }
}

const findUser = (read: Kysely<Schema>, id: UserId): Promise<UserRow | undefined> =>
  read
    .selectFrom('users')
    .where('users.id', '=', id)
    .select([...userColumns])
    .executeTakeFirst()

const findKey = async (read: Kysely<Schema>, fingerprint: string): Promise<At<StoredKey> | undefined> => {
  const row = await read
    .selectFrom('keys')
    .where('fingerprint_sha256', '=', fingerprint)
    .select(['id', 'kind', 'title', 'usage_type', 'expires_at', 'user_id'])
    .executeTakeFirst()
  if (row === undefined) return undefined
  const owner = row.user_id === null ? undefined : await findUser(read, row.user_id)
  const key = { id: row.id, kind: row.kind, title: row.title, usage: row.usage_type, expiresAt: moment(row.expires_at) }
  return (now) => ({ ...key, user: owner && toUser(owner, now) })
}

const findRole = async (read: Kysely<Schema>, user: UserId, project: ProjectId, now: number): Promise<Role> => {
  const row = await read
    .selectFrom('projects')
    .innerJoin('namespaces', 'namespaces.id', 'projects.namespace_id')
    .where('projects.id', '=', project)
    .select('lineage')
    .executeTakeFirst()
  return row === undefined ? 0 : roleIn(read, user, { namespaces: lineageIds(row.lineage), project }, now)
}

/**
 * Credentials as `access/authenticate.ts` asks for them: each by one index look-up, secrets by digest alone. Tokens, keys
 * and roles may be remembered. Passwords are not, since nothing in the memory should tell one; nor are tokens of jobs,
 * which end with things that raise no epoch.
 */
export class StoredCredentials implements CredentialLookups {
  readonly #read: Kysely<Schema>
  readonly #passwords: Passwords
  readonly #clock: Clock
  readonly #accessTokens: Memory<At<StoredAccessToken> | undefined>
  readonly #oauthTokens: Memory<At<StoredOauthToken> | undefined>
  readonly #deployTokens: Memory<StoredDeployToken | undefined>
  readonly #keys: Memory<At<StoredKey> | undefined>
  readonly #roles: Memory<Role>

  constructor(read: Kysely<Schema>, passwords: Passwords, clock: Clock, remembering: Remembering = rememberNothing) {
    this.#read = read
    this.#passwords = passwords
    this.#clock = clock
    this.#accessTokens = remembering()
    this.#oauthTokens = remembering()
    this.#deployTokens = remembering()
    this.#keys = remembering()
    this.#roles = remembering()
  }

  looksLikeToken(secret: Secret): boolean {
    return secretLooksLikeToken(secret)
  }

  async accessToken(secret: Secret): Promise<StoredAccessToken | undefined> {
    const digest = digestOf(secret)
    const token = await this.#accessTokens.of(digest, () => findAccessToken(this.#read, digest))
    return token?.(this.#clock())
  }

  async oauthToken(secret: Secret): Promise<StoredOauthToken | undefined> {
    if (!isOauthToken(secret)) return undefined
    const digest = digestOf(secret)
    const token = await this.#oauthTokens.of(digest, () => findOauthToken(this.#read, digest))
    return token?.(this.#clock())
  }

  deployToken(secret: Secret): Promise<StoredDeployToken | undefined> {
    const digest = digestOf(secret)
    return this.#deployTokens.of(digest, () => findDeployToken(this.#read, digest))
  }

  async jobToken(secret: Secret): Promise<StoredJobToken | undefined> {
    const found = await jobByToken(this.#read, secret, this.#clock())
    const project = found && (await projectById(this.#read, found.job.project_id))
    if (found === undefined || project === undefined) return undefined
    const { id, user_id } = found.job
    const account = user_id === null ? undefined : await userById(this.#read, user_id)
    return {
      id,
      home: jobHomeOf(project),
      user: account && toUser(account, this.#clock()),
      isRunning: found.kind === 'running',
      jobsEnabled: (await readCiSettings(this.#read, project.id)).jobs_enabled === 1,
    }
  }

  async passwordOwner(login: string, password: Secret): Promise<PasswordOwner | 'wrong' | 'busy' | 'disabled'> {
    if (!(await readSetting(this.#read, 'password_authentication_enabled_for_git'))) return 'disabled'
    const key = login.toLowerCase()
    const row = await this.#read
      .selectFrom('users')
      .where((where) => where.or([where('username_key', '=', key), where('email_key', '=', key)]))
      .orderBy('id')
      .select([...userColumns, 'password_hash', 'two_factor_enabled'])
      .executeTakeFirst()
    const verdict = await this.#passwords.verify(row?.password_hash ?? undefined, password, key)
    if (verdict === 'busy') return 'busy'
    if (row === undefined || verdict === 'wrong') return 'wrong'
    const user = toUser(row, this.#clock())
    return { user, expired: user.passwordExpired, twoFactor: row.two_factor_enabled === 1 }
  }

  async key(fingerprint: string): Promise<StoredKey | undefined> {
    const key = await this.#keys.of(fingerprint, () => findKey(this.#read, fingerprint))
    return key?.(this.#clock())
  }

  /** Of trusts nothing is remembered: what is given by them lives for minutes, and hangs on the hour and the day. */
  async trustToken(secret: Secret): Promise<StoredTrustGrant | undefined> {
    return isTrustToken(secret) ? grantByDigest(this.#read, digestOf(secret), this.#clock()) : undefined
  }

  trustCertificate(certificate: SignedCertificate): Promise<StoredTrustGrant | undefined> {
    return grantByCertificate(this.#read, certificate, this.#clock())
  }

  /** Memberships end with a day, which is therefore part of what is asked. */
  role({ id }: User, project: ProjectId): Promise<Role> {
    const now = this.#clock()
    return this.#roles.of(`${dayOf(now)} ${id} ${project}`, () => findRole(this.#read, id, project, now))
  }

  /** Whether a key may log in over SSH at all; an expired one may, to be told so. */
  async keyLogsIn(fingerprint: string): Promise<KeyId | undefined> {
    const key = await this.key(fingerprint)
    if (key === undefined || key.usage === 'signing') return undefined
    return key.kind === 'deploy' || (key.user !== undefined && key.user.kind !== 'project_bot') ? key.id : undefined
  }
}
