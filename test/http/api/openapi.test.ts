import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { routes } from '../../../src/http/api/app.ts'
import { templateOf } from '../../../src/http/api/openapi/document.ts'
import { type ApiServer, startApi } from './api-server.ts'

interface Operation {
  readonly operationId: string
  readonly responses: Record<string, unknown>
}

interface Document {
  readonly openapi: string
  readonly info: { readonly version: string }
  readonly servers: readonly { readonly url: string }[]
  readonly paths: Record<string, Record<string, Operation>>
}

let api: ApiServer
let document: Document

beforeAll(async () => {
  api = await startApi()
  document = (await api.ask<Document>('GET', '/openapi.json')).body
})

afterAll(() => api.close())

describe('GET /openapi.json', () => {
  it('is OpenAPI 3.1 of this server, for anyone', () => {
    expect(document.openapi).toBe('3.1.0')
    expect(document.info.version).toBe('0.1.0')
    expect(document.servers).toEqual([{ url: 'https://git.example.org/api/v4' }])
  })

  it('has every route, and no other', () => {
    const described = Object.entries(document.paths).flatMap(([path, of]) => Object.keys(of).map((method) => `${method} ${path}`))
    expect(described.sort()).toEqual(routes.map(({ method, path }) => `${method.toLowerCase()} ${templateOf(path)}`).sort())
  })
})
