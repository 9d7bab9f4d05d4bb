import type { NamespaceId, ProjectId } from '../../core/ids.ts'
import type { Digest } from '../../tokens/digest.ts'
import type { MadeToken } from '../../tokens/make.ts'
import type { SealedPlace, Sealer } from '../../tokens/seal.ts'
import { instantOf } from '../instant.ts'
import type { Reader, Writer } from '../routes.ts'
import type { Store } from '../sqlite.ts'
import type { RunnerHome } from './runners.ts'

const placeOf = (id: number): SealedPlace => ({ table: 'registration_tokens', column: 'sealed', row: id })

interface Owner {
  readonly group_id: NamespaceId | null
  readonly project_id: ProjectId | null
}

const ownerOf = (home: RunnerHome): Owner => ({
  group_id: home.type === 'group_type' ? home.group : null,
  project_id: home.type === 'project_type' ? home.project : null,
})

const remove = (transaction: Writer, { group_id, project_id }: Owner) =>
  transaction
    .deleteFrom('registration_tokens')
    .where('group_id', group_id === null ? 'is' : '=', group_id)
    .where('project_id', project_id === null ? 'is' : '=', project_id)
    .execute()

/** Puts a registration token in the place of the one that was there, if any: the old one registers nothing more. */
export const replaceRegistrationToken = (
  store: Store,
  home: RunnerHome,
  { digest, secret }: MadeToken,
  sealer: Sealer,
  now: number,
): Promise<void> =>
  store.write.transaction().execute(async (transaction) => {
    const owner = ownerOf(home)
    await remove(transaction, owner)
    const { id } = await transaction
      .insertInto('registration_tokens')
      .values({ ...owner, digest, sealed: '', created_at: instantOf(now) })
      .returning('id')
      .executeTakeFirstOrThrow()
    await transaction
      .updateTable('registration_tokens')
      .set({ sealed: sealer.seal(secret, placeOf(id)) })
      .where('id', '=', id)
      .execute()
  })

/** Where runners belong that register by this token; undefined where there is no such token. */
export const homeOfRegistration = async (reader: Reader, digest: Digest): Promise<RunnerHome | undefined> => {
  const row = await reader.selectFrom('registration_tokens').selectAll().where('digest', '=', digest).executeTakeFirst()
  if (row === undefined) return undefined
  if (row.project_id !== null) return { type: 'project_type', project: row.project_id }
  return row.group_id === null ? { type: 'instance_type' } : { type: 'group_type', group: row.group_id }
}
