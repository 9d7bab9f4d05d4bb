import { type Day, dayOf } from '../core/clock.ts'

const day = 86_400_000

/** GitLab's bound for an access token's life, in days; also its life where no end is given. */
const longestLife = 365

/** GitLab's life of a token that took another's place, in days, where no end is given. */
const rotatedLife = 7

/** What the instance asks of the life of access tokens. */
export interface LifeRules {
  /** Whether every token must end some day. */
  readonly required: boolean
  /** The most days that an administrator allows; null: GitLab's bound, where an end is required. */
  readonly most: number | null
}

/** The last day that an access token made now may name as its end; undefined where it need not end. */
export const lastExpiry = (rules: LifeRules, now: number): Day | undefined => {
  const days = rules.most ?? (rules.required ? longestLife : undefined)
  return days === undefined ? undefined : dayOf(now + days * day)
}

/** The end of a token that names none: the last one possible, or none. */
export const usualExpiry = (rules: LifeRules, now: number): Day | null => lastExpiry(rules, now) ?? null

/** The same for one that takes another's place. */
export const expiryOfRotated = (rules: LifeRules, now: number): Day | null => {
  const last = lastExpiry(rules, now)
  if (last === undefined) return null
  return dayOf(Math.min(now + rotatedLife * day, Date.parse(last)))
}

/**
 * Why tokens that end on one day may not be given another; undefined where they may.
 * @param last the last day that a token made now may name
 */
export const extensionProblem = (from: Day, to: Day, last: Day | undefined, now: number): string | undefined => {
  const today = dayOf(now)
  const least = from > today ? from : today
  if (to <= least) return `must be after ${least}`
  return last !== undefined && to > last ? `must be before ${last}` : undefined
}
