import type { PipelineId } from '../core/ids.ts'
import { writePipelineRef } from '../git/pipeline-refs.ts'
import { pipelineById } from '../store/ci/pipelines.ts'
import type { Writer } from '../store/routes.ts'
import type { CreateParts } from './create-request.ts'

/** Changes jobs of a pipeline so that some run again: first it has the ref back by which they fetch. */
export const rerun = <Result>(
  { store, repositories }: Pick<CreateParts, 'store' | 'repositories'>,
  pipeline: PipelineId | null,
  change: (transaction: Writer) => Promise<Result>,
): Promise<Result> =>
  store.write.transaction().execute(async (transaction) => {
    const row = pipeline === null ? undefined : await pipelineById(transaction, pipeline)
    if (row !== undefined) await writePipelineRef(repositories, row.project_id, row.id, row.sha)
    return change(transaction)
  })
