import { type RawBuilder, type SqlBool, sql } from 'kysely'
import type { NamespaceId, ProjectId, UserId } from '../../core/ids.ts'
import { instantOf } from '../instant.ts'
import type { Reader } from '../routes.ts'
import { groupsOf, projectsOf } from '../visible.ts'
import { offlineAfter, staleAfter } from './contacts.ts'
import type { RunnerType } from './schema.ts'

export const allRunners = (reader: Reader) => reader.selectFrom('runners').selectAll('runners')

export type RunnerQuery = ReturnType<typeof allRunners>

const maintainer = 40
const owner = 50

/** Runners that a user administers: of projects whose Maintainer and of groups whose Owner it is (gitlab `User#ci_owned_runners`). */
export const runnersOwnedBy = (reader: Reader, user: UserId, now: number): RunnerQuery =>
  allRunners(reader).where(
    sql<SqlBool>`(runners.id in (
        select given.runner_id from runner_projects given
        join projects on projects.id = given.project_id join namespaces on namespaces.id = projects.namespace_id
        where ${projectsOf(user, maintainer, now)})
      or runners.group_id in (select namespaces.id from namespaces where namespaces.kind = 'group' and ${groupsOf(user, owner, now)}))`,
  )

/** Runners that may run a project's jobs: its own, those of the groups above it, and the instance's. */
export const runnersForProject = (reader: Reader, project: ProjectId, above: readonly NamespaceId[]): RunnerQuery =>
  allRunners(reader).where(({ or, eb, selectFrom }) =>
    or([
      eb('runner_type', '=', 'instance_type'),
      eb('group_id', 'in', [...above]),
      eb('runners.id', 'in', selectFrom('runner_projects').select('runner_id').where('project_id', '=', project)),
    ]),
  )

export const runnersForGroup = (reader: Reader, above: readonly NamespaceId[]): RunnerQuery =>
  allRunners(reader).where(({ or, eb }) => or([eb('runner_type', '=', 'instance_type'), eb('group_id', 'in', [...above])]))

export const runnerStates = ['active', 'paused', 'online', 'offline', 'never_contacted', 'stale'] as const

export interface RunnerFilter {
  readonly type?: RunnerType | undefined
  readonly paused?: boolean | undefined
  readonly status?: (typeof runnerStates)[number] | undefined
  readonly tag_list?: readonly string[] | undefined
}

const lastContact = sql<string | null>`(select max(contacted_at) from activity.runner_contacts where runner_id = runners.id)`

const inState = (status: (typeof runnerStates)[number], now: number): RawBuilder<SqlBool> => {
  const [live, stale] = [instantOf(now - offlineAfter), instantOf(now - staleAfter)]
  const conditions: Record<typeof status, RawBuilder<SqlBool>> = {
    active: sql`runners.paused = 0`,
    paused: sql`runners.paused = 1`,
    online: sql`${lastContact} > ${live}`,
    offline: sql`${lastContact} <= ${live}`,
    never_contacted: sql`${lastContact} is null`,
    stale: sql`(runners.created_at <= ${stale} and coalesce(${lastContact}, '') <= ${stale})`,
  }
  return conditions[status]
}

/** Only those of a type or state, and those that have every one of some tags. */
export const filterRunners = (query: RunnerQuery, filter: RunnerFilter, now: number): RunnerQuery =>
  query
    .$if(filter.type !== undefined, (some) => some.where('runner_type', '=', filter.type ?? 'instance_type'))
    .$if(filter.paused !== undefined, (some) => some.where('paused', '=', filter.paused ? 1 : 0))
    .$if(filter.status !== undefined, (some) => some.where(inState(filter.status ?? 'active', now)))
    .$if(filter.tag_list !== undefined, (some) =>
      some.where(sql<SqlBool>`not exists (select 1 from json_each(${JSON.stringify(filter.tag_list)}) asked
        where asked.value not in (select has.value from json_each(runners.tags) has))`),
    )
