import { type Expression, isFulfilled, type Scope } from './expression.ts'
import { readNeeds } from './needs.ts'
import type { Need, PlannedVariable } from './plan.ts'
import type { Reading } from './reading.ts'
import { isMapping } from './value.ts'
import { readVariables } from './variables.ts'

export const ruleWhens = ['on_success', 'on_failure', 'always', 'never', 'manual', 'delayed'] as const
export type RuleWhen = (typeof ruleWhens)[number]

export interface Rule {
  readonly if: Expression | undefined
  readonly when: RuleWhen | undefined
  readonly startIn: number | undefined
  readonly allowFailure: boolean | readonly number[] | undefined
  readonly variables: readonly PlannedVariable[]
  readonly needs: readonly Need[] | undefined
}

const known: ReadonlySet<string> = new Set([
  'if',
  'when',
  'start_in',
  'allow_failure',
  'variables',
  'needs',
  'interruptible',
  'changes',
  'exists',
])

/** `true`, or the exit codes with which a job may fail. */
export const readAllowFailure = (reading: Reading): boolean | readonly number[] | undefined => {
  const value = reading.get('allow_failure')
  if (value === undefined || typeof value === 'boolean') return value
  if (!isMapping(value)) return reading.wrong('allow_failure', 'should be a hash or a boolean value')
  const codes = value.get('exit_codes')
  const list = Array.isArray(codes) ? codes : [codes]
  if ([...value.keys()].join() === 'exit_codes' && list.every((code) => Number.isInteger(code))) return list
  return reading.wrongEntry('allow_failure', 'exit codes should be an array of integers or an integer')
}

const readIf = (reading: Reading): Expression | undefined => {
  const text = reading.text('if')
  if (text === undefined) return undefined
  const expression = reading.findings.expression(text)
  return expression ?? reading.wrong('if', 'invalid expression syntax')
}

const readRule = (reading: Reading): Rule => {
  reading.only(known)
  for (const key of ['changes', 'exists']) if (reading.has(key)) reading.wrong(key, 'is not supported')
  return {
    if: readIf(reading),
    ...reading.start(ruleWhens),
    allowFailure: readAllowFailure(reading),
    variables: readVariables(reading) ?? [],
    needs: readNeeds(reading),
  }
}

/** What stands under `rules`; undefined where nothing does. */
export const readRules = (parent: Reading): readonly Rule[] | undefined => parent.mappings('rules', 'rule')?.map(readRule)

/** The first rule that holds; undefined where none does. */
export const firstFulfilled = (rules: readonly Rule[], scope: Scope): Rule | undefined =>
  rules.find((rule) => rule.if === undefined || isFulfilled(rule.if, scope))
