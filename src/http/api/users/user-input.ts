import { z } from 'zod'
import { usernameProblem } from '../../../access/username.ts'
import { Secret } from '../../../core/secret.ts'
import { flagOf, type UserChange } from '../../../store/users.ts'
import type { Call } from '../call.ts'
import { tooBusy, validation } from '../errors.ts'
import { flag, optional, optionalText, text, whole } from '../input.ts'

/** What `POST` and `PUT /users` share. */
const common = {
  admin: optional(flag()),
  external: optional(flag()),
  can_create_group: optional(flag()),
  projects_limit: optional(whole()),
  note: optionalText(65_536),
}

/** Longer texts are let through here: the field's own check answers them in the form of a validation. */
const long = 2048

export const creation = z.object({
  email: text(long),
  username: text(long),
  name: text(long),
  password: optionalText(long),
  reset_password: optional(flag()),
  force_random_password: optional(flag()),
  skip_confirmation: optional(flag()),
  ...common,
})

export const change = z.object({
  email: optionalText(long),
  username: optionalText(long),
  name: optionalText(long),
  password: optionalText(long),
  ...common,
})

export const hardDeletion = z.object({ hard_delete: optional(flag()) })

const lengthProblem = (value: string, most: number): string | undefined => {
  if (value.trim() === '') return "can't be blank"
  return value.length > most ? `is too long (maximum is ${most} characters)` : undefined
}

export const isEmail = (text: string): boolean => text.length <= 254 && /^[^@\s\p{Cc}]+@[^@\s\p{Cc}]+$/u.test(text)

const emailProblem = (email: string): string | undefined => (isEmail(email) ? undefined : 'is invalid')

const passwordProblem = (password: string): string | undefined => {
  if (password.length < 8) return 'is too short (minimum is 8 characters)'
  return password.length > 128 ? 'is too long (maximum is 128 characters)' : undefined
}

interface Fields {
  readonly email?: string | undefined
  readonly username?: string | undefined
  readonly name?: string | undefined
  readonly password?: string | undefined
}

const checks: readonly [keyof Fields, (value: string) => string | undefined][] = [
  ['email', emailProblem],
  ['username', usernameProblem],
  ['name', (name) => lengthProblem(name, 255)],
  ['password', passwordProblem],
]

/** What is wrong with the fields that are given, as GitLab's validations say it. */
export const fieldProblems = (fields: Fields): Readonly<Record<string, readonly string[]>> => {
  const messages: Record<string, string[]> = {}
  for (const [name, problemOf] of checks) {
    const value = fields[name]
    const problem = value === undefined ? undefined : problemOf(value)
    if (problem !== undefined) messages[name] = [problem]
  }
  return messages
}

/** Throws GitLab's validation messages, all of them at once. */
export const checkFields = (fields: Fields): void => {
  const messages = fieldProblems(fields)
  if (Object.keys(messages).length > 0) throw validation(messages)
}

/** Throws 429 while too many passwords are being worked on. */
export const hashPassword = async (call: Call, password: string): Promise<string> => {
  const hash = await call.parts.passwords.hash(new Secret(password))
  if (hash === 'busy') throw tooBusy()
  return hash
}

/** The given ones among the switches of a user, as columns. */
export const switches = (input: z.output<typeof change>): UserChange => ({
  ...(input.admin !== undefined && { is_admin: flagOf(input.admin) }),
  ...(input.external !== undefined && { is_external: flagOf(input.external) }),
  ...(input.can_create_group !== undefined && { can_create_group: flagOf(input.can_create_group) }),
  ...(input.projects_limit !== undefined && { projects_limit: Math.min(Math.max(input.projects_limit, 0), 2 ** 31 - 1) }),
  ...(input.note !== undefined && { note: input.note }),
})
