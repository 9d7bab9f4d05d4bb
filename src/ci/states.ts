/** States of a job (gitlab `HasStatus`). `canceling`: the runner is told, and runs only what cleans up. */
export const jobStatuses = [
  'created',
  'pending',
  'running',
  'canceling',
  'success',
  'failed',
  'canceled',
  'skipped',
  'manual',
  'scheduled',
] as const
export type JobStatus = (typeof jobStatuses)[number]

/** States of a pipeline are those of its jobs taken together. */
export type PipelineStatus = JobStatus

/** What began a pipeline (GitLab's `source`). */
export type PipelineSource = 'push' | 'api' | 'trigger' | 'pipeline' | 'web'

const ended: ReadonlySet<JobStatus> = new Set(['success', 'failed', 'canceled', 'skipped'])

/** Over for good: nothing changes it any more, but for a retry, which makes a new job. */
export const hasEnded = (status: JobStatus): boolean => ended.has(status)

/** In these a job's token is good (gitlab `Ci::AuthJobFinder`; its newest source adds `canceling`). */
export const tokenIsGoodIn = (status: JobStatus): boolean => status === 'running' || status === 'canceling'

/** Why a job failed, as runner and server name it (gitlab `Ci::Build` failure reasons). */
export const failureReasons = [
  'unknown_failure',
  'script_failure',
  'api_failure',
  'stuck_or_timeout_failure',
  'runner_system_failure',
  'missing_dependency_failure',
  'runner_unsupported',
  'stale_schedule',
  'job_execution_timeout',
  'archived_failure',
  'unmet_prerequisites',
  'scheduler_failure',
  'data_integrity_failure',
  'forward_deployment_failure',
  'user_blocked',
  'project_deleted',
  'no_matching_runner',
  'job_token_expired',
  'trace_size_exceeded',
  'image_pull_failure',
  'runner_configuration_error',
] as const
export type FailureReason = (typeof failureReasons)[number]
