import { z } from 'zod'
import { type JobStatus, jobStatuses } from '../../../ci/states.ts'
import type { NewVariable } from '../../../store/ci/pipelines.ts'
import { validation } from '../errors.ts'
import { filledText, flag, list, moment, objects, oneOf, optional, text } from '../input.ts'

const longestRef = 1024
/** GitLab's own bound for the value of a variable, in characters. */
const longestValue = 10_000

const variableInput = z.object({
  key: filledText(),
  value: text(longestValue),
  variable_type: optional(oneOf(['env_var', 'file'])),
})

export const createInput = z.object({
  ref: filledText(longestRef),
  variables: optional(objects(variableInput)),
})

export const refInput = z.object({ ref: optional(filledText(longestRef)) })

const sources = ['push', 'web', 'trigger', 'schedule', 'api', 'external', 'pipeline', 'parent_pipeline'] as const

export const listInput = z.object({
  scope: optional(oneOf(['running', 'pending', 'finished', 'branches', 'tags'])),
  status: optional(oneOf([...jobStatuses, 'waiting_for_resource', 'preparing'])),
  ref: optional(text(longestRef)),
  sha: optional(text()),
  source: optional(oneOf(sources)),
  yaml_errors: optional(flag()),
  username: optional(text()),
  name: optional(text()),
  updated_before: optional(moment()),
  updated_after: optional(moment()),
  created_before: optional(moment()),
  created_after: optional(moment()),
  order_by: optional(oneOf(['id', 'status', 'ref', 'updated_at', 'user_id'])),
  sort: optional(oneOf(['asc', 'desc'])),
})

const scopeInput = optional(list(oneOf([...jobStatuses, 'waiting_for_resource', 'preparing'])))

export const jobsInput = z.object({ scope: scopeInput })
export const pipelineJobsInput = z.object({ scope: scopeInput, include_retried: optional(flag()) })

const keyForm = /^[A-Za-z0-9_]+$/

/** Variables as they come, checked as GitLab checks their records. Throws 400 where one has no good name, or two the same. */
export const variablesOf = (given: z.output<typeof createInput>['variables'] = []): NewVariable[] => {
  const keys = given.map(({ key }) => key)
  if (new Set(keys).size < keys.length) {
    throw validation({ base: ['Duplicate variable name: '.concat(keys.find((key, at) => keys.indexOf(key) !== at) ?? '')] })
  }
  if (keys.some((key) => !keyForm.test(key))) {
    throw validation({ 'variables.key': ["can contain only letters, digits and '_'."] })
  }
  return given.map(({ key, value, variable_type }) => ({ key, value, type: variable_type ?? 'env_var' }))
}

/** The states among these that jobs here ever have; GitLab knows a few more. */
export const statusesIn = (scope: readonly string[]): JobStatus[] => jobStatuses.filter((status) => scope.includes(status))
