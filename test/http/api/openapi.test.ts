import { Ajv2020 } from 'ajv/dist/2020.js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { routes } from '../../../src/http/api/app.ts'
import { route } from '../../../src/http/api/call.ts'
import {
  day,
  filledText,
  flag,
  list,
  moment,
  objects,
  oneNumberOf,
  oneOf,
  optional,
  optionalText,
  text,
  whole,
} from '../../../src/http/api/input.ts'
import { describeRoutes, templateOf } from '../../../src/http/api/openapi/document.ts'
import { type Heard, holdToDescription } from '../../support/described.ts'
import { type ApiServer, startApi } from './api-server.ts'
import { type Document, metaSchema, type Operation, parametersOf } from './openapi-meta.ts'

let api: ApiServer
let document: Document

beforeAll(async () => {
  api = await startApi()
  document = (await api.ask<Document>('GET', '/openapi.json')).body
})

afterAll(() => api.close())

const operations = (): [string, string, Operation][] =>
  Object.entries(document.paths).flatMap(([path, of]) =>
    Object.entries(of).map(([method, operation]): [string, string, Operation] => [method, path, operation]),
  )

/** All values of `$ref`, wherever they stand. */
const references = (value: unknown): string[] => {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, part]) =>
    name === '$ref' && typeof part === 'string' ? [part] : references(part),
  )
}

describe('GET /openapi.json', () => {
  it('is of this server, for anyone', () => {
    expect(document.openapi).toBe('3.1.0')
    expect(document.info.version).toBe('0.1.0')
    expect(document.servers).toEqual([{ url: 'https://git.example.org/api/v4' }])
  })

  it('is well-formed OpenAPI 3.1', () => {
    const validate = new Ajv2020({ strict: false, allErrors: true }).compile(metaSchema)
    expect(validate(document) || validate.errors).toBe(true)
  })

  it('holds only JSON Schemas', () => {
    const ajv = new Ajv2020({ strict: false })
    const wrong = Object.entries(document.components.schemas).filter(([, schema]) => ajv.validateSchema(schema) !== true)
    expect(wrong).toEqual([])
  })

  it('has every route, and no other', () => {
    const described = operations().map(([method, path]) => `${method} ${path}`)
    expect(described.sort()).toEqual(routes.map(({ method, path }) => `${method.toLowerCase()} ${templateOf(path)}`).sort())
  })

  it('refers to nothing that is not in it', () => {
    const dangling = [...new Set(references(document))].filter((reference) => {
      const [, ...words] = reference.split('/')
      return words.reduce<unknown>((value, word) => Object(value)[word], document) === undefined
    })
    expect(dangling).toEqual([])
  })

  it('names each operation once, with a summary', () => {
    const ids = operations().map(([, , { operationId }]) => operationId)
    expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([])
    expect(operations().filter(([, , { summary }]) => !/^[A-Z][^{}:_]+$/.test(summary))).toEqual([])
  })

  it('has each word of a path as a parameter, and no parameter twice', () => {
    for (const [method, path, operation] of operations()) {
      const words = [...path.matchAll(/\{(\w+)\}/g)].map(([, word]) => word)
      const inPath = parametersOf(operation).filter((parameter) => parameter.in === 'path')
      expect([method, path, inPath.map(({ name }) => name)]).toEqual([method, path, words])
      const all = parametersOf(operation).map((parameter) => `${parameter.in} ${parameter.name}`)
      expect([method, path, new Set(all).size]).toEqual([method, path, all.length])
    }
  })

  it('keeps marks of our own to itself', () => {
    expect(JSON.stringify(document)).not.toContain('x-comma-list')
  })
})

describe('every route', () => {
  it('says what it answers, unless it is nothing', () => {
    const silent = routes.filter(({ method, output, status }) => output === undefined && method !== 'DELETE' && status !== 204)
    expect(silent.map(({ method, path }) => `${method} ${path}`)).toEqual([])
  })

  it('pages only what it answers', () => {
    expect(routes.filter(({ paged, output, method }) => paged && (output === undefined || method !== 'GET'))).toEqual([])
  })
})

describe('how a parameter is described', () => {
  const cases: [string, z.ZodType, object, boolean][] = [
    ['text', text(), { type: 'string', maxLength: 255 }, true],
    ['longer text', text(500), { type: 'string', maxLength: 500 }, true],
    ['text that is not blank', filledText(), { type: 'string', maxLength: 255, minLength: 1 }, true],
    ['text that may be left out', optional(text()), { type: 'string', maxLength: 255 }, false],
    ['text that may be empty or left out', optionalText(), { type: 'string', maxLength: 255 }, false],
    ['a whole number', whole(), { type: 'integer' }, true],
    ['a flag', optional(flag()), { type: 'boolean' }, false],
    ['one of some words', oneOf(['a', 'b']), { type: 'string', enum: ['a', 'b'] }, true],
    ['one of some numbers', oneNumberOf([0, 30]), { type: 'integer', enum: [0, 30] }, true],
    ['one number', oneNumberOf([30]), { type: 'integer', const: 30 }, true],
    ['a day', optional(day()), { type: 'string', format: 'date' }, false],
    ['a moment', moment(), { type: 'string', format: 'date-time' }, true],
  ]

  it.each(cases)('%s', (_what, schema, said, required) => {
    const input = z.object({ it: schema })
    const { paths, components } = describeRoutes([
      route('GET', '/things', { input: [input], handler: async () => ({ status: 204 }) }),
      route('POST', '/things', { input: [input], handler: async () => ({ status: 204 }) }),
    ])
    const { get, post } = paths['/things'] ?? {}
    expect(get).toMatchObject({ parameters: [{ name: 'it', in: 'query', required, schema: said }] })
    const body = { schema: { $ref: '#/components/schemas/PostApiV4ThingsBody' } }
    expect(post).toMatchObject({ requestBody: { required, content: { 'application/json': body, 'multipart/form-data': body } } })
    const named = { type: 'object', properties: { it: said }, ...(required && { required: ['it'] }) }
    expect(components).toMatchObject({ schemas: { PostApiV4ThingsBody: named } })
  })

  it('lists', () => {
    const input = z.object({ some: list(whole()), others: optional(objects(oneOf(['a']), 3)) })
    const described = describeRoutes([route('GET', '/things', { input: [input], handler: async () => ({ status: 204 }) })])
    const array = { type: 'array', items: { type: 'integer' }, maxItems: 100 }
    expect(described.paths['/things']?.['get']).toMatchObject({
      parameters: [
        { name: 'some', required: true, schema: array, style: 'form', explode: false },
        { name: 'others[]', required: false, schema: { type: 'array', maxItems: 3 }, style: 'form', explode: true },
      ],
    })
  })
})

describe('an answer that is not as described is found', () => {
  const version = { version: '18.5.0', revision: '1' }
  const good: Heard = { method: 'GET', path: '/version?x=1', status: 200, body: version }
  const wrong: [string, Partial<Heard>][] = [
    ['a key too many', { body: { ...version, more: 1 } }],
    ['a key that is missing', { body: { version: '18.5.0' } }],
    ['another type', { body: { ...version, revision: 1 } }],
    ['another status', { status: 201 }],
    ['no body', { body: undefined }],
    ['a refusal of another form', { status: 404, body: { reason: 'none' } }],
    ['a body where none belongs', { method: 'DELETE', path: '/projects/1/deploy_keys/1', status: 204, body: {} }],
    ['an item of a list', { path: '/namespaces', body: [{}] }],
    ['no list', { path: '/namespaces', body: {} }],
    ['a moment that is none', { path: '/projects/1/deploy_keys/1', body: { created_at: 'today' } }],
  ]

  it('and a good one is not', () => {
    expect(() => holdToDescription(good)).not.toThrow()
    expect(() => holdToDescription({ ...good, method: 'HEAD', body: undefined })).not.toThrow()
    expect(() => holdToDescription({ ...good, status: 404, body: { message: '404 Not Found' } })).not.toThrow()
    expect(() => holdToDescription({ ...good, path: '/nowhere', body: 1 })).not.toThrow()
  })

  it.each(wrong)('%s', (_what, changed) => {
    expect(() => holdToDescription({ ...good, ...changed })).toThrow('not as described')
  })
})
