import { z } from 'zod'
import { wasRefused } from '../../../access/gate.ts'
import { Secret } from '../../../core/secret.ts'
import type { CreateRequest } from '../../../pipelines/create-request.ts'
import { jobReach } from '../../../store/ci/allowlist.ts'
import { jobByToken } from '../../../store/ci/job-tokens.ts'
import type { NewVariable } from '../../../store/ci/pipelines.ts'
import { findProject, type Project } from '../../../store/projects.ts'
import { triggerByDigest } from '../../../store/triggers.ts'
import { digestOf } from '../../../tokens/digest.ts'
import { type Answer, created } from '../answer.ts'
import { type Call, type Route, route } from '../call.ts'
import { ApiError, forbidden, notFound, parameterError, validation } from '../errors.ts'
import { filledText, optional, text } from '../input.ts'
import { jobCaller } from '../job-authentication.ts'
import { makePipeline } from './create-pipeline.ts'
import { pipelineEntity, shapePipeline } from './pipeline-shape.ts'
import { notePipeline } from './pipelines.ts'

const longestRef = 1024
const longestValue = 10_000
const mostVariables = 100

const variables = optional(
  z
    .record(z.string().max(255), text(longestValue))
    .refine((given) => Object.keys(given).length <= mostVariables, 'has too many entries'),
)
const token = filledText()
const bodyInput = z.object({ token, ref: filledText(longestRef), variables })
/** The ref of the path counts. */
const pathInput = z.object({ token, variables })

/** Who asks, and so as whom the pipeline runs. */
type Asker = Pick<CreateRequest, 'user' | 'byJob' | 'source' | 'triggerId'>

/** By the trigger's token. One of another project, or one that is over, is as if it were none. */
const askedByTrigger = async (call: Call, project: Project, secret: Secret): Promise<Asker> => {
  const trigger = await triggerByDigest(call.parts.store.read, digestOf(secret))
  const isOver = trigger?.expires_at != null && Date.parse(trigger.expires_at) <= call.now
  if (trigger === undefined || trigger.project_id !== project.id || isOver) throw notFound(undefined, 'credential_unknown')
  call.parts.activity.usage.note({ kind: 'trigger-token', id: trigger.id }, call.address, call.now)
  return { user: trigger.owner_id, source: 'trigger', triggerId: trigger.id }
}

/** A wrong token is as wrong where there is no such project, and takes as long. */
const absentProject = async (call: Call, secret: Secret): Promise<ApiError> => {
  await triggerByDigest(call.parts.store.read, digestOf(secret))
  return notFound()
}

const notRunning = (): ApiError =>
  new ApiError(401, { message: 'Job is not running' }, { log: { 'meta.refusal_reason': 'job_not_running' } })

/** A job that ended is known by its token for good; only an ended one is erased, so nobody is told of that here. */
const refuseEnded = async (call: Call, secret: Secret): Promise<void> => {
  const found = await jobByToken(call.parts.store.read, secret, call.now)
  if (found === undefined) throw notFound(undefined, 'credential_unknown')
  if (found.kind === 'over') throw notRunning()
}

/** By the token of a running job, which the project must let in and whose user must see it. */
const askedByJob = async (call: Call, project: Project, secret: Secret): Promise<Asker> => {
  await refuseEnded(call, secret)
  const { parts, method, parameters, address } = call
  const { job, home, user } = await jobCaller(secret, { method, headers: {}, parameters, address }, parts)
  const who = {
    principal: { kind: 'job' as const, id: job.id, home, user },
    credential: { kind: 'job-token' as const, id: job.id },
    abilities: new Set(['read_project', 'download_code'] as const),
  }
  const { listed } = await jobReach(parts.store.read, project.id, home)
  if (!listed || wasRefused(await parts.code.gate.inspect(who, project))) throw notFound()
  return { user: user.id, byJob: true, source: 'pipeline' }
}

const payloadName = 'TRIGGER_PAYLOAD'
const longestPayload = 60_000

/** Parameters by which someone shows who he is: here they count for nothing, and what runs must not learn them. */
const credentials: ReadonlySet<string> = new Set(['token', 'private_token', 'access_token', 'bearer_token', 'job_token'])

/** All that was sent, but for credentials, as a file (gitlab `Ci::PipelineTriggerService`). */
const payloadOf = (call: Call): NewVariable => {
  const rest = Object.entries(call.parameters).filter(([name]) => !credentials.has(name))
  const value = JSON.stringify({ ...Object.fromEntries(rest), ...call.path })
  if (value.length > longestPayload) throw parameterError('the parameters are too long')
  return { key: payloadName, value, type: 'file' }
}

const variablesFrom = (call: Call, given: Readonly<Record<string, string>> = {}): NewVariable[] => {
  const named = Object.entries(given).map(([key, value]) => ({ key, value, type: 'env_var' as const }))
  if (named.some(({ key }) => !/^[A-Za-z0-9_]+$/.test(key))) {
    throw validation({ 'variables.key': ["can contain only letters, digits and '_'."] })
  }
  return [...named.filter(({ key }) => key !== payloadName), payloadOf(call)]
}

interface Asked {
  readonly token: string
  readonly ref: string
  readonly variables: Record<string, string> | undefined
}

const start = async (call: Call, asked: Asked): Promise<Answer> => {
  if (call.hookEvent === 'Pipeline Hook') throw forbidden()
  const found = await findProject(call.parts.store.read, call.word('id'))
  const secret = new Secret(asked.token)
  if (found === undefined) throw await absentProject(call, secret)
  const ask = asked.token.startsWith('glcbt-') ? askedByJob : askedByTrigger
  const asker = await ask(call, found.project, secret)
  const request = { project: found.project, ref: asked.ref, variables: variablesFrom(call, asked.variables), keepErrors: true }
  const outcome = await makePipeline(call, { ...request, ...asker })
  if (outcome.kind === 'refused') throw validation({ base: outcome.errors }, outcome.kept === undefined ? 400 : 422)
  call.audit(notePipeline('pipeline_triggered', `Triggered pipeline ${outcome.pipeline.id}`, found.project, outcome.pipeline))
  return created(await shapePipeline(call, found.project, outcome.pipeline))
}

const byBody = (call: Call): Promise<Answer> => start(call, call.read(bodyInput))

const byPath = (call: Call): Promise<Answer> => start(call, { ...call.read(pathInput), ref: call.word('ref') })

/** Pipelines by a trigger's token, or a job's, and no other credential (gitlab `lib/api/ci/triggers.rb`). */
export const triggerPipelineRoutes: readonly Route[] = [
  route('POST', '/projects/:id/trigger/pipeline', { input: [bodyInput], output: pipelineEntity, open: true, handler: byBody }),
  route('POST', '/projects/:id/ref/:ref/trigger/pipeline', {
    input: [pathInput],
    output: pipelineEntity,
    open: true,
    handler: byPath,
  }),
]
