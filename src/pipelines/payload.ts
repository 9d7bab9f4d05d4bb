import { failureReasons } from '../ci/states.ts'
import { Secret } from '../core/secret.ts'
import type { JobRow } from '../store/ci/jobs.ts'
import { pipelineById } from '../store/ci/pipelines.ts'
import { knownPrefixes } from '../tokens/kinds.ts'
import { dependenciesOf } from './dependencies.ts'
import { gitInfoOf, repositoryUrlOf } from './git-info.ts'
import { jobInfoOf } from './job-info.ts'
import { optionsOf } from './job-options.ts'
import { allVariables, type HandedOut } from './job-variables.ts'
import { masksOf } from './masks.ts'
import type { PayloadParts } from './parts.ts'
import type { MakePayload, PayloadRequest } from './payload-request.ts'
import type { JobPayload, PayloadStep } from './payload-shape.ts'
import { subjectOf } from './subject.ts'

/** Seconds for which the job may run: it was given a deadline with its token. */
const timeoutOf = ({ started_at, deadline, timeout }: JobRow): number =>
  started_at === null || deadline === null ? timeout : Math.round((Date.parse(deadline) - Date.parse(started_at)) / 1000)

const handedOut = async (parts: PayloadParts, request: PayloadRequest): Promise<HandedOut> => {
  const { job } = request
  const pipeline = job.pipeline_id === null ? undefined : await pipelineById(parts.store.read, job.pipeline_id)
  if (pipeline === undefined) throw new Error(`job ${job.id} is of no pipeline`)
  const running = {
    project: job.project_id,
    ref: job.ref,
    tag: job.tag === 1,
    sha: job.sha,
    beforeSha: pipeline.before_sha,
    source: pipeline.source,
    user: job.user_id ?? undefined,
    trigger: pipeline.trigger_id ?? undefined,
  }
  const found = await subjectOf(parts.store.read, running, parts.clock())
  // A ref that was protected only later may hold what no rule looked at.
  const subject = { ...found, protected: found.protected && job.protected === 1 }
  const token = Secret.open(request.token)
  const repositoryUrl = repositoryUrlOf(parts, subject.project.full_path, token)
  return { subject, request, pipeline, token, repositoryUrl, timeout: timeoutOf(job) }
}

const stepsOf = (job: JobRow, timeout: number): PayloadStep[] => {
  const { script, afterScript } = optionsOf(job)
  const step = { timeout, allow_failure: false }
  return [
    { ...step, name: 'script', script: [...script], when: 'on_success' },
    ...(afterScript.length === 0
      ? []
      : [{ ...step, name: 'after_script', script: [...afterScript], when: 'always' as const, allow_failure: true }]),
  ]
}

const registryCredentials = ({ settings }: PayloadParts, password: string): JobPayload['credentials'] =>
  settings.registry === undefined ? [] : [{ type: 'registry', url: settings.registry, username: 'gitlab-ci-token', password }]

/** What stands in the configuration, as it stands there. */
const asPlanned = (job: JobRow): Pick<JobPayload, 'image' | 'services' | 'artifacts' | 'cache' | 'hooks'> => {
  const { image, services, artifacts, cache, hooks } = optionsOf(job)
  return {
    image: image ?? null,
    services: [...services],
    artifacts: artifacts.length === 0 ? null : [...artifacts],
    cache: [...cache],
    hooks: hooks.map(({ name, script }) => ({ name, script: [...script] })),
  }
}

const features: JobPayload['features'] = {
  trace_sections: true,
  token_mask_prefixes: knownPrefixes,
  failure_reasons: [...failureReasons],
}

/**
 * What the runner is told of a job that was given to it (gitlab `Ci::BuildRunnerPresenter`, `API::Entities::Ci::JobRequest`).
 * The job's secrets are opened for this answer alone. Throws where the project or pipeline is gone, `MissingDependency`
 * where files that the job needs are gone, and `SourceUnavailable` where git has no place for the question.
 */
export const jobPayload: MakePayload = async (parts, request) => {
  const { job } = request
  const { read } = parts.store
  const handed = await handedOut(parts, request)
  const { token, timeout } = handed
  const variables = await allVariables(parts, handed)
  const payload: JobPayload = {
    id: job.id,
    token,
    allow_git_fetch: true,
    job_info: await jobInfoOf(read, handed),
    git_info: gitInfoOf(handed, variables),
    runner_info: { timeout, runner_session_url: null },
    inputs: [],
    variables,
    steps: stepsOf(job, timeout),
    ...asPlanned(job),
    credentials: registryCredentials(parts, token),
    dependencies: await dependenciesOf(read, { job, options: optionsOf(job), token }, parts.clock()),
    features,
    secrets: {},
  }
  return { payload, masks: masksOf(token, variables) }
}
