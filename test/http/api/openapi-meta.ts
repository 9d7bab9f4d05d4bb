/** What the tests read of a description. */
export interface Operation {
  readonly operationId: string
  readonly summary: string
  readonly parameters: readonly { readonly name: string; readonly in: string }[]
}

export interface Document {
  readonly openapi: string
  readonly info: { readonly version: string }
  readonly servers: readonly { readonly url: string }[]
  readonly paths: Record<string, Record<string, Operation>>
  readonly components: { readonly schemas: Record<string, object> }
}

export const parametersOf = ({ parameters }: Operation) => parameters

const map = (of: object) => ({ type: 'object', additionalProperties: of })
const words = { type: 'string' }
const schema = { type: 'object' }

const closed = (required: readonly string[], properties: Record<string, object>) => ({
  type: 'object',
  required,
  properties,
  patternProperties: { '^x-': {} },
  additionalProperties: false,
})

const reference = closed(['$ref'], { $ref: { type: 'string', pattern: '^#/components/' } })
const media = closed(['schema'], { schema })
const header = { anyOf: [reference, closed(['schema'], { description: words, required: { type: 'boolean' }, schema })] }

const parameter = {
  allOf: [
    closed(['name', 'in', 'required', 'schema'], {
      name: { type: 'string', minLength: 1 },
      in: { enum: ['path', 'query', 'header', 'cookie'] },
      description: words,
      required: { type: 'boolean' },
      schema,
      style: { enum: ['form', 'simple'] },
      explode: { type: 'boolean' },
    }),
    { anyOf: [{ properties: { in: { not: { const: 'path' } } } }, { properties: { required: { const: true } } }] },
  ],
}

const response = {
  anyOf: [reference, closed(['description'], { description: words, headers: map(header), content: map(media) })],
}

const responses = {
  type: 'object',
  minProperties: 1,
  patternProperties: { '^[1-5](?:\\d\\d|XX)$': response },
  properties: { default: response },
  additionalProperties: false,
}

const operation = closed(['operationId', 'tags', 'responses'], {
  operationId: { type: 'string', pattern: '^[A-Za-z]\\w*$' },
  tags: { type: 'array', items: words, minItems: 1 },
  summary: words,
  description: words,
  parameters: { type: 'array', items: parameter },
  requestBody: closed(['content'], { description: words, required: { type: 'boolean' }, content: map(media) }),
  security: { type: 'array', items: map({ type: 'array', items: words }) },
  responses,
})

const securityScheme = {
  oneOf: [
    closed(['type', 'in', 'name'], {
      type: { const: 'apiKey' },
      in: { enum: ['query', 'header', 'cookie'] },
      name: words,
      description: words,
    }),
    closed(['type', 'scheme'], { type: { const: 'http' }, scheme: words, description: words }),
  ],
}

/** The shape of an OpenAPI 3.1 document, as far as ours goes (https://spec.openapis.org/oas/v3.1.0). */
export const metaSchema = closed(['openapi', 'info', 'paths'], {
  openapi: { type: 'string', pattern: '^3\\.1\\.\\d+$' },
  info: closed(['title', 'version'], { title: words, version: words, description: words }),
  servers: { type: 'array', items: closed(['url'], { url: { type: 'string', pattern: '^https?://' }, description: words }) },
  tags: { type: 'array', items: closed(['name'], { name: words, description: words }), uniqueItems: true },
  paths: {
    type: 'object',
    patternProperties: {
      '^/': closed([], { get: operation, put: operation, post: operation, delete: operation, patch: operation }),
    },
    additionalProperties: false,
  },
  components: closed([], {
    schemas: { type: 'object', patternProperties: { '^[\\w.-]+$': schema }, additionalProperties: false },
    responses: map(response),
    headers: map(header),
    securitySchemes: map(securityScheme),
  }),
})
