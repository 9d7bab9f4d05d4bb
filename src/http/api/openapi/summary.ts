import type { Method, Route } from '../call.ts'

const verbs: Readonly<Record<Method, string>> = {
  GET: 'Show',
  POST: 'Create',
  PUT: 'Change',
  PATCH: 'Change',
  DELETE: 'Remove',
}

const places: Readonly<Record<string, string>> = {
  projects: ' of a project',
  groups: ' of a group',
  users: ' of a user',
  user: ' of the caller',
}

const isLiteral = (word: string): boolean => !/^[:*]/.test(word)

/** `access_tokens` → `access tokens`. */
const spoken = (word: string): string => word.replaceAll('_', ' ')

const singular = (noun: string): string => noun.replace(/(?<=ch|sh|ss)es$|(?<!s)s$/, '')

const capital = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`

/** `/projects/:id/…`: of what the rest speaks. */
const placeOf = (words: readonly string[], tag: string): string => (words[0] === tag ? '' : (places[words[0] ?? ''] ?? ''))

/** A deed is told by the last word of its path (`/:id/rotate`), unless that is a list in which something is made. */
const deedOf = ({ method }: Route, words: readonly string[], tag: string): string | undefined => {
  const [before = '', last = ''] = words.slice(-2)
  const isDeed = (method === 'POST' || method === 'PUT') && isLiteral(last) && last !== tag
  return isDeed && (before === 'self' || !isLiteral(before)) ? capital(spoken(last)) : undefined
}

/** One thing of a kind; what has no kind is told by all words of its path. */
const oneOf = (words: readonly string[], tag: string): string => {
  if (words.length > 1 && words.every(isLiteral) && !words.slice(1).includes(tag) && !words.includes('self')) {
    return words.map(spoken).join(' ')
  }
  return `${words.includes('self') ? 'own ' : ''}${singular(spoken(tag))}`
}

/** A few words for a route that has none of its own: `Rotate access token of a project`. */
export const summaryOf = (route: Route, tag: string): string => {
  if (route.summary !== undefined) return capital(route.summary)
  const words = route.path.split('/').filter((word) => word !== '')
  const thing = route.paged ? spoken(tag) : oneOf(words, tag)
  const verb = route.paged ? 'List' : (deedOf(route, words, tag) ?? verbs[route.method])
  return `${verb} ${thing}${placeOf(words, tag)}`
}
