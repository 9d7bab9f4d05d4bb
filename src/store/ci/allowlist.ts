import type { NamespaceId, ProjectId, UserId } from '../../core/ids.ts'
import type { JobHome } from '../../core/principal.ts'
import { instantOf } from '../instant.ts'
import type { Reader, Writer } from '../routes.ts'
import { readCiSettings } from './settings.ts'

/** Projects and groups together, on one list (GitLab docs, "Control job token access to your project"). */
export const mostAllowed = 200

/** What may stand on a list. */
export type Allowed = { readonly kind: 'project'; readonly id: ProjectId } | { readonly kind: 'group'; readonly id: NamespaceId }

const columnsOf = (allowed: Allowed) =>
  allowed.kind === 'project'
    ? { allowed_project_id: allowed.id, allowed_group_id: null }
    : { allowed_project_id: null, allowed_group_id: allowed.id }

const entry = (reader: Reader, project: ProjectId, allowed: Allowed) => {
  const query = reader.selectFrom('job_token_allowlist').select('id').where('project_id', '=', project)
  return allowed.kind === 'project'
    ? query.where('allowed_project_id', '=', allowed.id).executeTakeFirst()
    : query.where('allowed_group_id', '=', allowed.id).executeTakeFirst()
}

/** What jobs of one project may do in another: whether they are let in by its list, and whether its own may push. */
export const jobReach = async (
  reader: Reader,
  target: ProjectId,
  home: JobHome,
): Promise<{ readonly listed: boolean; readonly pushes: boolean }> => {
  const { inbound_enabled, push_allowed } = await readCiSettings(reader, target)
  const isOpen = home.id === target || inbound_enabled === 0
  return { listed: isOpen || (await isOnList(reader, target, home)), pushes: push_allowed === 1 }
}

/** By the project itself, or by any group above it. */
const isOnList = async (reader: Reader, target: ProjectId, home: JobHome): Promise<boolean> => {
  const found = await reader
    .selectFrom('job_token_allowlist')
    .select('id')
    .where('project_id', '=', target)
    .where(({ or, eb }) => or([eb('allowed_project_id', '=', home.id), eb('allowed_group_id', 'in', [...home.namespaces])]))
    .executeTakeFirst()
  return found !== undefined
}

/** Those on the list of a project, in the order in which they were added; the project itself is never in it. */
const allowedIds = async (
  reader: Reader,
  project: ProjectId,
): Promise<{ readonly projects: readonly ProjectId[]; readonly groups: readonly NamespaceId[] }> => {
  const rows = await reader
    .selectFrom('job_token_allowlist')
    .select(['allowed_project_id', 'allowed_group_id'])
    .where('project_id', '=', project)
    .orderBy('id')
    .execute()
  return {
    projects: rows.flatMap(({ allowed_project_id }) => allowed_project_id ?? []),
    groups: rows.flatMap(({ allowed_group_id }) => allowed_group_id ?? []),
  }
}

/** Nothing was written where the answer is not `added`. */
export const allow = async (
  transaction: Writer,
  project: ProjectId,
  allowed: Allowed,
  by: UserId,
  now: number,
): Promise<'added' | 'there' | 'full'> => {
  if ((await entry(transaction, project, allowed)) !== undefined) return 'there'
  const { projects, groups } = await allowedIds(transaction, project)
  if (projects.length + groups.length >= mostAllowed) return 'full'
  await transaction
    .insertInto('job_token_allowlist')
    .values({ project_id: project, ...columnsOf(allowed), created_by: by, created_at: instantOf(now) })
    .execute()
  return 'added'
}

/** Whether it stood on the list. */
export const disallow = async (transaction: Writer, project: ProjectId, allowed: Allowed): Promise<boolean> => {
  const found = await entry(transaction, project, allowed)
  if (found === undefined) return false
  await transaction.deleteFrom('job_token_allowlist').where('id', '=', found.id).execute()
  return true
}
