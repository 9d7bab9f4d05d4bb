import type { Selectable, SelectQueryBuilder } from 'kysely'
import type { DeployTokenId, UserId } from '../core/ids.ts'
import type { DeployTokenHome } from '../core/principal.ts'
import type { Secret } from '../core/secret.ts'
import type { Digest } from '../tokens/digest.ts'
import type { SealedPlace, Sealer } from '../tokens/seal.ts'
import { beforeItsMoment } from './in-force.ts'
import { instantOf } from './instant.ts'
import type { Reader } from './routes.ts'
import type { DeployTokensTable, Instant, Schema } from './schema.ts'
import type { Store } from './sqlite.ts'

export type DeployTokenRow = Selectable<DeployTokensTable>

export type DeployTokenQuery = SelectQueryBuilder<Schema, 'deploy_tokens', DeployTokenRow>

export const selectDeployTokens = (reader: Reader): DeployTokenQuery =>
  reader.selectFrom('deploy_tokens').selectAll('deploy_tokens')

export const deployTokensOf = (reader: Reader, home: DeployTokenHome): DeployTokenQuery =>
  selectDeployTokens(reader).where(home.kind === 'project' ? 'project_id' : 'group_id', '=', home.id)

/** Those that work: not revoked, and not at their moment. */
export const workingDeployTokens = (query: DeployTokenQuery, now: number): DeployTokenQuery =>
  query.where('revoked', '=', 0).where(beforeItsMoment('expires_at', now))

export const deployTokenById = (reader: Reader, home: DeployTokenHome, id: DeployTokenId): Promise<DeployTokenRow | undefined> =>
  deployTokensOf(reader, home).where('id', '=', id).executeTakeFirst()

export interface NewDeployToken {
  readonly home: DeployTokenHome
  readonly name: string
  /** `gitlab+deploy-token-<id>` where none is given. */
  readonly username: string | undefined
  readonly digest: Digest
  readonly scopes: readonly string[]
  readonly expiresAt: Instant | null
  readonly createdBy: UserId
  /** The token itself, which jobs are told where it has the name for that. */
  readonly secret: Secret
}

/** Jobs are told the token of this name (GitLab docs, "GitLab deploy token"). */
export const nameForJobs = 'gitlab-deploy-token'

/** Where such a token is sealed. */
export const placeOfDeployToken = (id: DeployTokenId): SealedPlace => ({ table: 'deploy_tokens', column: 'sealed', row: id })

const homeColumns = (home: DeployTokenHome) =>
  home.kind === 'project' ? { project_id: home.id, group_id: null } : { project_id: null, group_id: home.id }

/** What follows from the row's number: the usual name, and the seal, which is bound to it. */
const numbered = ({ name, username, secret }: NewDeployToken, id: DeployTokenId, sealer: Sealer) => ({
  username: username ?? `gitlab+deploy-token-${id}`,
  sealed: name === nameForJobs ? sealer.seal(secret, placeOfDeployToken(id)) : null,
})

export const createDeployToken = (store: Store, token: NewDeployToken, sealer: Sealer, now: number): Promise<DeployTokenRow> =>
  store.write.transaction().execute(async (transaction) => {
    const { id } = await transaction
      .insertInto('deploy_tokens')
      .values({
        ...homeColumns(token.home),
        name: token.name,
        username: '',
        digest: token.digest,
        scopes: JSON.stringify([...new Set(token.scopes)]),
        revoked: 0,
        expires_at: token.expiresAt,
        created_by: token.createdBy,
        created_at: instantOf(now),
      })
      .returning('id')
      .executeTakeFirstOrThrow()
    return transaction
      .updateTable('deploy_tokens')
      .set(numbered(token, id, sealer))
      .where('id', '=', id)
      .returningAll()
      .executeTakeFirstOrThrow()
  })

export const deleteDeployToken = async (store: Store, id: DeployTokenId): Promise<void> => {
  await store.write.deleteFrom('deploy_tokens').where('id', '=', id).execute()
}

/** Ends a deploy token at once; unlike one that is deleted, it stays to be seen. */
export const revokeDeployToken = async (store: Store, id: DeployTokenId): Promise<void> => {
  await store.write.updateTable('deploy_tokens').set({ revoked: 1, sealed: null }).where('id', '=', id).execute()
}

export const deployTokenByDigest = (reader: Reader, digest: Digest): Promise<DeployTokenRow | undefined> =>
  selectDeployTokens(reader).where('digest', '=', digest).executeTakeFirst()
