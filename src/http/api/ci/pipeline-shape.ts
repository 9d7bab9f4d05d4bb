import { z } from 'zod'
import type { PipelineStatus } from '../../../ci/states.ts'
import type { PipelineRow } from '../../../store/ci/pipelines.ts'
import type { Project } from '../../../store/projects.ts'
import type { Call } from '../call.ts'
import { link, maybeMoment, maybeNumber, maybeWords, momentWords, nothing, wholeNumber, words, yesNo } from '../entity-words.ts'
import { webUrl } from '../urls.ts'
import { briefUsers, userBriefEntity } from '../users/user-brief.ts'

const brief = {
  id: wholeNumber,
  iid: wholeNumber,
  project_id: wholeNumber,
  sha: words,
  ref: words,
  status: words,
  source: words,
  created_at: momentWords,
  updated_at: momentWords,
  web_url: link,
}

/** gitlab `API::Entities::Ci::PipelineBasic` */
export const pipelineBriefEntity = z.object(brief).meta({ id: 'PipelineBasic' })

/** gitlab `API::Entities::Ci::PipelineBasicWithMetadata` */
export const pipelineItemEntity = z.object({ ...brief, name: maybeWords }).meta({ id: 'PipelineBasicWithMetadata' })

const detailedStatus = z.object({
  icon: words,
  text: words,
  label: words,
  group: words,
  tooltip: words,
  has_details: yesNo,
  details_path: words,
  illustration: nothing,
  favicon: words,
})

/** gitlab `API::Entities::Ci::PipelineWithMetadata` */
export const pipelineEntity = z
  .object({
    ...brief,
    name: maybeWords,
    before_sha: words,
    tag: yesNo,
    yaml_errors: maybeWords,
    user: userBriefEntity.nullable(),
    started_at: maybeMoment,
    finished_at: maybeMoment,
    committed_at: nothing,
    duration: maybeNumber,
    queued_duration: maybeNumber,
    coverage: nothing,
    archived: yesNo,
    detailed_status: detailedStatus,
  })
  .meta({ id: 'Pipeline' })

export const shapePipelineBriefly = (call: Call, project: Project, row: PipelineRow): z.output<typeof pipelineBriefEntity> => ({
  id: row.id,
  iid: row.iid,
  project_id: row.project_id,
  sha: row.sha,
  ref: row.ref,
  status: row.status,
  source: row.source,
  created_at: row.created_at,
  updated_at: row.updated_at,
  web_url: webUrl(call.parts.settings, `${project.full_path}/-/pipelines/${row.id}`),
})

/** Text and label of a status where they are not the word itself (gitlab `lib/gitlab/ci/status`). */
const told: Partial<Record<PipelineStatus, readonly [text: string, label: string]>> = {
  success: ['Passed', 'passed'],
  manual: ['Blocked', 'waiting for manual action'],
  scheduled: ['Delayed', 'waiting for delayed job'],
}

const detailsOf = (project: Project, { id, status }: PipelineRow): z.output<typeof detailedStatus> => {
  const [text, label] = told[status] ?? [`${status.charAt(0).toUpperCase()}${status.slice(1)}`, status]
  return {
    icon: `status_${status}`,
    text,
    label,
    group: status,
    tooltip: label,
    has_details: true,
    details_path: `/${project.full_path}/-/pipelines/${id}`,
    illustration: null,
    favicon: `/assets/ci_favicons/favicon_status_${status}.png`,
  }
}

/** Whole seconds; null where one of the two has not come. */
const between = (from: string | null, to: string | null): number | null =>
  from === null || to === null ? null : Math.max(Math.round((Date.parse(to) - Date.parse(from)) / 1000), 0)

const errorsOf = ({ yaml_errors }: PipelineRow): string | null =>
  yaml_errors === null ? null : (JSON.parse(yaml_errors) as readonly string[]).join('\n')

export const shapePipeline = async (call: Call, project: Project, row: PipelineRow): Promise<z.output<typeof pipelineEntity>> => {
  const users = await briefUsers(call, row.user_id === null ? [] : [row.user_id])
  return {
    ...shapePipelineBriefly(call, project, row),
    name: row.name,
    before_sha: row.before_sha,
    tag: row.tag === 1,
    yaml_errors: errorsOf(row),
    user: (row.user_id === null ? undefined : users.get(row.user_id)) ?? null,
    started_at: row.started_at,
    finished_at: row.finished_at,
    committed_at: null,
    duration: between(row.started_at, row.finished_at),
    queued_duration: between(row.created_at, row.started_at),
    coverage: null,
    archived: false,
    detailed_status: detailsOf(project, row),
  }
}
