import type { Findings } from './invalid.ts'
import { readArtifacts, readCaches, readIdTokens } from './job-files.ts'
import { readImage, readServices } from './job-images.ts'
import { readNeeds } from './needs.ts'
import type { JobOptions, Need, PlannedJob, PlannedVariable, When } from './plan.ts'
import { type Policy, readPolicy } from './policy.ts'
import { Reading } from './reading.ts'
import { type Rule, readAllowFailure, readRules } from './rules.ts'
import { failureReasons } from './states.ts'
import { isList, isMapping, isText, type Mapping } from './value.ts'
import { readVariables } from './variables.ts'

/** A job as it is written, before any rule is asked. */
export interface Job {
  readonly name: string
  readonly stage: string
  readonly when: When | 'never' | undefined
  readonly startIn: number | undefined
  readonly allowFailure: boolean | readonly number[] | undefined
  readonly rules: readonly Rule[] | undefined
  readonly only: Policy | undefined
  readonly except: Policy | undefined
  readonly retry: PlannedJob['retry']
  readonly timeout: number | undefined
  readonly tags: readonly string[]
  readonly needs: readonly Need[] | undefined
  readonly variables: readonly PlannedVariable[]
  /** Which of the configuration's own variables it has. */
  readonly inheritsVariables: boolean | readonly string[]
  readonly options: JobOptions
}

/** Keys that `default` may set for all jobs. */
export const defaultKeys: ReadonlySet<string> = new Set([
  'before_script',
  'after_script',
  'image',
  'services',
  'cache',
  'tags',
  'artifacts',
  'retry',
  'timeout',
  'interruptible',
  'id_tokens',
  'hooks',
])
const ignoredKeys = ['coverage', 'resource_group']
const unsupported = ['trigger', 'parallel', 'secrets', 'release', 'pages', 'run', 'inputs', 'identity', 'dast_configuration']
const known: ReadonlySet<string> = new Set([
  ...defaultKeys,
  ...ignoredKeys,
  ...unsupported,
  'script',
  'stage',
  'type',
  'extends',
  'variables',
  'rules',
  'only',
  'except',
  'when',
  'start_in',
  'allow_failure',
  'needs',
  'dependencies',
  'environment',
  'inherit',
  'description',
])
const whens = ['on_success', 'on_failure', 'always', 'manual', 'delayed', 'never'] as const
const retryWhens = ['always', ...failureReasons] as const
/** gitlab `lib/gitlab/ci/config/entry/tags.rb`; each is looked for whenever a runner asks. */
const tagsLimit = 50
/** gitlab `Project::MAX_BUILD_TIMEOUT`, in seconds */
const longestTimeout = 2_629_746

const readRetry = (reading: Reading): PlannedJob['retry'] => {
  const value = reading.get('retry')
  const inside = isMapping(value) ? reading.mapping('retry')?.only(new Set(['max', 'when', 'exit_codes'])) : undefined
  const max = isMapping(value) ? (inside?.get('max') ?? 0) : (value ?? 0)
  const when = isText(inside?.get('when')) ? [inside?.text('when')] : (inside?.texts('when') ?? ['always'])
  const taken = retryWhens.filter((word) => when.includes(word))
  if (taken.length < new Set(when).size)
    reading.findings.error(`${reading.place}:retry when should be one of: ${retryWhens.join(', ')}`)
  if (inside?.has('exit_codes')) reading.findings.warn(`${reading.place}:retry exit codes are ignored`)
  if (max === 0 || max === 1 || max === 2) return { max, when: taken }
  const sentence =
    typeof max === 'number'
      ? `max must be ${max > 2 ? 'less than or equal to 2' : 'greater than or equal to 0'}`
      : 'config should be a hash or an integer'
  reading.findings.error(`${reading.place}:retry ${sentence}`)
  return { max: 0, when: [] }
}

const readEnvironment = (reading: Reading): JobOptions['environment'] => {
  const value = reading.get('environment')
  if (value === undefined) return undefined
  if (isText(value)) return { name: value, url: undefined, action: 'start' }
  const keys = new Set(['name', 'url', 'action', 'on_stop', 'auto_stop_in', 'kubernetes', 'deployment_tier'])
  const inside = isMapping(value) ? reading.mapping('environment')?.only(keys) : undefined
  if (inside === undefined) return reading.wrongEntry('environment', 'should be a hash or a string')
  const name = inside.text('name')
  const action = inside.word('action', ['start', 'stop', 'prepare', 'verify', 'access']) ?? 'start'
  if (name === undefined) return inside.wrong('name', "can't be blank")
  return { name, url: inside.text('url'), action }
}

const readHooks = (reading: Reading): JobOptions['hooks'] => {
  const script = reading
    .mapping('hooks')
    ?.only(new Set(['pre_get_sources_script']))
    .script('pre_get_sources_script')
  return script ? [{ name: 'pre_get_sources_script', script }] : []
}

const readOptions = (reading: Reading): JobOptions => ({
  script: [...(reading.script('before_script') ?? []), ...(reading.script('script') ?? [])],
  afterScript: reading.script('after_script') ?? [],
  image: readImage(reading),
  services: readServices(reading) ?? [],
  artifacts: readArtifacts(reading) ?? [],
  cache: readCaches(reading) ?? [],
  hooks: readHooks(reading),
  dependencies: reading.texts('dependencies'),
  idTokens: readIdTokens(reading) ?? {},
  environment: readEnvironment(reading),
  interruptible: reading.flag('interruptible') ?? false,
})

const inherits = (reading: Reading, key: 'default' | 'variables'): boolean | readonly string[] => {
  const inherit = reading.mapping('inherit')?.only(new Set(['default', 'variables']))
  const value = inherit?.get(key) ?? true
  if (typeof value === 'boolean') return value
  if (isList(value) && value.every(isText)) return value
  reading.findings.error(`${reading.place}:inherit:${key} config should be a bool or an array of strings`)
  return true
}

/** A job with those of the defaults that it takes and does not set itself. */
const withDefaults = (job: Mapping, defaults: Mapping, taken: boolean | readonly string[]): Mapping => {
  const isTaken = (key: string) => (typeof taken === 'boolean' ? taken : taken.includes(key))
  return new Map([...[...defaults].filter(([key]) => isTaken(key)), ...job])
}

const checkKeys = (reading: Reading): void => {
  reading.only(known)
  for (const key of unsupported) if (reading.has(key)) reading.wrong(key, 'is not supported')
  for (const key of ignoredKeys) if (reading.has(key)) reading.findings.warn(`${reading.place} ${key} is ignored`)
  const misplaced = ['only', 'except', 'start_in'].filter((key) => reading.has('rules') && reading.has(key))
  if (misplaced.length > 0)
    reading.findings.error(`${reading.place} config key may not be used with \`rules\`: ${misplaced.join(', ')}`)
}

const readTags = (reading: Reading): readonly string[] => {
  const tags = reading.texts('tags') ?? []
  if (tags.length >= tagsLimit) reading.wrongEntry('tags', `must be less than the limit of ${tagsLimit} tags`)
  return tags
}

/** Reads one job; what is wrong with it is among the findings. */
export const readJob = (name: string, mapping: Mapping, defaults: Mapping, findings: Findings): Job => {
  const own = new Reading(mapping, `jobs:${name}`, findings)
  checkKeys(own)
  const reading = new Reading(withDefaults(mapping, defaults, inherits(own, 'default')), own.place, findings)
  if (name.length > 255) own.wrong('name', 'is too long (maximum is 255 characters)')
  if (reading.script('script')?.length === 0) own.wrong('script', "can't be blank")
  return {
    name,
    stage: own.text('stage') ?? own.text('type') ?? 'test',
    ...own.start(whens),
    allowFailure: readAllowFailure(own),
    rules: readRules(own),
    only: readPolicy(own, 'only'),
    except: readPolicy(own, 'except'),
    retry: readRetry(reading),
    timeout: reading.duration('timeout', longestTimeout),
    tags: readTags(reading),
    needs: readNeeds(own),
    variables: readVariables(own) ?? [],
    inheritsVariables: inherits(own, 'variables'),
    options: readOptions(reading),
  }
}
