import type { PipelineId } from '../core/ids.ts'
import { Secret } from '../core/secret.ts'
import { pipelineVariablesOf, placeOfPipelineVariable } from '../store/ci/pipelines.ts'
import { openVariable, type VariableRow, variablesOf, variablesOfGroups } from '../store/ci/variables.ts'
import { placeOfTrigger } from '../store/triggers.ts'
import { shortTriggerToken } from '../tokens/short-token.ts'
import { inEnvironment } from './environment-scope.ts'
import type { VariableParts } from './parts.ts'
import type { PayloadVariable } from './payload-shape.ts'
import type { Subject } from './subject.ts'
import { shown } from './variable.ts'

type Parts = Pick<VariableParts, 'store' | 'sealer'>

const opened = ({ sealer }: Parts, row: VariableRow): PayloadVariable => ({
  key: row.key,
  value: Secret.open(openVariable(sealer, row)),
  public: false,
  file: row.variable_type === 'file',
  masked: row.masked === 1,
  raw: row.raw === 1,
})

/**
 * Variables of the groups above, from the root down, and then of the project: the nearest counts last. Protected ones
 * only where the ref is protected.
 */
export const keptVariables = async (
  parts: Parts,
  { project, namespaces, protected: isProtected }: Pick<Subject, 'project' | 'namespaces' | 'protected'>,
  environment: string | undefined,
): Promise<PayloadVariable[]> => {
  const { read } = parts.store
  const groups = namespaces.map(({ id }) => id)
  const ofGroups = await variablesOfGroups(read, groups)
  const ofProject = await variablesOf(read, { kind: 'project', id: project.id }).execute()
  const layers = [...groups.map((id) => ofGroups.filter(({ group_id }) => group_id === id)), ofProject]
  return layers
    .flatMap((layer) =>
      inEnvironment(
        layer.filter((row) => isProtected || row.protected === 0),
        environment,
      ),
    )
    .map((row) => opened(parts, row))
}

/** What whoever began the pipeline gave to it. */
export const givenVariables = async ({ store, sealer }: Parts, pipeline: PipelineId): Promise<PayloadVariable[]> => {
  const rows = await pipelineVariablesOf(store.read, pipeline)
  return rows.map(({ id, key, sealed, variable_type, raw }) => ({
    key,
    value: Secret.open(sealer.open(sealed, placeOfPipelineVariable(id))),
    public: false,
    file: variable_type === 'file',
    masked: false,
    raw: raw === 1,
  }))
}

/** Whether a trigger token began the pipeline, and how that begins. */
export const triggerVariables = async (
  { store, sealer }: Parts,
  { trigger }: Pick<Subject, 'trigger'>,
): Promise<PayloadVariable[]> => {
  if (trigger === undefined) return []
  const row = await store.read.selectFrom('triggers').select('sealed').where('id', '=', trigger).executeTakeFirst()
  const short = row && shortTriggerToken(Secret.open(sealer.open(row.sealed, placeOfTrigger(trigger))))
  return [shown('CI_PIPELINE_TRIGGERED', 'true'), ...(short === undefined ? [] : [shown('CI_TRIGGER_SHORT_TOKEN', short)])]
}
