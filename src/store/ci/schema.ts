import type { Generated } from 'kysely'
import type { FailureReason, JobStatus, PipelineSource, PipelineStatus } from '../../ci/states.ts'
import type { JobId, NamespaceId, PipelineId, ProjectId, RunnerId, TriggerId, UserId, VariableId } from '../../core/ids.ts'
import type { Sealed } from '../../tokens/seal.ts'
import type { Flag, Instant, StringList } from '../schema.ts'

export interface PipelinesTable {
  id: Generated<PipelineId>
  project_id: ProjectId
  /** Counts from 1 in each project. */
  iid: number
  sha: string
  /** 40 zeros where there is none. */
  before_sha: string
  /** Short name of the branch or tag. */
  ref: string
  tag: Flag
  source: PipelineSource
  status: PipelineStatus
  name: string | null
  /** Why there are no jobs; JSON. */
  yaml_errors: StringList | null
  user_id: UserId | null
  trigger_id: TriggerId | null
  created_at: Instant
  updated_at: Instant
  started_at: Instant | null
  finished_at: Instant | null
}

export type VariableType = 'env_var' | 'file'

/** Variables that whoever began a pipeline gave to it, and the payload of a trigger. */
export interface PipelineVariablesTable {
  id: Generated<VariableId>
  pipeline_id: PipelineId
  key: string
  sealed: Sealed
  variable_type: VariableType
  raw: Flag
}

/**
 * A job of a pipeline, or a lease, which has no pipeline. Its token is good while `status` says so and `deadline` has not
 * come; changes of these raise the security epoch.
 */
export interface JobsTable {
  id: Generated<JobId>
  kind: 'job' | 'lease'
  project_id: ProjectId
  pipeline_id: PipelineId | null
  name: string
  stage: string
  stage_index: number
  /** Place in the pipeline, for lists. */
  position: number
  status: JobStatus
  /** Whose rights its token has; none once the user was deleted. */
  user_id: UserId | null
  ref: string
  tag: Flag
  sha: string
  when_to_run: 'on_success' | 'on_failure' | 'always' | 'manual' | 'delayed'
  /** Of a delayed job: from when it may run. */
  scheduled_at: Instant | null
  start_in: number | null
  /** JSON: true, false, or exit codes. */
  allow_failure: string
  /** JSON: `PlannedJob['retry']`. */
  retry: string
  /** How many jobs of this name the pipeline had before this one. */
  attempt: number
  /** Another job took its place. */
  retried: Flag
  /** JSON: `Need[]`, or null. */
  needs: string | null
  /** JSON. */
  tags: StringList
  /** JSON: `JobOptions`. */
  options: string
  /** JSON: `PlannedVariable[]`. */
  variables: string
  /** Seconds. */
  timeout: number
  /** The ref was protected when the job was made: such jobs alone go to protected runners. */
  protected: Flag
  runner_id: RunnerId | null
  /** `system_id` of the machine that has it. */
  runner_system: string | null
  token_digest: string | null
  /** From here on its token is dead and it has failed; set when it is handed out. */
  deadline: Instant | null
  /** Last word of its runner, at most twice a minute. */
  heard_at: Instant | null
  failure_reason: FailureReason | null
  exit_code: number | null
  /** JSON list of values that its log must not show, sealed. */
  masks: Sealed | null
  created_at: Instant
  queued_at: Instant | null
  started_at: Instant | null
  finished_at: Instant | null
  erased_at: Instant | null
  /** Its archive was removed then, since its day had come. */
  artifacts_expired_at: Instant | null
}

/** Files live in the home, named by their number. */
export interface JobArtifactsTable {
  id: Generated<number>
  job_id: JobId
  file_type: string
  file_format: string
  filename: string
  /** Bytes. */
  size: number
  sha256: string
  expires_at: Instant | null
  created_at: Instant
}

export type RunnerType = 'instance_type' | 'group_type' | 'project_type'

export interface RunnersTable {
  id: Generated<RunnerId>
  runner_type: RunnerType
  /** Of a group's runner. A project's runner stands in `runner_projects`. */
  group_id: NamespaceId | null
  creator_id: UserId | null
  /** `user`: made over the API (`glrt-`); `token`: by a registration token (`glrtr-`). */
  registration: 'user' | 'token'
  token_digest: string
  token_expires_at: Instant | null
  description: string
  maintenance_note: string | null
  paused: Flag
  locked: Flag
  run_untagged: Flag
  /** JSON. */
  tags: StringList
  access_level: 'not_protected' | 'ref_protected'
  /** Seconds. */
  maximum_timeout: number | null
  created_at: Instant
  updated_at: Instant
}

export interface RunnerProjectsTable {
  runner_id: RunnerId
  project_id: ProjectId
  /** The project in which the runner was made. */
  owner: Flag
}

/** One for the instance, one for each group and project that was asked for one. */
export interface RegistrationTokensTable {
  id: Generated<number>
  group_id: NamespaceId | null
  project_id: ProjectId | null
  digest: string
  sealed: Sealed
  created_at: Instant
}

export interface VariablesTable {
  id: Generated<VariableId>
  /** Exactly one of the two. */
  project_id: ProjectId | null
  group_id: NamespaceId | null
  key: string
  sealed: Sealed
  variable_type: VariableType
  protected: Flag
  masked: Flag
  hidden: Flag
  raw: Flag
  environment_scope: string
  description: string | null
  created_at: Instant
  updated_at: Instant
}

/** Who may reach a project by job token: exactly one of a project and a group. */
export interface JobTokenAllowlistTable {
  id: Generated<number>
  project_id: ProjectId
  allowed_project_id: ProjectId | null
  allowed_group_id: NamespaceId | null
  created_by: UserId | null
  created_at: Instant
}

/** Where a project has no row, the standard values of the migration hold. */
export interface ProjectCiSettingsTable {
  project_id: ProjectId
  /** Only the allowlist reaches the project by job token (GitLab's `ci_inbound_job_token_scope_enabled`). */
  inbound_enabled: Flag
  /** `ci_push_repository_for_job_token_allowed` */
  push_allowed: Flag
  /** Whether the project has pipelines at all. */
  jobs_enabled: Flag
  /** Jobs and their logs are shown to everyone who sees the project (`public_jobs`). */
  public_jobs: Flag
  shared_runners_enabled: Flag
  group_runners_enabled: Flag
  config_path: string | null
  /** Seconds. */
  build_timeout: number
  default_git_depth: number
}

/** One row: a number that rises whenever a runner that found nothing might find something now. */
export interface JobQueueTable {
  id: 1
  value: number
}

export interface CiSchema {
  pipelines: PipelinesTable
  pipeline_variables: PipelineVariablesTable
  jobs: JobsTable
  job_artifacts: JobArtifactsTable
  runners: RunnersTable
  runner_projects: RunnerProjectsTable
  registration_tokens: RegistrationTokensTable
  variables: VariablesTable
  job_token_allowlist: JobTokenAllowlistTable
  project_ci_settings: ProjectCiSettingsTable
  job_queue: JobQueueTable
}
