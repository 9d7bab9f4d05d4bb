import { Invalid } from './invalid.ts'
import { isList, isMapping, type Mapping, Reference, type Value } from './value.ts'

const mostLevels = 10
/** References that are put in, over all. */
const mostSteps = 100_000

/** Puts in what each `!reference` names; what is shared stays shared. Throws `Invalid`. */
export const resolveReferences = (config: Mapping): Mapping => {
  const done = new Map<string, Value>()
  let steps = 0

  const find = (reference: Reference): Value => {
    let found: Value | undefined = config
    for (const key of reference.path) found = isMapping(found) ? found.get(key) : undefined
    if (found === undefined || found === null) throw new Invalid(`${reference.written} could not be found`)
    return found
  }

  const follow = (reference: Reference, chain: readonly string[]): Value => {
    const name = reference.written
    const known = done.get(name)
    if (known !== undefined) return known
    if (chain.includes(name)) throw new Invalid(`${name} is part of a circular chain`)
    if (chain.length >= mostLevels) throw new Invalid(`${name} is nested too deep`)
    const value = resolve(find(reference), [...chain, name])
    done.set(name, value)
    return value
  }

  const resolve = (value: Value, chain: readonly string[]): Value => {
    steps += 1
    if (steps > mostSteps * 2) throw new Invalid('The parsed YAML is too big')
    if (value instanceof Reference) return follow(value, chain)
    if (isList(value)) return value.map((item) => resolve(item, chain))
    return isMapping(value) ? resolveMapping(value, chain) : value
  }

  const resolveMapping = (mapping: Mapping, chain: readonly string[]): Mapping =>
    new Map([...mapping].map(([key, value]) => [key, resolve(value, chain)]))

  return resolveMapping(config, [])
}
