import type { Route } from '../call.ts'
import { convert } from './conversion.ts'
import { declaredInput, namedBody, operationOf, tagOf } from './operation.ts'
import { refusalResponses, refusalSchemas } from './refusals.ts'

const headerOf = (description: string, type: 'integer' | 'string') => ({ description, schema: { type } })

/** X-Total and X-Total-Pages are left out beyond 10,000 rows. */
const headers = {
  Link: headerOf('The pages beside this one (RFC 8288).', 'string'),
  'X-Page': headerOf('This page, from 1.', 'integer'),
  'X-Per-Page': headerOf('Items a page.', 'integer'),
  'X-Next-Page': headerOf('The page after this one; empty on the last.', 'string'),
  'X-Prev-Page': headerOf('The page before this one; empty on the first.', 'string'),
  'X-Total': headerOf('Items in all; absent beyond 10,000.', 'integer'),
  'X-Total-Pages': headerOf('Pages in all; absent beyond 10,000 items.', 'integer'),
}

const securitySchemes = {
  privateToken: { type: 'apiKey', in: 'header', name: 'PRIVATE-TOKEN' },
  bearer: { type: 'http', scheme: 'bearer' },
  jobToken: { type: 'apiKey', in: 'header', name: 'JOB-TOKEN' },
  privateTokenParameter: { type: 'apiKey', in: 'query', name: 'private_token' },
}

/** `:id` → `{id}`. */
export const templateOf = (path: string): string => path.replaceAll(/[:*](\w+)/g, '{$1}')

export interface Description {
  readonly tags: readonly object[]
  readonly paths: Readonly<Record<string, Readonly<Record<string, object>>>>
  readonly components: object
}

/** All routes in OpenAPI 3.1, made from the schemas that they declare. Takes some time: call it once. */
export const describeRoutes = (routes: readonly Route[]): Description => {
  const inputs = convert(routes.flatMap(declaredInput), 'input')
  const outputs = convert(
    routes.flatMap(({ output }) => output ?? []),
    'output',
  )
  const lists = new Set(routes.filter(({ paged }) => paged).map(({ path }) => path.split('/').at(-1) ?? ''))
  const operation = (route: Route) => operationOf(route, tagOf(route.path, lists), inputs, outputs)
  const paths = [...Map.groupBy(routes, ({ path }) => templateOf(path))].map(([path, of]) => [
    path,
    Object.fromEntries(of.map((route) => [route.method.toLowerCase(), operation(route)])),
  ])
  const bodies = Object.fromEntries(routes.flatMap((route) => namedBody(route, inputs)))
  const tags = [...new Set(routes.map(({ path }) => tagOf(path, lists)))].sort()
  return {
    tags: tags.map((name) => ({ name })),
    paths: Object.fromEntries(paths),
    components: {
      schemas: { ...inputs.named, ...outputs.named, ...bodies, ...refusalSchemas },
      responses: refusalResponses,
      headers,
      securitySchemes,
    },
  }
}
