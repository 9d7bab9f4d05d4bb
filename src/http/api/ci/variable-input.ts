import { z } from 'zod'
import type { VariableFields } from '../../../store/ci/variables.ts'
import { flagOf } from '../../../store/users.ts'
import { validation } from '../errors.ts'
import { flag, oneOf, optional, optionalText, text } from '../input.ts'
import { isMaskable } from './variable-shape.ts'

const longestValue = 10_000

const filter = optional(z.object({ environment_scope: optional(text()) })).meta({
  description: 'Which one is meant where several have the same key.',
})

export const variableFilter = z.object({ filter })

const settings = {
  protected: optional(flag()),
  masked: optional(flag()),
  raw: optional(flag()),
  variable_type: optional(oneOf(['env_var', 'file'])),
  environment_scope: optional(text()),
  description: optionalText(),
}

export const newVariable = z.object({
  key: text(),
  value: text(longestValue),
  masked_and_hidden: optional(flag()),
  ...settings,
})

export const variableChange = z.object({ value: optionalText(longestValue), filter, ...settings })

type Change = Omit<z.output<typeof variableChange>, 'filter' | 'value'>

const usual: Omit<VariableFields, 'key'> = {
  variable_type: 'env_var',
  protected: 0,
  masked: 0,
  hidden: 0,
  raw: 0,
  environment_scope: '*',
  description: null,
}

const flagIn = (asked: boolean | undefined, usually: 0 | 1): 0 | 1 => (asked === undefined ? usually : flagOf(asked))

/** What a variable is after a change, or a new one from the start. */
const changed = <Before extends Omit<VariableFields, 'key'>>(before: Before, asked: Change) => ({
  variable_type: asked.variable_type ?? before.variable_type,
  protected: flagIn(asked.protected, before.protected),
  masked: flagIn(asked.masked, before.masked),
  hidden: before.hidden,
  raw: flagIn(asked.raw, before.raw),
  environment_scope: asked.environment_scope ?? before.environment_scope,
  description: asked.description ?? before.description,
})

export const fieldsOfNew = (asked: z.output<typeof newVariable>): VariableFields => {
  const hides = asked.masked_and_hidden === true
  const fields = changed(usual, asked)
  return { ...fields, key: asked.key.trim(), ...(hides && { masked: 1, hidden: 1 }) }
}

export const fieldsAfter = (before: VariableFields, asked: Change): VariableFields => ({
  ...changed(before, asked),
  key: before.key,
})

const keyProblem = (key: string): string | undefined => {
  if (key === '') return "can't be blank"
  return /^[a-zA-Z0-9_]+$/.test(key) ? undefined : "can contain only letters, digits and '_'."
}

const scopeProblem = (scope: string): string | undefined =>
  /^[a-zA-Z0-9_/${}. *-]+$/.test(scope)
    ? undefined
    : "can contain only letters, digits, '-', '_', '/', '$', '{', '}', '.', '*', and spaces"

/** Throws what GitLab's record says of fields that do not fit (gitlab `Ci::HasVariable`, `Ci::Maskable`). */
export const refuseVariable = (fields: VariableFields, value: string): void => {
  const key = keyProblem(fields.key)
  const scope = scopeProblem(fields.environment_scope)
  const isUnmaskable = fields.masked === 1 && !isMaskable(value, fields.raw === 1)
  if (key === undefined && scope === undefined && !isUnmaskable) return
  throw validation({
    ...(key !== undefined && { key: [key] }),
    ...(scope !== undefined && { environment_scope: [scope] }),
    ...(isUnmaskable && { value: ['is invalid'] }),
  })
}
