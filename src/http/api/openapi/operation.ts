import { acceptedScopes } from '../authentication.ts'
import type { Route } from '../call.ts'
import { pageInput } from '../page-input.ts'
import type { Conversion, Said } from './conversion.ts'
import { allFields, bodySchema, type Fields, pathParameters, queryParameters, requestBody } from './parameters.ts'
import { refusalsOf } from './refusals.ts'
import { summaryOf } from './summary.ts'

const camel = (word: string): string =>
  word.split(/[^A-Za-z0-9]+/).reduce((name, part) => `${name}${part.charAt(0).toUpperCase()}${part.slice(1)}`, '')

/** As GitLab names them: `getApiV4ProjectsIdAccessTokens`. */
const operationId = ({ method, path }: Route): string => `${method.toLowerCase()}ApiV4${camel(path)}`

/** What a path is about: `members` in `/projects/:id/members/all`, if there are lists of that name; else its first word. */
export const tagOf = (path: string, lists: ReadonlySet<string>): string => {
  const [, first = '', ...others] = path.split('/')
  return others.find((word) => lists.has(word)) ?? first
}

/** The parameters that a route reads, however it is called. */
export const declaredInput = ({ input = [], paged }: Route) => (paged ? [...input, pageInput] : input)

const statusOf = ({ status, method, output }: Route): number => {
  if (status !== undefined) return status
  if (output === undefined) return 204
  return method === 'POST' ? 201 : 200
}

const pagingHeaders = Object.fromEntries(
  ['Link', 'X-Page', 'X-Per-Page', 'X-Next-Page', 'X-Prev-Page', 'X-Total', 'X-Total-Pages'].map((name) => [
    name,
    { $ref: `#/components/headers/${name}` },
  ]),
)

const answerOf = ({ output, paged, media = 'application/json' }: Route, outputs: Conversion): object => {
  if (output === undefined) return { description: 'Done.' }
  const said = outputs.said(output)
  const schema: Said = paged ? { type: 'array', items: said } : said
  return {
    description: paged ? 'One page.' : 'Done.',
    ...(paged && { headers: pagingHeaders }),
    content: { [media]: { schema } },
  }
}

const credentials = [{ privateToken: [] }, { bearer: [] }, { privateTokenParameter: [] }]

const fieldsOf = (route: Route, inputs: Conversion): Fields => allFields(declaredInput(route).map(inputs.said))

/** What the handler reads as it comes holds no parameters. */
const hasBody = ({ method, raw }: Route): boolean => method !== 'GET' && method !== 'DELETE' && !raw

const bodyName = (route: Route): string => `${camel(operationId(route))}Body`

/** What is sent in the bodies of a route, by the name under which its operation refers to it. */
export const namedBody = (route: Route, inputs: Conversion): readonly [string, object][] => {
  const schema = hasBody(route) ? bodySchema(fieldsOf(route, inputs)) : undefined
  return schema === undefined ? [] : [[bodyName(route), schema]]
}

const parametersOf = (route: Route, inputs: Conversion): object => {
  const fields = fieldsOf(route, inputs)
  const path = pathParameters(route.path)
  if (!hasBody(route)) return { parameters: [...path, ...queryParameters(fields)] }
  if (Object.keys(fields.properties).length === 0) return { parameters: path }
  return { parameters: path, requestBody: requestBody(bodyName(route), fields.required.length > 0) }
}

/** Runners show their own token, which is a parameter. */
const securityOf = ({ open, forRunners, jobToken }: Route): object[] => {
  if (forRunners) return [{}]
  return [...(open ? [{}] : []), ...credentials, ...(jobToken ? [{ jobToken: [] }] : [])]
}

/** One route as OpenAPI's Operation Object. */
export const operationOf = (route: Route, tag: string, inputs: Conversion, outputs: Conversion): object => ({
  operationId: operationId(route),
  tags: [tag],
  summary: summaryOf(route, tag),
  ...parametersOf(route, inputs),
  security: securityOf(route),
  // One of them is enough.
  'x-scopes': route.forRunners ? [] : acceptedScopes(route, route.method),
  responses: {
    [statusOf(route)]: answerOf(route, outputs),
    ...(route.orNothing && { 204: { description: 'Nothing now.' } }),
    ...refusalsOf(route),
  },
})
