import { wasRefused } from '../access/gate.ts'
import type { Compiled } from '../ci/plan.ts'
import { asJobUser, type User } from '../core/principal.ts'
import { writePipelineRef } from '../git/pipeline-refs.ts'
import { insertPipeline, type NewPipeline, type PipelineRow, type Work } from '../store/ci/pipelines.ts'
import { readCiSettings } from '../store/ci/settings.ts'
import type { CreateOutcome, CreateParts, CreateRequest } from './create-request.ts'
import { findRef } from './find-ref.ts'
import { freshUser, type Ref, refStanding, refusalToRun, wholeUser } from './permission.ts'
import { ruleVariables } from './predefined.ts'
import { shownName } from './shown-name.ts'
import { CommitSource } from './source.ts'
import { configPathOf, type Running } from './subject.ts'

const noCommit = '0'.repeat(40)

/** gitlab `lib/gitlab/ci/pipeline/chain/skip.rb` */
const skipWord = /\[(ci[ _-]skip|skip[ _-]ci)\]/i

/** Why there is no pipeline where nothing is wrong with the configuration, in GitLab's words. */
export const whyEmpty = {
  'no jobs':
    'Pipeline will not run for the selected trigger. The rules configuration prevented any jobs from being added to the pipeline.',
  workflow: 'Pipeline filtered out by workflow rules.',
} as const

const refused = (...errors: readonly string[]): CreateOutcome => ({ kind: 'refused', errors })

/** What the request says that its ref is, or what it is now. */
const find = async (parts: CreateParts, request: CreateRequest): Promise<{ ref: Ref; id: string } | undefined> => {
  const { ref: name, tag, objectId, project } = request
  if (objectId !== undefined) return { ref: { name, tag: tag === true }, id: objectId }
  return findRef(parts, project.id, name, tag)
}

const write = (parts: CreateParts, pipeline: NewPipeline, work: Work): Promise<PipelineRow> =>
  parts.store.write.transaction().execute(async (transaction) => {
    const row = await insertPipeline(transaction, pipeline, work, parts.sealer, parts.clock())
    // Before any runner may see a job: with a crash here there is a ref too many, which the next pipeline of its number overwrites.
    if (work.kind === 'plan') await writePipelineRef(parts.repositories, pipeline.project, row.id, pipeline.sha)
    return row
  })

interface Begun {
  readonly parts: CreateParts
  readonly request: CreateRequest
  readonly user: User
  readonly ref: Ref
  readonly sha: string
  readonly source: CommitSource
}

const runningAt = ({ request, ref, sha }: Begun): Running => ({
  project: request.project.id,
  ref: ref.name,
  tag: ref.tag,
  sha,
  beforeSha: request.beforeSha ?? noCommit,
  source: request.source,
  user: request.user,
  trigger: request.triggerId,
})

const compileAt = async (begun: Begun, text: string): Promise<Compiled> => {
  const { parts, request, ref, sha, source } = begun
  const variables = await ruleVariables(parts, { ...runningAt(begun), variables: request.variables })
  const context = {
    ref: ref.name,
    refType: ref.tag ? ('tag' as const) : ('branch' as const),
    source: request.source,
    variables,
    defaultBranch: request.project.default_branch ?? undefined,
  }
  // What reads YAML is slow to load, and no start waits for it.
  const { compile } = await import('../ci/compile.ts')
  return compile(text, context, (path) => source.textOf(sha, path))
}

const newPipeline = async ({ parts, request, user, ref, sha }: Begun): Promise<NewPipeline> => {
  const { store, clock } = parts
  const { project } = request
  const settings = await readCiSettings(store.read, project.id)
  return {
    project: project.id,
    user: user.id,
    ref: ref.name,
    tag: ref.tag,
    sha,
    beforeSha: request.beforeSha ?? noCommit,
    source: request.source,
    triggerId: request.triggerId ?? null,
    variables: request.variables,
    protected: (await refStanding(store.read, { project, user, ref }, clock())).protected,
    timeout: settings.build_timeout,
  }
}

const fail = async (begun: Begun, errors: readonly string[]): Promise<CreateOutcome> => {
  if (!begun.request.keepErrors) return { kind: 'refused', errors }
  const kept = await write(begun.parts, await newPipeline(begun), { kind: 'failed', errors })
  return { kind: 'refused', errors, kept }
}

const isSkipped = async ({ request, source, sha }: Begun): Promise<boolean> =>
  request.source === 'push' && (request.skip === true || skipWord.test(await source.messageOf(sha)))

const configure = async (begun: Begun): Promise<CreateOutcome> => {
  const { parts, request, source, sha } = begun
  const settings = await readCiSettings(parts.store.read, request.project.id)
  const text = await source.textOf(sha, configPathOf(settings))
  if (text === undefined) return refused('Missing CI config file')
  const pipeline = await newPipeline(begun)
  if (await isSkipped(begun)) return { kind: 'created', pipeline: await write(parts, pipeline, { kind: 'skipped' }) }
  const compiled = await compileAt(begun, text)
  if (compiled.kind === 'invalid') return fail(begun, compiled.errors)
  if (compiled.kind === 'empty') return refused(whyEmpty[compiled.reason])
  const name = await shownName(parts, runningAt(begun), compiled.plan.name)
  return { kind: 'created', pipeline: await write(parts, pipeline, { kind: 'plan', plan: { ...compiled.plan, name } }) }
}

/**
 * Makes the pipeline of a commit, as its configuration there and the rights of this user at this moment say. What
 * refuses it is a value, in GitLab's words; a fault (`SourceUnavailable`: git was busy) is thrown.
 */
export const createPipeline = async (parts: CreateParts, request: CreateRequest): Promise<CreateOutcome> => {
  const now = parts.clock()
  const account = await freshUser(parts.store.read, request.user, now)
  const user = account !== undefined && request.byJob ? asJobUser(account) : account
  const found = await find(parts, request)
  const ref = found?.ref ?? { name: request.ref, tag: false }
  const refusal = await refusalToRun(parts, { project: request.project, user, ref }, now)
  if (refusal !== undefined || user === undefined) return refused(refusal ?? 'Insufficient permissions to create a new pipeline')
  if (found === undefined) return refused('Reference not found')
  const admission = await parts.code.gate.inspect(wholeUser(user), request.project)
  if (wasRefused(admission)) return refused('Insufficient permissions to create a new pipeline')
  const source = new CommitSource(parts.code.engine, admission)
  const sha = await source.commitOf(found.id)
  if (sha === undefined) return refused('Reference not found')
  return configure({ parts, request, user, ref: found.ref, sha, source })
}
