import type { NewVariable } from '../store/ci/pipelines.ts'

/** What a push says of its pipelines by `git push -o` (GitLab docs, "Push options for CI/CD"). */
export interface PushWishes {
  readonly skip: boolean
  readonly variables: readonly NewVariable[]
}

const mostVariables = 100
const longestValue = 10_000
const variableForm = /^ci\.variable=([A-Za-z_][A-Za-z0-9_]{0,254})=(.*)$/s

const variableIn = (option: string): NewVariable[] => {
  const [, key, value] = variableForm.exec(option) ?? []
  return key === undefined || value === undefined || value.length > longestValue ? [] : [{ key, value, type: 'env_var' }]
}

/** Options that are none of ours, and variables that are not well-formed, say nothing; of a key said twice the last counts. */
export const wishesOf = (options: readonly string[]): PushWishes => {
  const variables = new Map(options.flatMap(variableIn).map((variable) => [variable.key, variable]))
  return { skip: options.includes('ci.skip'), variables: [...variables.values()].slice(0, mostVariables) }
}
