import { commaList } from '../input.ts'
import type { Said } from './conversion.ts'

/** A parameter of the path, the query or a header (OpenAPI 3.1, Parameter Object). */
export interface SaidParameter {
  readonly name: string
  readonly in: 'path' | 'query' | 'header'
  readonly required: boolean
  readonly description?: string
  readonly schema: object
  readonly style?: 'form'
  readonly explode?: boolean
}

export interface Fields {
  readonly properties: Readonly<Record<string, Said>>
  readonly required: readonly string[]
}

const none: Fields = { properties: {}, required: [] }

const joined = (all: readonly Fields[]): Fields => ({
  properties: Object.assign({}, ...all.map(({ properties }) => properties)),
  required: [...new Set(all.flatMap(({ required }) => required))],
})

const objects = (schemas: readonly unknown[] = []): Fields[] => schemas.map((schema) => fieldsOf(schema as Said))

/** All parameters that an object, or any of several objects, names. */
const fieldsOf = ({ properties, required = [], allOf, anyOf, oneOf }: Said): Fields => {
  const either = objects([...(anyOf ?? []), ...(oneOf ?? [])]).map((fields) => ({ ...fields, required: [] }))
  return joined([{ properties: (properties ?? {}) as Fields['properties'], required }, ...objects(allOf), ...either])
}

export const allFields = (schemas: readonly Said[]): Fields => joined([none, ...schemas.map(fieldsOf)])

/** The schema without our own mark on it, and whether it had it. */
const unmarked = (schema: Said): { schema: Said; commas: boolean } => {
  const { [commaList]: mark, ...rest } = schema
  return { schema: rest, commas: mark === true }
}

/** Lists are sent as `name=a,b` where they may be, else as `name[]=a&name[]=b`. */
const queryParameter = (name: string, said: Said, required: boolean): SaidParameter => {
  const { schema, commas } = unmarked(said)
  const base = { in: 'query', required, schema } as const
  if (schema.type !== 'array') return { name, ...base }
  return commas ? { name, ...base, style: 'form', explode: false } : { name: `${name}[]`, ...base, style: 'form', explode: true }
}

export const queryParameters = ({ properties, required }: Fields): SaidParameter[] =>
  Object.entries(properties).map(([name, said]) => queryParameter(name, said, required.includes(name)))

const bodyProperty = (said: Said): Said => {
  const { schema, commas } = unmarked(said)
  return commas ? { ...schema, description: 'Also as one text, its items parted by commas.' } : schema
}

/** The same as one object; undefined where nothing is read. */
export const bodySchema = ({ properties, required }: Fields): object | undefined => {
  const entries = Object.entries(properties).map(([name, said]) => [name, bodyProperty(said)] as const)
  if (entries.length === 0) return undefined
  return { type: 'object', properties: Object.fromEntries(entries), ...(required.length > 0 && { required }) }
}

/** A body of a schema that is told elsewhere, in each form that is taken. */
export const requestBody = (name: string, required: boolean): object => {
  const content = { schema: { $ref: `#/components/schemas/${name}` } }
  const types = ['application/json', 'application/x-www-form-urlencoded', 'multipart/form-data']
  return { required, content: Object.fromEntries(types.map((type) => [type, content])) }
}

const pathTexts: Readonly<Record<string, string>> = {
  '/projects/:id': 'Number of the project, or its path with `/` as `%2F`.',
  '/groups/:id': 'Number of the group, or its path with `/` as `%2F`.',
  '/namespaces/:id': 'Number of the namespace, or its path with `/` as `%2F`.',
}

const isNumbered = (name: string): boolean => name === 'id' || name.endsWith('_id')

/** The `:words` of a path. */
export const pathParameters = (path: string): SaidParameter[] =>
  [...path.matchAll(/[:*](\w+)/g)].map(([, name = ''], index) => {
    const text = index === 0 ? pathTexts[path.split('/').slice(0, 3).join('/')] : undefined
    return {
      name,
      in: 'path',
      required: true,
      ...(text !== undefined && { description: text }),
      schema: { type: isNumbered(name) ? ['integer', 'string'] : 'string' },
    }
  })
