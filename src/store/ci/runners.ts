import type { Selectable } from 'kysely'
import type { NamespaceId, ProjectId, RunnerId, UserId } from '../../core/ids.ts'
import type { Digest } from '../../tokens/digest.ts'
import { instantOf } from '../instant.ts'
import type { Reader, Writer } from '../routes.ts'
import type { Store } from '../sqlite.ts'
import type { RunnersTable, RunnerType } from './schema.ts'

export type RunnerRow = Selectable<RunnersTable>

/** Where a runner belongs: all of the instance, one group with all below it, or the projects that it was given. */
export type RunnerHome =
  | { readonly type: 'instance_type' }
  | { readonly type: 'group_type'; readonly group: NamespaceId }
  | { readonly type: 'project_type'; readonly project: ProjectId }

export interface RunnerFields
  extends Pick<RunnerRow, 'description' | 'maintenance_note' | 'paused' | 'locked' | 'run_untagged' | 'access_level'>,
    Pick<RunnerRow, 'maximum_timeout'> {
  readonly tags: readonly string[]
}

export interface NewRunner extends RunnerFields {
  readonly home: RunnerHome
  readonly creator: UserId | null
  readonly registration: RunnerRow['registration']
  readonly digest: Digest
}

export const findRunner = (reader: Reader, id: RunnerId): Promise<RunnerRow | undefined> =>
  reader.selectFrom('runners').selectAll().where('id', '=', id).executeTakeFirst()

/** The runner whose token this is, while its token is good. */
export const runnerByDigest = (reader: Reader, digest: Digest, now: number): Promise<RunnerRow | undefined> =>
  reader
    .selectFrom('runners')
    .selectAll()
    .where('token_digest', '=', digest)
    .where((where) => where.or([where('token_expires_at', 'is', null), where('token_expires_at', '>', instantOf(now))]))
    .executeTakeFirst()

/** Projects that a runner was given to; the one in which it was made first. */
export const projectsOfRunner = async (reader: Reader, runner: RunnerId): Promise<readonly ProjectId[]> => {
  const rows = await reader
    .selectFrom('runner_projects')
    .select('project_id')
    .where('runner_id', '=', runner)
    .orderBy('owner', 'desc')
    .orderBy('project_id')
    .execute()
  return rows.map(({ project_id }) => project_id)
}

const isHomeThere = async (reader: Reader, home: RunnerHome): Promise<boolean> => {
  if (home.type === 'instance_type') return true
  const found =
    home.type === 'group_type'
      ? await reader.selectFrom('namespaces').select('id').where('id', '=', home.group).executeTakeFirst()
      : await reader.selectFrom('projects').select('id').where('id', '=', home.project).executeTakeFirst()
  return found !== undefined
}

/** Undefined where its home is gone meanwhile. */
export const createRunner = async (transaction: Writer, runner: NewRunner, now: number): Promise<RunnerRow | undefined> => {
  const { home, creator, registration, digest, tags, ...fields } = runner
  if (!(await isHomeThere(transaction, home))) return undefined
  const time = instantOf(now)
  const row = await transaction
    .insertInto('runners')
    .values({
      ...fields,
      runner_type: home.type,
      group_id: home.type === 'group_type' ? home.group : null,
      creator_id: creator,
      registration,
      token_digest: digest,
      token_expires_at: null,
      tags: JSON.stringify(tags),
      created_at: time,
      updated_at: time,
    })
    .returningAll()
    .executeTakeFirstOrThrow()
  if (home.type === 'project_type') await assignRunner(transaction, row.id, home.project, true)
  return row
}

/** Gives a runner to a project. False where it has it already. */
export const assignRunner = async (
  transaction: Writer,
  runner: RunnerId,
  project: ProjectId,
  owner: boolean,
): Promise<boolean> => {
  const { numInsertedOrUpdatedRows = 0n } = await transaction
    .insertInto('runner_projects')
    .values({ runner_id: runner, project_id: project, owner: owner ? 1 : 0 })
    .onConflict((conflict) => conflict.columns(['runner_id', 'project_id']).doNothing())
    .executeTakeFirstOrThrow()
  return numInsertedOrUpdatedRows > 0n
}

/** Takes a runner from a project. False where it did not have it. */
export const unassignRunner = async (transaction: Writer, runner: RunnerId, project: ProjectId): Promise<boolean> => {
  const { numDeletedRows } = await transaction
    .deleteFrom('runner_projects')
    .where('runner_id', '=', runner)
    .where('project_id', '=', project)
    .executeTakeFirst()
  return numDeletedRows > 0n
}

/** Undefined where it is gone. */
export const updateRunner = (
  store: Store,
  id: RunnerId,
  { tags, ...change }: Partial<RunnerFields>,
  now: number,
): Promise<RunnerRow | undefined> =>
  store.write
    .updateTable('runners')
    .set({ ...change, ...(tags !== undefined && { tags: JSON.stringify(tags) }), updated_at: instantOf(now) })
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirst()

/** Puts another token in the place of the runner's. Undefined where it is gone. */
export const replaceRunnerToken = (store: Store, id: RunnerId, digest: Digest, now: number): Promise<RunnerRow | undefined> =>
  store.write
    .updateTable('runners')
    .set({ token_digest: digest, token_expires_at: null, updated_at: instantOf(now) })
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirst()

/** Whether it was still there. Its running jobs end by themselves, when nothing is heard of them. */
export const deleteRunner = async (store: Store, id: RunnerId): Promise<boolean> => {
  const { numDeletedRows } = await store.write.deleteFrom('runners').where('id', '=', id).executeTakeFirst()
  return numDeletedRows > 0n
}

/** How a runner's token begins: whether it was made over the API or by a registration token. */
export const prefixOf = ({ registration }: Pick<RunnerRow, 'registration'>): string =>
  registration === 'user' ? 'glrt-' : 'glrtr-'

export const runnerTypes = ['instance_type', 'group_type', 'project_type'] as const satisfies readonly RunnerType[]
