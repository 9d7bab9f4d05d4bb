import { z } from 'zod'
import { runnerStates } from '../../../store/ci/runner-lists.ts'
import { type RunnerFields, type RunnerRow, runnerTypes } from '../../../store/ci/runners.ts'
import { flagOf } from '../../../store/users.ts'
import { parameterError } from '../errors.ts'
import { flag, list, oneOf, optional, optionalText, text, whole } from '../input.ts'

const longestNote = 1024
const longestDescription = 1024

/** GitLab's least, in seconds, and what a job may last at most here. */
const leastTimeout = 600
const mostTimeout = 30 * 86_400

export const runnerFields = {
  description: optionalText(longestDescription),
  maintenance_note: optionalText(longestNote),
  paused: optional(flag()),
  /** Deprecated: the opposite of `paused`. */
  active: optional(flag()),
  locked: optional(flag()),
  run_untagged: optional(flag()),
  access_level: optional(oneOf(['not_protected', 'ref_protected'])),
  maximum_timeout: optional(whole()),
  tag_list: z.preprocess((value) => value ?? undefined, list(text(), 50).optional()),
}

const fields = z.object(runnerFields)
export type RunnerInput = z.output<typeof fields>

const pausedOf = ({ paused, active }: RunnerInput): boolean | undefined => paused ?? (active === undefined ? undefined : !active)

/** What a request says of a runner; what it does not say is left out. */
export const askedFields = (input: RunnerInput): Partial<RunnerFields> => {
  if (input.paused !== undefined && input.active !== undefined) throw parameterError('active, paused are mutually exclusive')
  const paused = pausedOf(input)
  const { description, maintenance_note, access_level, maximum_timeout, tag_list } = input
  return {
    ...(description !== undefined && { description }),
    ...(maintenance_note !== undefined && { maintenance_note }),
    ...(paused !== undefined && { paused: flagOf(paused) }),
    ...(input.locked !== undefined && { locked: flagOf(input.locked) }),
    ...(input.run_untagged !== undefined && { run_untagged: flagOf(input.run_untagged) }),
    ...(access_level !== undefined && { access_level }),
    ...(maximum_timeout !== undefined && { maximum_timeout }),
    ...(tag_list !== undefined && { tags: [...new Set(tag_list.filter((tag) => tag !== ''))].sort() }),
  }
}

export const usualFields: RunnerFields = {
  description: '',
  maintenance_note: null,
  paused: 0,
  locked: 0,
  run_untagged: 1,
  access_level: 'not_protected',
  maximum_timeout: null,
  tags: [],
}

export const storedFields = ({ tags, ...row }: RunnerRow): RunnerFields => ({
  ...row,
  tags: JSON.parse(tags) as readonly string[],
})

/** What is wrong with a runner as a whole, by field, in GitLab's words (`Ci::Runner`). */
export const problemsOf = ({ maximum_timeout, run_untagged, tags }: RunnerFields): Record<string, string[]> => ({
  ...(maximum_timeout !== null && maximum_timeout < leastTimeout && { maximum_timeout: ['needs to be at least 10 minutes'] }),
  ...(maximum_timeout !== null && maximum_timeout > mostTimeout && { maximum_timeout: ['must be less than a month'] }),
  ...(run_untagged === 0 &&
    tags.length === 0 && { tags_list: ['can not be empty when runner is not allowed to pick untagged jobs'] }),
})

/** Parameters of lists of runners; `scope` is the old name of `type` and `status`. */
export const runnerFilters = z.object({
  scope: optional(oneOf([...runnerStates, 'specific', 'shared', ...runnerTypes])),
  type: optional(oneOf(runnerTypes)),
  paused: optional(flag()),
  status: optional(oneOf(runnerStates)),
  tag_list: z.preprocess((value) => value ?? undefined, list(text(), 50).optional()),
})
