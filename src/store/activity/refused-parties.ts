import type { AuditAuthor, AuditEntity, AuditNote, AuditTarget } from '../../core/audit.ts'
import type { CredentialRef } from '../../core/credential.ts'
import type { AccessTokenId, DeployTokenId, JobId, KeyId, OauthTokenId, TrustGrantId, UserId } from '../../core/ids.ts'
import type { RefusedUse } from '../../core/refused-use.ts'
import { entityOfUser, groupEntity, projectEntity } from '../audit-entities.ts'
import { findJob } from '../ci/jobs.ts'
import type { Reader } from '../routes.ts'
import { type Account, userById } from '../users.ts'
import { authorOf } from './author.ts'

/** A stored credential as an event names it, and whose it is. */
interface Owned {
  readonly target: AuditTarget
  readonly owner: Account | undefined
  readonly entity: AuditEntity | undefined
}

const accountOf = async (reader: Reader, id: UserId | null): Promise<Account | undefined> =>
  id === null ? undefined : userById(reader, id)

const ownedBy = async (reader: Reader, id: UserId | null, target: AuditTarget): Promise<Owned> => {
  const owner = await accountOf(reader, id)
  return { target, owner, entity: owner && (await entityOfUser(reader, owner)) }
}

const accessToken = async (reader: Reader, id: number): Promise<Owned | undefined> => {
  const row = await reader
    .selectFrom('access_tokens')
    .select(['name', 'user_id'])
    .where('id', '=', id as AccessTokenId)
    .executeTakeFirst()
  return row && ownedBy(reader, row.user_id, { type: 'PersonalAccessToken', id, details: row.name })
}

const oauthToken = async (reader: Reader, id: number): Promise<Owned | undefined> => {
  const row = await reader
    .selectFrom('oauth_tokens')
    .innerJoin('oauth_applications', 'oauth_applications.id', 'oauth_tokens.application_id')
    .select(['name', 'user_id'])
    .where('oauth_tokens.id', '=', id as OauthTokenId)
    .executeTakeFirst()
  return row && ownedBy(reader, row.user_id, { type: 'OauthAccessToken', id, details: row.name })
}

const deployToken = async (reader: Reader, id: number): Promise<Owned | undefined> => {
  const row = await reader
    .selectFrom('deploy_tokens')
    .select(['name', 'project_id', 'group_id'])
    .where('id', '=', id as DeployTokenId)
    .executeTakeFirst()
  if (row === undefined) return undefined
  const entity = row.project_id === null ? await groupEntity(reader, row.group_id) : await projectEntity(reader, row.project_id)
  return { target: { type: 'DeployToken', id, details: row.name }, owner: undefined, entity }
}

const key = async (reader: Reader, id: number): Promise<Owned | undefined> => {
  const row = await reader
    .selectFrom('keys')
    .select(['title', 'kind', 'user_id'])
    .where('id', '=', id as KeyId)
    .executeTakeFirst()
  const type = row?.kind === 'deploy' ? 'DeployKey' : 'Key'
  return row && ownedBy(reader, row.user_id, { type, id, details: row.title })
}

/** A job's token belongs to its project, whoever it acts for. */
const jobToken = async (reader: Reader, id: number): Promise<Owned | undefined> => {
  const row = await findJob(reader, id as JobId)
  if (row === undefined) return undefined
  const entity = await projectEntity(reader, row.project_id)
  return { target: { type: 'Ci::Build', id, details: row.name }, owner: await accountOf(reader, row.user_id), entity }
}

/** What a trust gave belongs to where the trust stands. */
const trustGrant = async (reader: Reader, id: number): Promise<Owned | undefined> => {
  const row = await reader
    .selectFrom('trust_grants')
    .innerJoin('trusts', 'trusts.id', 'trust_grants.trust_id')
    .select(['trusts.id', 'name', 'trusts.project_id', 'trusts.group_id'])
    .where('trust_grants.id', '=', id as TrustGrantId)
    .executeTakeFirst()
  if (row === undefined) return undefined
  const entity = row.project_id === null ? await groupEntity(reader, row.group_id) : await projectEntity(reader, row.project_id)
  return { target: { type: 'Trust', id: row.id, details: row.name }, owner: undefined, entity }
}

const password = (reader: Reader, id: number): Promise<Owned> =>
  ownedBy(reader, id as UserId, { type: 'User', id, details: 'password' })

const finders: Readonly<Partial<Record<CredentialRef['kind'], (reader: Reader, id: number) => Promise<Owned | undefined>>>> = {
  'personal-access-token': accessToken,
  'impersonation-token': accessToken,
  'project-access-token': accessToken,
  'group-access-token': accessToken,
  'service-account-token': accessToken,
  'oauth-token': oauthToken,
  'job-token': jobToken,
  'deploy-token': deployToken,
  'trust-token': trustGrant,
  'trust-certificate': trustGrant,
  'user-key': key,
  'deploy-key': key,
  password,
}

/**
 * Who, whose and what of a refused use. A dead credential proves nobody: its author is nobody in particular, and the
 * event belongs to its owner. A denied push belongs to the project. Undefined where the credential is gone by now.
 */
export const partiesOf = async (
  reader: Reader,
  use: RefusedUse,
  isPush: boolean,
): Promise<(Pick<AuditNote, 'entity' | 'target'> & { readonly author: AuditAuthor }) | undefined> => {
  const find = use.credential && finders[use.credential.kind]
  const owned = use.credential && (await find?.(reader, use.credential.id))
  if (owned === undefined) return undefined
  const author = await authorOf(reader, use.principal)
  const home = owned.entity ?? ({ kind: 'Instance' } as const)
  if (!isPush || use.project === undefined) return { author, entity: home, target: owned.target }
  const { id, fullPath } = use.project
  return { author, entity: { kind: 'Project', id, path: fullPath }, target: { type: 'Project', id, details: fullPath } }
}
