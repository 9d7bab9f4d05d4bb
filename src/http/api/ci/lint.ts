import { z } from 'zod'
import type { Checked } from '../../../ci/compile.ts'
import type { PipelineContext } from '../../../ci/plan.ts'
import { refusalToRun } from '../../../pipelines/permission.ts'
import { ruleVariables } from '../../../pipelines/predefined.ts'
import { configPathOf } from '../../../pipelines/subject.ts'
import { readCiSettings } from '../../../store/ci/settings.ts'
import { type Answer, ok } from '../answer.ts'
import { type Call, type Route, route } from '../call.ts'
import { requireUser } from '../caller.ts'
import { notFound, parameterError } from '../errors.ts'
import { filledText, flag, optional, text } from '../input.ts'
import { reachProject } from '../reach.ts'
import { type Code, reachCode } from '../repository/code.ts'
import { resolve, resolveDefault } from '../repository/revision.ts'
import { configurationReader } from './configuration-reader.ts'
import { lintEntity, shapeLint } from './lint-shape.ts'

/** gitlab `max_yaml_size_bytes` */
const longestContent = 2 * 2 ** 20
const refText = optional(filledText(1024))
const ways = { dry_run: optional(flag()), include_jobs: optional(flag()), ref: refText }
const postInput = z.object({ content: text(longestContent), ...ways })
const getInput = z.object({ ...ways, content_ref: refText, sha: refText, dry_run_ref: refText })

interface Asked {
  readonly content: string
  readonly commit: string | undefined
  /** Where rules are asked as for a pipeline of this ref; undefined where none is asked. */
  readonly dryRunOn: string | undefined
  readonly withJobs: boolean
}

/**
 * Why there would be no pipeline. Rules may ask for secret variables, and what they leave tells of them: whoever may run
 * no pipeline on the ref must not learn it (gitlab `lib/gitlab/ci/lint.rb` goes through the same checks).
 */
const contextOn = async (code: Code, ref: string): Promise<PipelineContext | string> => {
  const { call, project } = code
  const isBranch = (await code.branches()).has(ref)
  const tag = !isBranch && (await code.tags()).has(ref)
  const { user } = requireUser(call.caller)
  const refusal = await refusalToRun(call.parts, { project, user, ref: { name: ref, tag } }, call.now)
  if (refusal !== undefined) return refusal
  const sha = isBranch || tag ? await resolve(code, `refs/${tag ? 'tags' : 'heads'}/${ref}`) : undefined
  if (sha === undefined) return 'Reference not found'
  const variables = await ruleVariables(call.parts, {
    project: project.id,
    ref,
    tag,
    sha,
    beforeSha: '0'.repeat(40),
    source: 'push',
    user: user.id,
    trigger: undefined,
    variables: [],
  })
  return { ref, refType: tag ? 'tag' : 'branch', source: 'push', variables, defaultBranch: project.default_branch ?? undefined }
}

const refused = (sentence: string): Checked => ({
  compiled: { kind: 'invalid', errors: [sentence], warnings: [] },
  merged: undefined,
  includes: [],
})

const lint = async (code: Code, asked: Asked): Promise<Answer> => {
  const { content, commit, dryRunOn } = asked
  const context = dryRunOn === undefined ? undefined : await contextOn(code, dryRunOn)
  // Loaded by whoever asks first, as where pipelines are made.
  const [{ check }, { mergedYaml }] = await Promise.all([import('../../../ci/compile.ts'), import('../../../ci/merged-yaml.ts')])
  const checked =
    typeof context === 'string' ? refused(context) : await check(content, context, configurationReader(code, commit))
  const merged = checked.merged === undefined ? null : mergedYaml(checked.merged)
  return ok(shapeLint({ ...checked, merged }, { project: code.project.full_path, commit }, asked.withJobs))
}

/** Of what the request holds. Files that it includes are those of the default branch. */
const post = async (call: Call): Promise<Answer> => {
  const { project } = await reachProject(call, 'run_pipelines')
  const { content, dry_run, include_jobs, ref } = call.read(postInput)
  const code = await reachCode(call, 'forbidden')
  return lint(code, {
    content,
    commit: await resolveDefault(code),
    dryRunOn: dry_run ? (ref ?? project.default_branch ?? 'main') : undefined,
    withJobs: include_jobs === true,
  })
}

/** Of what a commit holds. */
const get = async (call: Call): Promise<Answer> => {
  const code = await reachCode(call, 'forbidden')
  const { content_ref, sha, dry_run, dry_run_ref, ref, include_jobs } = call.read(getInput)
  if (content_ref !== undefined && sha !== undefined) throw parameterError('sha, content_ref are mutually exclusive')
  if (ref !== undefined && dry_run_ref !== undefined) throw parameterError('ref, dry_run_ref are mutually exclusive')
  if ((await code.refs).size === 0) throw notFound('Repository')
  const named = content_ref ?? sha
  const commit = named === undefined ? await resolveDefault(code) : await resolve(code, named)
  if (commit === undefined) throw notFound('Commit')
  const settings = await readCiSettings(call.parts.store.read, code.project.id)
  const content = (await configurationReader(code, commit)(configPathOf(settings))) ?? ''
  const dryRunOn = dry_run ? (dry_run_ref ?? ref ?? code.project.default_branch ?? 'main') : undefined
  return lint(code, { content, commit, dryRunOn, withJobs: include_jobs === true })
}

const at = '/projects/:id/ci/lint'

export const lintRoutes: readonly Route[] = [
  route('GET', at, { handler: get, input: [getInput], output: lintEntity }),
  route('POST', at, { status: 200, handler: post, input: [postInput], output: lintEntity }),
]
