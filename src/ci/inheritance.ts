import { Invalid } from './invalid.ts'
import { deepMerge, emptyMapping, isList, isMapping, isText, type Mapping, sizeOf, type Value } from './value.ts'
import { mostNodes } from './yaml-text.ts'

/** gitlab `lib/gitlab/ci/config/extendable/entry.rb`, `MAX_NESTING_LEVEL` */
const mostLevels = 10
const mostBases = 50
/** What is taken from bases over all, also where one takes the place of another. */
const mostTaken = 1_000_000

const wordsThatAreNoJobs = new Set(['include', 'variables', 'default', 'workflow', 'stages', 'spec'])

const basesOf = (job: Mapping, name: string): readonly string[] => {
  const named = job.get('extends')
  if (named === undefined || named === null) return []
  const list = isList(named) ? named : [named]
  if (!list.every(isText) || list.length > mostBases) {
    throw new Invalid(`jobs:${name} extends should be an array of strings or a string`)
  }
  return list
}

interface Extended {
  readonly job: Mapping
  readonly levels: number
  readonly size: number
}

class Extender {
  readonly #config: Mapping
  readonly #done = new Map<string, Extended>()
  #size = 0
  #taken = 0

  constructor(config: Mapping) {
    this.#config = config
  }

  extend(name: string, job: Mapping, below: readonly string[]): Extended {
    const known = this.#done.get(name)
    if (known !== undefined) return known
    if (below.includes(name)) throw new Invalid(`${name}: circular dependency detected in \`extends\``)
    if (below.length > mostLevels) throw new Invalid(`${below[0]}: nesting too deep in \`extends\``)
    const bases = basesOf(job, name).map((base) => this.extend(base, this.#base(base, name), [...below, name]))
    const levels = Math.max(0, ...bases.map((base) => base.levels + 1))
    if (levels > mostLevels) throw new Invalid(`${name}: nesting too deep in \`extends\``)
    this.#taken += bases.reduce((sum, base) => sum + base.size, 0)
    if (this.#taken > mostTaken) throw new Invalid('The parsed YAML is too big')
    const whole = deepMerge(bases.map((base) => base.job).reduce(deepMerge, emptyMapping), job)
    const extended = { job: whole, levels, size: sizeOf(whole, mostNodes) }
    // What many jobs take from one is counted for each of them.
    this.#size += extended.size
    if (this.#size > mostNodes * 2) throw new Invalid('The parsed YAML is too big')
    this.#done.set(name, extended)
    return extended
  }

  #base(base: string, name: string): Mapping {
    const found = this.#config.get(base)
    if (found === undefined) throw new Invalid(`${name}: unknown keys in \`extends\` (${base})`)
    if (!isMapping(found)) throw new Invalid(`${name}: invalid base hashes in \`extends\` (${base})`)
    return found
  }
}

/** Each job with what it `extends` merged in, as GitLab does before it looks at any key. Throws `Invalid`. */
export const extendJobs = (config: Mapping): Mapping => {
  const extender = new Extender(config)
  const jobs = [...config].map(([name, value]): [string, Value] =>
    isMapping(value) && !wordsThatAreNoJobs.has(name) ? [name, extender.extend(name, value, []).job] : [name, value],
  )
  return new Map(jobs)
}
