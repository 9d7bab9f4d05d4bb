import type { z } from 'zod'
import type { ProjectId } from '../../../core/ids.ts'
import { type CiSettings, readCiSettings, writeCiSettings } from '../../../store/ci/settings.ts'
import type { Project } from '../../../store/projects.ts'
import type { Writer } from '../../../store/routes.ts'
import { aboutProject, changesOf } from '../audit-words.ts'
import type { Call } from '../call.ts'
import { maybeWords, wholeNumber, yesNo } from '../entity-words.ts'
import { flag, oneOf, optional, optionalText, whole } from '../input.ts'
import { refuseProblems } from './project-input.ts'

/** Parameters of a project that say how its jobs run. */
export const ciFields = {
  jobs_enabled: optional(flag()),
  builds_access_level: optional(oneOf(['disabled', 'enabled'])),
  public_jobs: optional(flag()),
  public_builds: optional(flag()),
  shared_runners_enabled: optional(flag()),
  group_runners_enabled: optional(flag()),
  ci_config_path: optionalText(),
  build_timeout: optional(whole()),
  ci_default_git_depth: optional(whole()),
  ci_push_repository_for_job_token_allowed: optional(flag()),
}

type CiInput = { readonly [Name in keyof typeof ciFields]?: z.output<(typeof ciFields)[Name]> }

/** The same as they stand in the answer; the older names beside the newer ones, as in GitLab. */
export const ciEntityFields = {
  jobs_enabled: yesNo,
  builds_access_level: oneOf(['disabled', 'enabled']),
  shared_runners_enabled: yesNo,
  group_runners_enabled: yesNo,
  public_jobs: yesNo,
  ci_config_path: maybeWords,
  build_timeout: wholeNumber,
  ci_default_git_depth: wholeNumber,
  ci_job_token_scope_enabled: yesNo,
  ci_push_repository_for_job_token_allowed: yesNo,
}

export const ciWords = (settings: CiSettings) => ({
  jobs_enabled: settings.jobs_enabled === 1,
  builds_access_level: settings.jobs_enabled === 1 ? ('enabled' as const) : ('disabled' as const),
  shared_runners_enabled: settings.shared_runners_enabled === 1,
  group_runners_enabled: settings.group_runners_enabled === 1,
  public_jobs: settings.public_jobs === 1,
  ci_config_path: settings.config_path,
  build_timeout: settings.build_timeout,
  ci_default_git_depth: settings.default_git_depth,
  // Says whether jobs are kept from reaching out, which is no setting any more.
  ci_job_token_scope_enabled: false,
  ci_push_repository_for_job_token_allowed: settings.push_allowed === 1,
})

const [leastTimeout, timeoutBound, mostDepth] = [600, 2_629_746, 1000]

/** gitlab `Project`, `ProjectCiCdSetting`: validations of these fields. */
export const refuseCiSettings = ({ build_timeout: timeout, ci_default_git_depth: depth, ci_config_path: path }: CiInput): void =>
  refuseProblems({
    build_timeout:
      timeout === undefined || (timeout >= leastTimeout && timeout < timeoutBound)
        ? undefined
        : 'needs to be between 10 minutes and 1 month',
    'ci_cd_settings.default_git_depth':
      depth === undefined || (depth >= 0 && depth <= mostDepth) ? undefined : `must be between 0 and ${mostDepth}`,
    ci_config_path:
      path !== undefined && /\.\.|^\//.test(path) ? 'cannot include leading slash or directory traversal.' : undefined,
  })

const asFlag = (value: boolean | undefined): 0 | 1 | undefined => (value === undefined ? undefined : value ? 1 : 0)

const changeOf = (input: CiInput): Partial<CiSettings> => {
  const level = input.builds_access_level
  const columns = {
    jobs_enabled: asFlag(level === undefined ? input.jobs_enabled : level === 'enabled'),
    public_jobs: asFlag(input.public_jobs ?? input.public_builds),
    shared_runners_enabled: asFlag(input.shared_runners_enabled),
    group_runners_enabled: asFlag(input.group_runners_enabled),
    config_path: input.ci_config_path === '' ? null : input.ci_config_path,
    build_timeout: input.build_timeout,
    default_git_depth: input.ci_default_git_depth,
    push_allowed: asFlag(input.ci_push_repository_for_job_token_allowed),
  }
  return Object.fromEntries(Object.entries(columns).filter(([, value]) => value !== undefined))
}

export const saveCiSettings = (transaction: Writer, project: ProjectId, input: CiInput): Promise<void> =>
  writeCiSettings(transaction, project, changeOf(input))

const changeNames = [
  ['jobs_enabled', 'project_feature_builds_access_level_updated'],
  ['public_jobs', 'project_public_jobs_updated'],
  ['shared_runners_enabled', 'project_shared_runners_updated'],
  ['group_runners_enabled', 'project_group_runners_updated'],
  ['config_path', 'project_ci_config_path_updated'],
  ['build_timeout', 'project_build_timeout_updated'],
  ['default_git_depth', 'project_default_git_depth_updated'],
  ['push_allowed', 'project_ci_push_repository_for_job_token_allowed_updated'],
] as const

/** Tells the audit of each setting that is another now. */
export const auditCiSettings = async (call: Call, project: Project, before: CiSettings): Promise<void> => {
  const after = await readCiSettings(call.parts.store.read, project.id)
  call.audit(...changesOf(before, after, changeNames, aboutProject(project)))
}
