import { Invalid } from './invalid.ts'
import type { FileReader } from './plan.ts'
import { deepMerge, isList, isMapping, isText, type Mapping, type Value } from './value.ts'
import { readYaml } from './yaml-text.ts'

const mostIncludes = 150
/** Characters of all files together: parsing holds up a worker, two microseconds for each of them. */
export const mostText = 262_144

/** A file that another one includes, as the lint tells of it. */
export interface Included {
  readonly location: string
  readonly raw: string
}

const local = (value: Value): string => {
  const path = isMapping(value) ? value.get('local') : value
  if (isText(path) && /^https?:\/\//.test(path))
    throw new Invalid('Include of `remote` files is not supported; only `local` files are')
  if (isText(path)) return path
  const kind = isMapping(value) ? [...value.keys()][0] : undefined
  if (kind === undefined) throw new Invalid('Include should be a string, a hash, or a list of them')
  throw new Invalid(`Include of \`${kind}\` is not supported; only \`local\` files are`)
}

const checked = (value: Value): string => {
  const path = local(value)
  const odd = isMapping(value) ? [...value.keys()].filter((key) => key !== 'local') : []
  if (odd.length > 0) throw new Invalid(`Include of \`${path}\` has keys that are not supported: ${odd.join(', ')}`)
  if (path.includes('*')) throw new Invalid(`Local file \`${path}\`: wildcards are not supported`)
  if (!/\.ya?ml$/.test(path)) throw new Invalid(`Included file \`${path}\` does not have YAML extension!`)
  return path
}

const includesOf = (config: Mapping): readonly string[] => {
  const named = config.get('include') ?? []
  return (isList(named) ? named : [named]).map(checked)
}

const without = (config: Mapping): Mapping => new Map([...config].filter(([key]) => key !== 'include'))

const longestPath = 4096

/** Whether git could be asked for it at all: a path of a repository, no longer than one word of a command may be. */
const isPath = (path: string): boolean =>
  path.length <= longestPath &&
  !/[\0\n]/.test(path) &&
  path.split('/').every((part) => part !== '' && part !== '.' && part !== '..')

const readLocal = async (location: string, readFile: FileReader): Promise<string> => {
  const path = location.replace(/^\/+/, '')
  const raw = isPath(path) ? await readFile(path) : undefined
  if (raw === undefined) throw new Invalid(`Local file \`${location}\` does not exist!`)
  if (raw.trim() === '') throw new Invalid(`Local file \`${location}\` is empty!`)
  return raw
}

const parsed = (location: string, raw: string): Mapping => {
  try {
    return readYaml(raw)
  } catch (fault) {
    if (!(fault instanceof Invalid)) throw fault
    throw new Invalid(`Included file \`${location}\` does not have valid YAML syntax! ${fault.message}`)
  }
}

/** A configuration with the files that it includes, itself on top of them. Throws `Invalid`. */
export const readWithIncludes = async (
  text: string,
  readFile: FileReader,
): Promise<{ readonly config: Mapping; readonly includes: readonly Included[] }> => {
  const includes: Included[] = []
  let length = 0
  const count = (raw: string): void => {
    length += raw.length
    if (length > mostText) throw new Invalid('The configuration is too large')
  }

  const merge = async (config: Mapping, chain: readonly string[]): Promise<Mapping> => {
    let below: Mapping = new Map()
    for (const location of includesOf(config)) {
      const path = location.replace(/^\/+/, '')
      if (chain.includes(path)) throw new Invalid(`Include of \`${path}\` is part of a circular chain`)
      if (includes.length >= mostIncludes) throw new Invalid(`Maximum of ${mostIncludes} nested includes are allowed!`)
      const raw = await readLocal(location, readFile)
      count(raw)
      includes.push({ location, raw })
      below = deepMerge(below, await merge(parsed(location, raw), [...chain, path]))
    }
    return deepMerge(below, without(config))
  }

  count(text)
  return { config: await merge(readYaml(text), []), includes }
}
