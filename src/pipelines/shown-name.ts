import type { VariableParts } from './parts.ts'
import { keptVariables } from './stored-variables.ts'
import { type Running, subjectOf } from './subject.ts'

const cover = '[MASKED]'

/** A name that is so long was cut there, in characters. */
const longestName = 255

/** Shorter beginnings of a value that was cut off at the end of a name tell nothing. */
const shortest = 4

const cutEnd = (name: string, value: string): string => {
  for (let length = Math.min(value.length - 1, name.length); length >= shortest; length -= 1) {
    if (name.endsWith(value.slice(0, length))) return name.slice(0, -length) + cover
  }
  return name
}

/** A pipeline's name is shown to all who see it: masked values of the project and its groups are covered, as in logs. */
export const shownName = async (
  parts: VariableParts,
  running: Running,
  name: string | undefined,
): Promise<string | undefined> => {
  if (name === undefined) return undefined
  const subject = await subjectOf(parts.store.read, running, parts.clock())
  const masked = (await keptVariables(parts, subject, undefined)).filter((kept) => kept.masked).map(({ value }) => value)
  const whole = masked.reduce((shown, value) => shown.replaceAll(value, cover), name)
  return name.length < longestName ? whole : masked.reduce(cutEnd, whole)
}
