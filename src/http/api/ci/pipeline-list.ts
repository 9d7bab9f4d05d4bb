import { sql } from 'kysely'
import type { z } from 'zod'
import { hasEnded, jobStatuses } from '../../../ci/states.ts'
import { type PipelineQuery, pipelinesOf } from '../../../store/ci/pipelines.ts'
import type { Project } from '../../../store/projects.ts'
import type { Reader } from '../../../store/routes.ts'
import { type listInput, statusesIn } from './pipeline-input.ts'

type Asked = z.output<typeof listInput>

const ended = jobStatuses.filter(hasEnded)

/** The newest pipeline of each ref (gitlab `Ci::PipelinesFinder#from_ids`). */
const newestOfRefs = (query: PipelineQuery, project: Project, tag: 0 | 1): PipelineQuery =>
  query.where(
    'id',
    'in',
    sql<never>`(select max(id) from pipelines where project_id = ${project.id} and tag = ${tag} group by ref)`,
  )

const inScope = (query: PipelineQuery, project: Project, scope: Asked['scope']): PipelineQuery => {
  if (scope === undefined) return query
  if (scope === 'branches' || scope === 'tags') return newestOfRefs(query, project, scope === 'tags' ? 1 : 0)
  return scope === 'finished' ? query.where('status', 'in', ended) : query.where('status', '=', scope)
}

const byTime = (query: PipelineQuery, asked: Asked): PipelineQuery => {
  const bounds = [
    ['updated_at', '<', asked.updated_before],
    ['updated_at', '>', asked.updated_after],
    ['created_at', '<', asked.created_before],
    ['created_at', '>', asked.created_after],
  ] as const
  return bounds.reduce(
    (narrowed, [column, sign, moment]) => (moment === undefined ? narrowed : narrowed.where(column, sign, moment)),
    query,
  )
}

const byWords = (query: PipelineQuery, asked: Asked): PipelineQuery => {
  const words = [
    ['ref', asked.ref],
    ['sha', asked.sha],
    ['name', asked.name],
  ] as const
  return words.reduce((narrowed, [column, word]) => (word === undefined ? narrowed : narrowed.where(column, '=', word)), query)
}

/** gitlab `Ci::PipelinesFinder` */
export const pipelineList = (reader: Reader, project: Project, asked: Asked): PipelineQuery => {
  const { scope, status, source, yaml_errors, username, order_by = 'id', sort = 'desc' } = asked
  let query = byWords(byTime(inScope(pipelinesOf(reader, project.id), project, scope), asked), asked)
  if (status !== undefined) query = query.where('status', 'in', statusesIn([status]))
  if (source !== undefined) query = query.where(sql<boolean>`source = ${source}`)
  if (yaml_errors !== undefined) query = query.where('yaml_errors', yaml_errors ? 'is not' : 'is', null)
  if (username !== undefined) {
    const key = username.toLowerCase()
    query = query.where('user_id', 'in', (from) => from.selectFrom('users').select('users.id').where('username_key', '=', key))
  }
  return query.orderBy(order_by, sort).orderBy('id', sort)
}
