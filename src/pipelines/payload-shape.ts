import { z } from 'zod'

/** A variable as a runner takes it; every value is a text. */
export const payloadVariable = z.object({
  key: z.string(),
  value: z.string(),
  /** Not a secret: may be shown. */
  public: z.boolean(),
  /** The runner writes the value into a file; the variable holds its path. */
  file: z.boolean(),
  /** The runner hides the value in the log. */
  masked: z.boolean(),
  /** The runner expands no `$OTHER` in it. */
  raw: z.boolean(),
})
export type PayloadVariable = z.output<typeof payloadVariable>

const jobInfo = z.object({
  name: z.string(),
  stage: z.string(),
  pipeline_id: z.int(),
  project_id: z.int(),
  namespace_id: z.int(),
  root_namespace_id: z.int(),
  organization_id: z.int(),
  user_id: z.int(),
  scoped_user_id: z.int().nullable(),
  project_name: z.string(),
  project_full_path: z.string(),
  instance_id: z.string(),
  instance_uuid: z.string(),
  time_in_queue_seconds: z.number(),
  /** A number in words, or `+Inf`. */
  project_jobs_running_on_instance_runners_count: z.string(),
  queue_size: z.int(),
  queue_depth: z.int(),
})

const gitInfo = z.object({
  /** Holds the job's token. */
  repo_url: z.string(),
  repo_object_format: z.enum(['sha1', 'sha256']),
  ref: z.string(),
  sha: z.string(),
  before_sha: z.string(),
  ref_type: z.enum(['branch', 'tag']),
  refspecs: z.array(z.string()),
  /** 0: the whole history. */
  depth: z.int(),
  protected: z.boolean(),
})

const step = z.object({
  name: z.string(),
  script: z.array(z.string()),
  /** Seconds. */
  timeout: z.int(),
  when: z.enum(['on_success', 'always']),
  allow_failure: z.boolean(),
})

const credentials = z.object({ type: z.string(), url: z.string(), username: z.string(), password: z.string() })

const dependency = z.object({
  id: z.int(),
  name: z.string(),
  token: z.string(),
  artifacts_file: z.object({ filename: z.string(), size: z.int() }),
})
export type PayloadDependency = z.output<typeof dependency>

/** As the configuration says it, made regular by its reader. */
const asItStands = z.record(z.string(), z.unknown())

/** What a runner is told of the job it takes, key by key (gitlab `API::Entities::Ci::JobRequest::Response`). */
export const jobPayloadEntity = z
  .object({
    id: z.int(),
    token: z.string(),
    allow_git_fetch: z.boolean(),
    job_info: jobInfo,
    git_info: gitInfo,
    runner_info: z.object({ timeout: z.int(), runner_session_url: z.string().nullable() }),
    inputs: z.array(z.unknown()),
    variables: z.array(payloadVariable),
    steps: z.array(step),
    image: asItStands.nullable(),
    services: z.array(asItStands),
    artifacts: z.array(asItStands).nullable(),
    cache: z.array(asItStands),
    credentials: z.array(credentials),
    dependencies: z.array(dependency),
    features: z.object({
      trace_sections: z.boolean(),
      token_mask_prefixes: z.array(z.string()),
      failure_reasons: z.array(z.string()),
    }),
    secrets: z.object({}),
    hooks: z.array(z.object({ name: z.string(), script: z.array(z.string()) })),
  })
  .meta({ id: 'JobPayload' })
export type JobPayload = z.output<typeof jobPayloadEntity>
export type PayloadStep = z.output<typeof step>
