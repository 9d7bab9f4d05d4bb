import type { Need } from './plan.ts'
import type { Reading } from './reading.ts'
import { isList, isMapping, isText, type Value } from './value.ts'

/** gitlab `ci_needs_size_limit` */
const mostNeeds = 50

const known: ReadonlySet<string> = new Set(['job', 'artifacts', 'optional'])

const oneNeed = (value: Value): Need | string => {
  if (isText(value)) return { job: value, artifacts: true, optional: false }
  if (!isMapping(value)) return 'can only be a hash or an array'
  const other = [...value.keys()].find((key) => !known.has(key))
  if (other !== undefined) return `of \`${other}\` are not supported; only needs of jobs of the same pipeline are`
  const job = value.get('job')
  const [artifacts, optional] = [value.get('artifacts') ?? true, value.get('optional') ?? false]
  if (!isText(job)) return 'job should be a string'
  if (typeof artifacts !== 'boolean') return 'artifacts should be a boolean value'
  if (typeof optional !== 'boolean') return 'optional should be a boolean value'
  return { job, artifacts, optional }
}

/** What stands under `needs`; undefined where nothing does. */
export const readNeeds = (reading: Reading): readonly Need[] | undefined => {
  const value = reading.get('needs')
  if (value === undefined) return undefined
  const items = isList(value) ? value.flat(10) : [value]
  if (items.length > mostNeeds) return reading.wrongEntry('needs', `has too many needs: ${mostNeeds} is the most`)
  const needs: Need[] = []
  for (const item of items) {
    const need = oneNeed(item)
    if (typeof need === 'string') reading.findings.error(`${reading.place}:needs config ${need}`)
    else needs.push(need)
  }
  return needs
}
