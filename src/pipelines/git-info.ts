import { pipelineRef } from '../git/pipeline-refs.ts'
import type { HandedOut } from './job-variables.ts'
import type { VariableParts } from './parts.ts'
import type { JobPayload, PayloadVariable } from './payload-shape.ts'
import { baseUrlOf } from './server-variables.ts'

/** The address of a repository over HTTP, with the job's token as its password. */
export const repositoryUrlOf = (parts: Pick<VariableParts, 'settings'>, path: string, token: string): string => {
  const url = new URL(`${baseUrlOf(parts)}/${path}.git`)
  url.username = 'gitlab-ci-token'
  url.password = token
  return url.href
}

/** How many commits are fetched; 0: all. What is no number counts as 0, as in GitLab. */
const depthOf = (variables: readonly PayloadVariable[], usual: number): number => {
  const asked = variables.find(({ key }) => key === 'GIT_DEPTH')?.value
  if (asked === undefined) return usual
  return Number(/^\s*(\d{1,9})/.exec(asked)?.[1] ?? 0)
}

const branch = (name: string): string => `+refs/heads/${name}:refs/remotes/origin/${name}`
const tag = (name: string): string => `+refs/tags/${name}:refs/tags/${name}`

/** The pipeline's own ref holds the commit whatever becomes of the branch; of the others all are fetched with the whole history. */
const refspecsOf = ({ subject, pipeline }: HandedOut, depth: number): string[] => {
  const own = pipelineRef(pipeline.id)
  const { ref, tag: isTag } = subject
  const others = depth === 0 ? [branch('*'), tag('*')] : [isTag ? tag(ref) : branch(ref)]
  return [`+${own}:${own}`, ...others]
}

/** gitlab `Ci::BuildRunnerPresenter` */
export const gitInfoOf = (handed: HandedOut, variables: readonly PayloadVariable[]): JobPayload['git_info'] => {
  const { subject, repositoryUrl } = handed
  const depth = depthOf(variables, subject.settings.default_git_depth)
  return {
    repo_url: repositoryUrl,
    repo_object_format: subject.sha.length === 64 ? 'sha256' : 'sha1',
    ref: subject.ref,
    sha: subject.sha,
    before_sha: subject.beforeSha,
    ref_type: subject.tag ? 'tag' : 'branch',
    refspecs: refspecsOf(handed, depth),
    depth,
    protected: subject.protected,
  }
}
