import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { routes } from '../../src/http/api/app.ts'
import type { Route } from '../../src/http/api/call.ts'
import { describeRoutes, templateOf } from '../../src/http/api/openapi/document.ts'

/** An answer as it came over the wire. */
export interface Heard {
  readonly method: string
  /** Below `/api/v4`, as it was asked for. */
  readonly path: string
  readonly status: number
  readonly body: unknown
}

type Json = Record<string, unknown>

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)

/** What a schema does not name, an answer may not hold; the published one leaves room for later releases. */
const closed = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(closed)
  if (!isObject(value)) return value
  const inner = Object.fromEntries(Object.entries(value).map(([name, part]) => [name, closed(part)]))
  return isObject(value['properties']) && !('additionalProperties' in value) ? { additionalProperties: false, ...inner } : inner
}

const pointer = (...words: readonly string[]): string =>
  words.map((word) => `/${encodeURIComponent(word.replaceAll('~', '~0').replaceAll('/', '~1'))}`).join('')

let known: { document: Json; ajv: Ajv2020 } | undefined

const read = () => {
  if (known !== undefined) return known
  const document = closed(describeRoutes(routes)) as Json
  const ajv = new Ajv2020({ strict: false, validateSchema: false, allErrors: true })
  addFormats.default(ajv)
  ajv.addSchema(document, 'api')
  known = { document, ajv }
  return known
}

const compiled = new Map<string, ValidateFunction>()

const validatorAt = (place: string): ValidateFunction => {
  const found = compiled.get(place) ?? read().ajv.compile({ $ref: `api#${place}` })
  compiled.set(place, found)
  return found
}

const patterns = routes.map((route) => ({
  route,
  pattern: new RegExp(`^${route.path.replaceAll('.', '\\.').replaceAll(/:\w+/g, '[^/]+').replaceAll(/\*\w+/g, '.+')}/?$`),
}))

const routeOf = ({ method, path }: Heard): Route | undefined => {
  const bare = path.split('?', 1)[0] ?? ''
  const asked = method === 'HEAD' ? 'GET' : method
  return patterns.find(({ route, pattern }) => route.method === asked && pattern.test(bare))?.route
}

const at = (value: unknown, word: string): unknown => (isObject(value) ? value[word] : undefined)

const valueAt = (place: string): unknown =>
  place
    .split('/')
    .slice(1)
    .map((word) => decodeURIComponent(word).replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce<unknown>(at, read().document)

/** Follows a reference within the document. */
const resolved = (place: string): string => {
  const reference = at(valueAt(place), '$ref')
  return typeof reference === 'string' ? reference.slice(1) : place
}

/** Where a body of this status is described, and as what; undefined where none is. */
const contentOf = (place: string): string | undefined => {
  const content = at(valueAt(place), 'content')
  const [media] = isObject(content) ? Object.keys(content) : []
  return media === undefined ? undefined : `${place}${pointer('content', media, 'schema')}`
}

interface Described {
  /** The status itself, and not only what other refusals look like. */
  readonly known: boolean
  readonly content: string | undefined
}

const look = (route: Route, status: number): Described => {
  const responses = pointer('paths', templateOf(route.path), route.method.toLowerCase(), 'responses')
  const known = at(valueAt(responses), String(status)) !== undefined
  return { known, content: contentOf(resolved(`${responses}/${known ? status : 'default'}`)) }
}

const described = new Map<string, Described>()

/** What the document says of an answer, looked up once. */
const describedOf = (route: Route, status: number): Described => {
  const name = `${status} ${route.method} ${route.path}`
  const found = described.get(name) ?? look(route, status)
  described.set(name, found)
  return found
}

const problemOf = ({ method, status, body }: Heard, route: Route): string | undefined => {
  const { known, content } = describedOf(route, status)
  if (!known && status < 300) return 'this status is not described'
  if (method === 'HEAD') return undefined
  if (content === undefined) return body === undefined ? undefined : 'a body came where none is described'
  if (body === undefined) return 'the described body is missing'
  const validate = validatorAt(content)
  return validate(body) ? undefined : JSON.stringify(validate.errors?.slice(0, 5))
}

/** Throws where an answer is not as `/openapi.json` says. What no route answers is not described. */
export const holdToDescription = (heard: Heard): void => {
  const route = routeOf(heard)
  if (route === undefined) return
  const problem = problemOf(heard, route)
  if (problem === undefined) return
  throw new Error(`${heard.method} ${heard.path} (${route.path}) answered ${heard.status}, not as described: ${problem}`)
}
