import type { PlannedVariable } from './plan.ts'
import type { Reading } from './reading.ts'
import { isMapping, isText, type Value } from './value.ts'

const known: ReadonlySet<string> = new Set(['value', 'description', 'options', 'expand'])

const scalar = (value: Value | undefined): string | undefined =>
  isText(value) || typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined

const one = (reading: Reading, key: string): PlannedVariable | undefined => {
  const value = reading.get(key)
  const wrong = (sentence: string): undefined => {
    reading.findings.error(`${reading.place} ${sentence}`)
    return undefined
  }
  if (value === undefined) return { key, value: '', raw: false }
  const text = scalar(value)
  if (text !== undefined) return { key, value: text, raw: false }
  if (!isMapping(value)) return wrong('config should be a hash of key value pairs')
  const odd = [...value.keys()].filter((word) => !known.has(word))
  if (odd.length > 0) return wrong(`config uses invalid data keys: ${odd.join(', ')}`)
  return { key, value: scalar(value.get('value')) ?? '', raw: value.get('expand') === false }
}

/** What stands under `variables`; undefined where nothing does. */
export const readVariables = (parent: Reading): readonly PlannedVariable[] | undefined => {
  const reading = parent.mapping('variables')
  return reading?.keys.map((key) => one(reading, key)).filter((variable) => variable !== undefined)
}

/** Later wins, each name once. */
export const mergeVariables = (...lists: readonly (readonly PlannedVariable[])[]): readonly PlannedVariable[] => [
  ...new Map(lists.flat().map((variable) => [variable.key, variable])).values(),
]
