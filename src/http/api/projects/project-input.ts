import { z } from 'zod'
import { projectNameProblem, projectPathProblem } from '../../../access/project-path.ts'
import { isValidRefName } from '../../../access/rules/ref-name.ts'
import { type FeatureLevel, featureLevels, visibilities } from '../../../core/visibility.ts'
import type { Call } from '../call.ts'
import { badRequest, validation } from '../errors.ts'
import { flag, oneOf, optional, optionalText, text, whole } from '../input.ts'

const longestDescription = 2000

/** Parameters that a project takes at its making and later. */
export const projectFields = {
  name: optional(text()),
  path: optional(text()),
  description: optionalText(longestDescription),
  visibility: optional(oneOf(visibilities)),
  default_branch: optional(text()),
  repository_access_level: optional(oneOf(featureLevels)),
  container_registry_access_level: optional(oneOf(featureLevels)),
  /** GitLab's older word for the same. */
  container_registry_enabled: optional(flag()),
}

interface RegistryInput {
  readonly container_registry_access_level?: FeatureLevel | undefined
  readonly container_registry_enabled?: boolean | undefined
}

/** Who is to see the images; undefined where nothing is said of it. */
export const imageAccessIn = (input: RegistryInput): FeatureLevel | undefined => {
  const { container_registry_access_level: level, container_registry_enabled: isEnabled } = input
  if (level !== undefined || isEnabled === undefined) return level
  return isEnabled ? 'enabled' : 'disabled'
}

export const newProjectInput = z.object({
  ...projectFields,
  namespace_id: optional(whole()),
  initialize_with_readme: optional(flag()),
  import_url: optional(text(longestDescription)),
  template_name: optional(text()),
})

/** Ways to fill a project at its making that are not there: said plainly, since a silent empty project helps nobody. */
const absentWays = ['import_url', 'template_name'] as const

export const refuseAbsentWays = (input: Readonly<Record<(typeof absentWays)[number], unknown>>): void => {
  const asked = absentWays.find((name) => input[name] !== undefined)
  if (asked !== undefined) throw badRequest(`${asked} is not supported yet: create the project empty and push to it`)
}

const problems = (found: Readonly<Record<string, string | undefined>>): Record<string, readonly string[]> =>
  Object.fromEntries(Object.entries(found).flatMap(([field, problem]) => (problem === undefined ? [] : [[field, [problem]]])))

/** Throws GitLab's 400 with one list of messages for each field that is wrong. */
export const refuseProblems = (found: Readonly<Record<string, string | undefined>>): void => {
  const messages = problems(found)
  if (Object.keys(messages).length > 0) throw validation(messages)
}

export const refuseNames = (name: string | undefined, path: string | undefined): void =>
  refuseProblems({
    name: name === undefined ? undefined : projectNameProblem(name),
    path: path === undefined ? undefined : projectPathProblem(path),
  })

/** As git's own `check-ref-format --branch`, and nothing that a terminal would not show as it is. */
const isBranchName = (branch: string): boolean =>
  !branch.startsWith('-') && branch !== 'HEAD' && !/[\p{C}\p{Z}]/u.test(branch) && isValidRefName(`refs/heads/${branch}`)

/** Throws where the text cannot be the name of a branch. */
export const refuseBranchName = (branch: string | undefined, field = 'default_branch'): void =>
  refuseProblems({ [field]: branch === undefined || isBranchName(branch) ? undefined : 'is invalid' })

/** Both fields that say where a project stands are told, as GitLab does. */
export const pathTaken = () => validation({ name: ['has already been taken'], path: ['has already been taken'] })

/** What stands around it has changed since it was looked at. */
export const visibilityUnfit = () => validation({ visibility_level: ['does not fit the groups and projects around it any more'] })

export const transferInput = z.object({ namespace: text() })

/** The number or path of a namespace, as `transfer` takes it. */
export const namespaceWord = (call: Call): string => call.read(transferInput).namespace
