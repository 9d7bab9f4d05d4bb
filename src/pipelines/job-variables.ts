import type { PipelineRow } from '../store/ci/pipelines.ts'
import { deployTokenVariables } from './deploy-token.ts'
import { type Environment, environmentOf, environmentVariables } from './environment.ts'
import { Expansion } from './expansion.ts'
import { signIdTokens } from './id-tokens.ts'
import { optionsOf, plannedVariables } from './job-options.ts'
import type { PayloadParts } from './parts.ts'
import type { PayloadRequest } from './payload-request.ts'
import type { PayloadVariable } from './payload-shape.ts'
import { predefinedVariables } from './predefined.ts'
import { userVariables } from './project-variables.ts'
import { baseUrlOf } from './server-variables.ts'
import { slugOf } from './slug.ts'
import { givenVariables, keptVariables } from './stored-variables.ts'
import type { Subject } from './subject.ts'
import { hidden, lastOfEach, shown } from './variable.ts'

/** A job that is handed out, with what is stored about it. */
export interface HandedOut {
  readonly subject: Subject
  readonly request: PayloadRequest
  readonly pipeline: Pick<PipelineRow, 'id' | 'iid' | 'name' | 'created_at'>
  /** The job's token itself. */
  readonly token: string
  /** Where the job's repository is cloned from, with the token in it. */
  readonly repositoryUrl: string
  /** Seconds. */
  readonly timeout: number
}

/** Of a job's name: that of jobs that are one in several parts, `test 1/3` (gitlab `Gitlab::Utils::Job.group_name`). */
const groupName = (name: string): string => name.replace(/(?:\s*\d+[\s:/\\]+\d+\s*|:?\s*\[[^[\]]*\]\s*)$/, '').trim()

const pipelineVariables = (parts: PayloadParts, { subject, pipeline }: HandedOut): PayloadVariable[] => [
  shown('CI_PIPELINE_ID', pipeline.id),
  shown('CI_PIPELINE_URL', `${baseUrlOf(parts)}/${subject.project.full_path}/-/pipelines/${pipeline.id}`),
  shown('CI_PIPELINE_IID', pipeline.iid),
  shown('CI_PIPELINE_CREATED_AT', pipeline.created_at),
  shown('CI_PIPELINE_NAME', pipeline.name ?? ''),
]

const registryLogin = (parts: PayloadParts, token: string): PayloadVariable[] =>
  parts.settings.registry === undefined
    ? []
    : [shown('CI_REGISTRY_USER', 'gitlab-ci-token'), hidden('CI_REGISTRY_PASSWORD', token)]

const jobVariables = (parts: PayloadParts, handed: HandedOut): PayloadVariable[] => {
  const { subject, request, token, repositoryUrl, timeout } = handed
  const { job } = request
  const isManual = job.when_to_run === 'manual'
  return [
    shown('CI_JOB_ID', job.id),
    shown('CI_JOB_URL', `${baseUrlOf(parts)}/${subject.project.full_path}/-/jobs/${job.id}`),
    hidden('CI_JOB_TOKEN', token),
    shown('CI_JOB_STARTED_AT', job.started_at ?? ''),
    ...registryLogin(parts, token),
    hidden('CI_REPOSITORY_URL', repositoryUrl),
    shown('CI_JOB_NAME', job.name),
    shown('CI_JOB_NAME_SLUG', slugOf(job.name)),
    shown('CI_JOB_GROUP_NAME', groupName(job.name)),
    shown('CI_JOB_STAGE', job.stage),
    shown('CI_JOB_TIMEOUT', timeout),
    ...(isManual || job.when_to_run === 'delayed' ? [shown('CI_JOB_MANUAL', 'true')] : []),
    shown('CI_NODE_TOTAL', 1),
  ]
}

const runnerVariables = ({ runner }: PayloadRequest): PayloadVariable[] => [
  shown('CI_RUNNER_ID', runner.id),
  shown('CI_RUNNER_DESCRIPTION', runner.description),
  shown('CI_RUNNER_TAGS', runner.tags),
]

interface Layers {
  /** In which what the project keeps for an environment finds its place. */
  readonly below: readonly PayloadVariable[]
  readonly given: readonly PayloadVariable[]
}

const layersOf = async (parts: PayloadParts, handed: HandedOut): Promise<Layers> => {
  const { subject, request } = handed
  const below = [
    ...pipelineVariables(parts, handed),
    ...jobVariables(parts, handed),
    ...(await deployTokenVariables(parts, subject)),
    ...(await predefinedVariables(parts, subject)),
    ...runnerVariables(request),
    ...plannedVariables(request.job),
    ...userVariables(subject),
  ]
  const { pipeline_id } = request.job
  return { below, given: pipeline_id === null ? [] : await givenVariables(parts, pipeline_id) }
}

const idTokens = async (
  parts: PayloadParts,
  { subject, request, timeout }: HandedOut,
  environment: Environment | undefined,
  expansion: Expansion,
): Promise<PayloadVariable[]> => {
  const asked = Object.entries(optionsOf(request.job).idTokens)
  const audiences = new Map(asked.map(([name, list]) => [name, list.map((audience) => expansion.expand(audience))]))
  const signed = await signIdTokens(parts, { subject, request, environment, timeout }, audiences)
  return [...signed].map(([name, token]) => ({ ...hidden(name, token), raw: true }))
}

/** A variable that refers to the job's token is as secret as that. */
const closed = (variable: PayloadVariable, token: string): PayloadVariable =>
  variable.value.includes(token) ? { ...variable, public: false, masked: true } : variable

/**
 * Every variable of a job, each once, with references to others replaced. Nearer ones count over further ones: those of
 * the pipeline, of project and groups, of the user, of the configuration, predefined ones (GitLab docs, "CI/CD variable
 * precedence").
 */
export const allVariables = async (parts: PayloadParts, handed: HandedOut): Promise<PayloadVariable[]> => {
  const { below, given } = await layersOf(parts, handed)
  const wide = await keptVariables(parts, handed.subject, undefined)
  const first = new Expansion([...below, ...wide, ...given])
  const environment = environmentOf(optionsOf(handed.request.job), first)
  const near = environment === undefined ? wide : await keptVariables(parts, handed.subject, environment.name)
  const tokens = await idTokens(parts, handed, environment, new Expansion([...below, ...near, ...given]))
  const all = [...tokens, ...below, ...near, ...given, ...environmentVariables(environment)]
  return new Expansion(lastOfEach(all)).all().map((variable) => closed(variable, handed.token))
}
