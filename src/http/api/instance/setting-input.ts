import { z } from 'zod'
import { type ApplicationSettings, applicationSettings } from '../../../store/settings.ts'
import { parameterError, validation } from '../errors.ts'
import { protectionEntity, protectionFields } from '../groups/default-protection.ts'
import { flag, list, oneOf, optional, text, whole } from '../input.ts'

type Shape = typeof applicationSettings.shape
type Name = keyof Shape

/** Both forms of one thing, which is read and written by `default-protection.ts`. */
const isProtection = (name: string): boolean => name in protectionFields

const names = (Object.keys(applicationSettings.shape) as Name[]).filter((name) => !isProtection(name))

/** The type below what says that a setting has a standard value, or may be null. */
const core = (schema: z.core.$ZodType): { readonly type: z.core.$ZodType; readonly mayBeNull: boolean } => {
  if (schema instanceof z.ZodDefault) return core(schema.unwrap())
  if (schema instanceof z.ZodNullable) return { type: core(schema.unwrap()).type, mayBeNull: true }
  return { type: schema, mayBeNull: false }
}

/** GitLab's word for "both" where a null would do. */
const none = new Set<unknown>(['', null, 'all'])

/** A setting as a request may bring it: forms and queries know only text. Whether it is in bounds is asked afterwards. */
const asParameter = (name: Name): z.ZodType => {
  const { type, mayBeNull } = core(applicationSettings.shape[name])
  const wire = wireType(type)
  return mayBeNull ? z.preprocess((value) => (none.has(value) ? null : value), wire.nullable().optional()) : wire
}

function wireType(type: z.core.$ZodType): z.ZodType {
  if (type instanceof z.ZodBoolean) return optional(flag())
  if (type instanceof z.ZodNumber) return optional(whole())
  if (type instanceof z.ZodEnum) return optional(oneOf(type.options.map(String)))
  if (type instanceof z.ZodArray) return z.preprocess((value) => value ?? undefined, list(wireItem(type.element)).optional())
  return z.preprocess((value) => value ?? undefined, text(longest).optional())
}

const wireItem = (item: z.core.$ZodType): z.ZodType => (item instanceof z.ZodEnum ? oneOf(item.options.map(String)) : text())

/** Longer texts are let through here: the setting's own check answers them in the form of a validation. */
const longest = 10_000

export const settingsInput = z.object({
  ...Object.fromEntries(names.map((name) => [name, asParameter(name)])),
  ...protectionFields,
})

/** All settings as they are shown. */
export const settingsEntity = z
  .object({
    ...Object.fromEntries(
      names.map((name) => [name, core(applicationSettings.shape[name]).mayBeNull ? shown(name).nullable() : shown(name)]),
    ),
    ...protectionEntity,
  })
  .meta({ id: 'ApplicationSetting' })

function shown(name: Name): z.ZodType {
  const { type } = core(applicationSettings.shape[name])
  return type instanceof z.ZodType ? type : z.unknown()
}

/** Rails' words for a value that is out of bounds. */
const problemOf = (issue: z.core.$ZodIssue): string => {
  if (issue.code === 'too_big') {
    return issue.origin === 'string'
      ? `is too long (maximum is ${issue.maximum} characters)`
      : `must be less than or equal to ${issue.maximum}`
  }
  if (issue.code !== 'too_small') return issue.code === 'invalid_format' ? issue.message : 'is invalid'
  if (issue.origin === 'string') return "can't be blank"
  return issue.inclusive === false ? `must be greater than ${issue.minimum}` : `must be greater than or equal to ${issue.minimum}`
}

const missing = `${[...names, ...Object.keys(protectionFields)].join(', ')} are missing, at least one parameter must be provided`

/** The plain settings that a request changes. Throws 400 where a value is out of bounds, or nothing is asked. */
export const changedSettings = (input: z.output<typeof settingsInput>): Partial<ApplicationSettings> => {
  const given = Object.entries(input).filter(([, value]) => value !== undefined)
  if (given.length === 0) throw parameterError(missing)
  const plain = Object.fromEntries(given.filter(([name]) => !isProtection(name)))
  const result = applicationSettings.partial().safeParse(plain)
  if (result.success) return Object.fromEntries(Object.keys(plain).map((name) => [name, result.data[name as Name]]))
  throw validation(Object.fromEntries(result.error.issues.map((issue) => [String(issue.path[0]), [problemOf(issue)]])))
}
