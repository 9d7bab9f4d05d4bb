import type { PayloadVariable } from './payload-shape.ts'

/** A shorter value would stand in a log by chance. */
const shortest = 8

/** The values that the log of a job must never show, longest first, so that none hides a part of another. */
export const masksOf = (token: string, variables: readonly PayloadVariable[]): string[] => {
  const values = [token, ...variables.filter(({ masked }) => masked).map(({ value }) => value)]
  return [...new Set(values)].filter((value) => value.length >= shortest).sort((one, other) => other.length - one.length)
}
