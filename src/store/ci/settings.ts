import type { Selectable } from 'kysely'
import type { ProjectId } from '../../core/ids.ts'
import type { Reader, Writer } from '../routes.ts'
import type { ProjectCiSettingsTable } from './schema.ts'

export type CiSettings = Omit<Selectable<ProjectCiSettingsTable>, 'project_id'>

/** What holds in a project that was never told otherwise (GitLab docs, "Customize pipeline configuration"). */
const standard: CiSettings = {
  inbound_enabled: 1,
  push_allowed: 0,
  jobs_enabled: 1,
  public_jobs: 1,
  shared_runners_enabled: 1,
  group_runners_enabled: 1,
  config_path: null,
  build_timeout: 3600,
  default_git_depth: 20,
}

export const readCiSettings = async (reader: Reader, project: ProjectId): Promise<CiSettings> => {
  const row = await reader.selectFrom('project_ci_settings').selectAll().where('project_id', '=', project).executeTakeFirst()
  if (row === undefined) return standard
  const { project_id: _, ...settings } = row
  return settings
}

/** The same of several projects at once; undefined ones have the standard values. */
export const ciSettingsOf = async (
  reader: Reader,
  projects: readonly ProjectId[],
): Promise<(project: ProjectId) => CiSettings> => {
  const rows = await reader
    .selectFrom('project_ci_settings')
    .selectAll()
    .where('project_id', 'in', [...projects])
    .execute()
  const found = new Map(rows.map(({ project_id, ...settings }) => [project_id, settings]))
  return (project) => found.get(project) ?? standard
}

export const writeCiSettings = async (transaction: Writer, project: ProjectId, change: Partial<CiSettings>): Promise<void> => {
  if (Object.keys(change).length === 0) return
  await transaction
    .insertInto('project_ci_settings')
    .values({ ...standard, ...change, project_id: project })
    .onConflict((conflict) => conflict.column('project_id').doUpdateSet(change))
    .execute()
}
