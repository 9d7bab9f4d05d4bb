import { hasEnded } from '../ci/states.ts'
import type { PipelineId, ProjectId } from '../core/ids.ts'
import { pipelinesWithRef, removePipelineRefs } from '../git/pipeline-refs.ts'
import { instantOf } from '../store/instant.ts'
import type { Reader } from '../store/routes.ts'
import type { CreateParts } from './create-request.ts'

/** Refs, and projects, that are looked at in one go. */
const most = 500

type Parts = Pick<CreateParts, 'store' | 'repositories'>

const overAmong = async (reader: Reader, ids: readonly PipelineId[]): Promise<PipelineId[]> => {
  const rows = await reader.selectFrom('pipelines').select(['id', 'status']).where('id', 'in', ids).execute()
  const unended = new Set(rows.filter(({ status }) => !hasEnded(status)).map(({ id }) => id))
  return ids.filter((id) => !unended.has(id))
}

/**
 * Removes the refs of pipelines that have ended or are gone. The last look is taken while nobody else writes: a pipeline
 * that is just being made, or made to run again, has its ref before its row says so.
 */
export const tidyPipelineRefs = async ({ store, repositories }: Parts, project: ProjectId): Promise<void> => {
  const ids = (await pipelinesWithRef(repositories, project)).slice(0, most)
  const over = ids.length === 0 ? [] : await overAmong(store.read, ids)
  if (over.length === 0) return
  await store.write.transaction().execute(async (transaction) => {
    await removePipelineRefs(repositories, project, await overAmong(transaction, over))
  })
}

/** The same for all projects of which a pipeline ended since then. */
export const tidyEndedSince = async (parts: Parts, since: number): Promise<void> => {
  const rows = await parts.store.read
    .selectFrom('pipelines')
    .select('project_id')
    .distinct()
    .where('finished_at', '>=', instantOf(since))
    .limit(most)
    .execute()
  for (const { project_id } of rows) await tidyPipelineRefs(parts, project_id)
}
