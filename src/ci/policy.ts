import { type Expression, isFulfilled, type Scope } from './expression.ts'
import type { Effort, Pattern } from './pattern.ts'
import type { PipelineContext } from './plan.ts'
import type { Reading } from './reading.ts'
import { isList, isMapping, isText, type Value } from './value.ts'

/** `only` or `except`. */
export interface Policy {
  readonly refs: readonly (string | Pattern)[] | undefined
  readonly variables: readonly Expression[] | undefined
}

/** gitlab `lib/gitlab/ci/config/entry/policy.rb`, `DEFAULT_ONLY` */
export const standardPolicy: Policy = { refs: ['branches', 'tags'], variables: undefined }

const readRefs = (value: Value, reading: Reading, key: string): Policy['refs'] => {
  const list = isList(value) ? value.flat(10) : [value]
  if (!list.every(isText)) return reading.wrongEntry(key, 'should be an array of strings or regexps')
  const refs = list.map((text) => (text.startsWith('/') ? reading.findings.pattern(text) : text))
  const taken = refs.filter((ref) => ref !== undefined)
  return taken.length === refs.length ? taken : reading.wrongEntry(key, 'should be an array of strings or regular expressions')
}

const readExpressions = (value: Value, reading: Reading, key: string): Policy['variables'] => {
  const list = isList(value) ? value.flat(10) : [value]
  const read = list.map((item) => (isText(item) ? reading.findings.expression(item) : undefined))
  const taken = read.filter((expression) => expression !== undefined)
  return taken.length === read.length ? taken : reading.wrongEntry(key, 'variables invalid expression syntax')
}

const known: ReadonlySet<string> = new Set(['refs', 'variables'])

/** What stands under `only` or `except`; undefined where nothing does. */
export const readPolicy = (reading: Reading, key: 'only' | 'except'): Policy | undefined => {
  const value = reading.get(key)
  if (value === undefined) return undefined
  if (!isMapping(value)) return { refs: readRefs(value, reading, key), variables: undefined }
  const odd = [...value.keys()].filter((word) => !known.has(word))
  if (odd.length > 0) return reading.wrongEntry(key, `keys are not supported: ${odd.join(', ')}`)
  const [refs, variables] = [value.get('refs') ?? undefined, value.get('variables') ?? undefined]
  return {
    refs: refs === undefined ? undefined : readRefs(refs, reading, key),
    variables: variables === undefined ? undefined : readExpressions(variables, reading, key),
  }
}

/** `pushes` for a push: the sources by the names that policies have for them. */
const sourceWords: Readonly<Record<string, string>> = {
  push: 'pushes',
  web: 'web',
  api: 'api',
  trigger: 'triggers',
  pipeline: 'pipelines',
  schedule: 'schedules',
}

const isRef = (ref: string | Pattern, context: PipelineContext, effort: Effort): boolean => {
  if (typeof ref !== 'string') return ref.isIn(context.ref, effort)
  if (ref === 'branches') return context.refType === 'branch'
  if (ref === 'tags') return context.refType === 'tag'
  return ref === context.ref || (Object.hasOwn(sourceWords, context.source) && sourceWords[context.source] === ref)
}

/** `only` asks for all that it names, `except` keeps out by any of it. Throws `TooMuchEffort`. */
export const isKept = (only: Policy | undefined, except: Policy | undefined, context: PipelineContext, scope: Scope): boolean => {
  const inRefs = (policy: Policy) => policy.refs?.some((ref) => isRef(ref, context, scope.effort))
  const inVariables = (policy: Policy) => policy.variables?.some((expression) => isFulfilled(expression, scope))
  if (only !== undefined && !((inRefs(only) ?? true) && (inVariables(only) ?? true))) return false
  return except === undefined || !((inRefs(except) ?? false) || (inVariables(except) ?? false))
}
