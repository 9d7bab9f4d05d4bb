import type { Selectable, SelectQueryBuilder } from 'kysely'
import type { ProjectId, TriggerId, UserId } from '../core/ids.ts'
import type { MadeToken } from '../tokens/make.ts'
import type { SealedPlace, Sealer } from '../tokens/seal.ts'
import { beforeItsMoment } from './in-force.ts'
import { instantOf } from './instant.ts'
import type { Reader } from './routes.ts'
import type { Instant, Schema, TriggersTable } from './schema.ts'
import type { Store } from './sqlite.ts'

export type Trigger = Selectable<TriggersTable>

export type TriggerQuery = SelectQueryBuilder<Schema, 'triggers', Trigger>

/** Where a trigger's token is sealed. */
export const placeOfTrigger = (id: TriggerId): SealedPlace => ({ table: 'triggers', column: 'sealed', row: id })

/** Triggers of a project that are not over; the others are as if they were not there, as in GitLab. */
export const triggersOf = (reader: Reader, project: ProjectId, now: number): TriggerQuery =>
  reader.selectFrom('triggers').selectAll().where('project_id', '=', project).where(beforeItsMoment('expires_at', now))

export const triggerByDigest = (reader: Reader, digest: string): Promise<Trigger | undefined> =>
  reader.selectFrom('triggers').selectAll().where('digest', '=', digest).executeTakeFirst()

export interface NewTrigger {
  readonly project: ProjectId
  readonly owner: UserId
  readonly description: string
  readonly expiresAt: Instant | null
}

/** Undefined where the project or the owner is gone meanwhile. The seal is bound to the row's number, so it comes second. */
export const createTrigger = (
  store: Store,
  trigger: NewTrigger,
  { digest, secret }: MadeToken,
  sealer: Sealer,
  now: number,
): Promise<Trigger | undefined> =>
  store.write.transaction().execute(async (transaction) => {
    const project = await transaction.selectFrom('projects').select('id').where('id', '=', trigger.project).executeTakeFirst()
    const owner = await transaction.selectFrom('users').select('id').where('id', '=', trigger.owner).executeTakeFirst()
    if (project === undefined || owner === undefined) return undefined
    const time = instantOf(now)
    const { id } = await transaction
      .insertInto('triggers')
      .values({
        project_id: project.id,
        owner_id: owner.id,
        description: trigger.description,
        digest,
        sealed: '',
        expires_at: trigger.expiresAt,
        created_at: time,
        updated_at: time,
      })
      .returning('id')
      .executeTakeFirstOrThrow()
    return transaction
      .updateTable('triggers')
      .set({ sealed: sealer.seal(secret, placeOfTrigger(id)) })
      .where('id', '=', id)
      .returningAll()
      .executeTakeFirstOrThrow()
  })

/** Undefined where it is gone. */
export const updateTrigger = (
  store: Store,
  id: TriggerId,
  change: { readonly description?: string; readonly expires_at?: Instant },
  now: number,
): Promise<Trigger | undefined> =>
  store.write
    .updateTable('triggers')
    .set({ ...change, updated_at: instantOf(now) })
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirst()

/** Whether it was still there. */
export const deleteTrigger = async (store: Store, id: TriggerId): Promise<boolean> => {
  const { numDeletedRows } = await store.write.deleteFrom('triggers').where('id', '=', id).executeTakeFirst()
  return numDeletedRows > 0n
}
