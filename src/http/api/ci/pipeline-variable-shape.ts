import { z } from 'zod'
import type { PipelineId } from '../../../core/ids.ts'
import { Secret } from '../../../core/secret.ts'
import { pipelineVariablesOf, placeOfPipelineVariable } from '../../../store/ci/pipelines.ts'
import type { Call } from '../call.ts'
import { words, yesNo } from '../entity-words.ts'

/** gitlab `API::Entities::Ci::Variable`, as far as a pipeline's variables have it. */
export const pipelineVariableEntity = z
  .object({ variable_type: z.enum(['env_var', 'file']), key: words, value: words, raw: yesNo })
  .meta({ id: 'PipelineVariable' })

export const shapePipelineVariables = async (
  { parts }: Call,
  pipeline: PipelineId,
): Promise<z.output<typeof pipelineVariableEntity>[]> => {
  const rows = await pipelineVariablesOf(parts.store.read, pipeline)
  return rows.map((row) => ({
    variable_type: row.variable_type,
    key: row.key,
    value: Secret.open(parts.sealer.open(row.sealed, placeOfPipelineVariable(row.id))),
    raw: row.raw === 1,
  }))
}
