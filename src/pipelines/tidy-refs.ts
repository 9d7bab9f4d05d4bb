import { hasEnded } from '../ci/states.ts'
import type { ProjectId } from '../core/ids.ts'
import { pipelinesWithRef, removePipelineRef } from '../git/pipeline-refs.ts'
import type { CreateParts } from './create-request.ts'

/** Looked at in one go. */
const most = 500

/** Removes the refs of pipelines that have ended or are gone. */
export const tidyPipelineRefs = async (
  { store, repositories }: Pick<CreateParts, 'store' | 'repositories'>,
  project: ProjectId,
): Promise<void> => {
  const ids = (await pipelinesWithRef(repositories, project)).slice(0, most)
  if (ids.length === 0) return
  const rows = await store.read.selectFrom('pipelines').select(['id', 'status']).where('id', 'in', ids).execute()
  const statuses = new Map(rows.map(({ id, status }) => [id, status]))
  for (const id of ids) {
    const status = statuses.get(id)
    if (status === undefined || hasEnded(status)) await removePipelineRef(repositories, project, id)
  }
}
