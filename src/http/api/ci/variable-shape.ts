import { z } from 'zod'
import { Secret } from '../../../core/secret.ts'
import { openVariable, type VariableRow } from '../../../store/ci/variables.ts'
import type { Sealer } from '../../../tokens/seal.ts'
import { maybeWords, words, yesNo } from '../entity-words.ts'

/** gitlab `API::Entities::Ci::Variable`. */
export const variableEntity = z
  .object({
    variable_type: z.enum(['env_var', 'file']),
    key: words,
    /** Null of one that is hidden: nobody is shown it again. */
    value: maybeWords,
    hidden: yesNo,
    protected: yesNo,
    masked: yesNo,
    raw: yesNo,
    environment_scope: words,
    description: maybeWords,
  })
  .meta({ id: 'Variable' })

export const shapeVariable = (row: VariableRow, sealer: Sealer): z.output<typeof variableEntity> => ({
  variable_type: row.variable_type,
  key: row.key,
  value: row.hidden === 1 ? null : Secret.open(openVariable(sealer, row)),
  hidden: row.hidden === 1,
  protected: row.protected === 1,
  masked: row.masked === 1,
  raw: row.raw === 1,
  environment_scope: row.environment_scope,
  description: row.description,
})

/** What may be masked: a line of at least eight characters in which no shell and no encoding changes anything (gitlab `Ci::Maskable`). */
const maskable = /^[a-zA-Z0-9_+=/@:.~-]{8,}$/
/** The same for what the runner does not expand. */
const maskableRaw = /^\S{8,}$/

/** Whether GitLab masks such a value. */
export const isMaskable = (value: string, raw: boolean): boolean => (raw ? maskableRaw : maskable).test(value)
