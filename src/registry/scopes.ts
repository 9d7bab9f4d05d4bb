/** What a client asks of one thing: `repository:castle/app:pull,push`. */
export interface AskedScope {
  readonly type: string
  /** Of the resource: `repository(plugin)`. */
  readonly class: string | undefined
  readonly name: string
  /** In the order in which they were asked, each once. */
  readonly actions: readonly string[]
}

/** More than any client asks for at once, and few enough to be looked at. */
export const mostScopes = 100

/** In characters: the longest name of a repository, and room for the rest. */
export const longestScope = 512

export type ScopeProblem = 'registry_scopes_too_many' | 'registry_scope_too_long'

const typeForm = /^([a-z0-9]{1,32})(?:\(([a-z0-9]{1,32})\))?$/

/**
 * One scope (distribution's documentation, "Token Scope Documentation"); undefined for what is none. A name may hold a
 * colon itself: the type ends at the first one, the actions begin after the last.
 */
export const readScope = (text: string): AskedScope | undefined => {
  const [first, last] = [text.indexOf(':'), text.lastIndexOf(':')]
  if (first === last) return undefined
  const [, type, classOf] = typeForm.exec(text.slice(0, first)) ?? []
  const name = text.slice(first + 1, last)
  const actions = new Set(
    text
      .slice(last + 1)
      .split(',')
      .filter((action) => action !== ''),
  )
  if (type === undefined || name === '' || actions.size === 0) return undefined
  return { type, class: classOf, name, actions: [...actions] }
}

const keyOf = (scope: AskedScope): string => `${scope.type}(${scope.class ?? ''}):${scope.name}`

const merged = (one: AskedScope, other: AskedScope): AskedScope => ({
  ...one,
  actions: [...new Set([...one.actions, ...other.actions])],
})

/**
 * All that is asked, each thing once. Clients repeat the parameter, write several scopes into one, and ask for the same
 * twice. What is no scope is left out, as GitLab does.
 * @param values of the parameter `scope`
 */
export const readScopes = (values: readonly string[]): readonly AskedScope[] | ScopeProblem => {
  const texts = values.flatMap((value) => value.split(/\s+/)).filter((text) => text !== '')
  if (texts.length > mostScopes) return 'registry_scopes_too_many'
  if (texts.some((text) => text.length > longestScope)) return 'registry_scope_too_long'
  const asked = new Map<string, AskedScope>()
  for (const scope of texts.map(readScope)) {
    if (scope === undefined) continue
    const before = asked.get(keyOf(scope))
    asked.set(keyOf(scope), before === undefined ? scope : merged(before, scope))
  }
  return [...asked.values()]
}

/** A path of a repository as registries take it (distribution `reference`, `path-component`), which has no `*` in it. */
const component = /^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*$/

/** What GitLab takes (`ContainerRegistry::Path`, `valid?`): names as deep as groups may be. */
const deepest = 19

/** Parts of a path below a project's own that may name a repository. */
const mostBelow = 2

/**
 * The paths on which the project of a repository may stand, the longest first: the name itself, or up to two parts less.
 * None for what names no repository.
 */
export const projectPaths = (name: string): readonly string[] => {
  const parts = name.split('/')
  if (name.length > 255 || parts.length < 2 || parts.length > deepest || !parts.every((part) => component.test(part))) return []
  const shortest = Math.max(2, parts.length - mostBelow)
  return Array.from({ length: parts.length - shortest + 1 }, (_, less) => parts.slice(0, parts.length - less).join('/'))
}
