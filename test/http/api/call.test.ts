import { Readable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { Call, type RouteOptions } from '../../../src/http/api/call.ts'
import { filledText } from '../../../src/http/api/input.ts'
import { pageInput } from '../../../src/http/api/page-input.ts'
import { type ApiServer, startApi, today } from './api-server.ts'

let api: ApiServer

beforeAll(async () => {
  api = await startApi()
})

afterAll(() => api.close())

const input = z.object({ name: filledText() })

const callOf = (route: Pick<RouteOptions, 'input' | 'paged'>): Call =>
  new Call(api.parts, { kind: 'anonymous' }, route, {
    method: 'GET',
    path: {},
    parameters: { name: 'gate', page: '2' },
    url: '/api/v4/things',
    address: '192.0.2.1',
    now: today,
    unmodifiedSince: undefined,
    hookEvent: undefined,
    headers: {},
    takeBody: () => Readable.from([]),
    signal: new AbortController().signal,
    again: async () => ({ kind: 'anonymous' }),
  })

describe('a call reads', () => {
  it('what its route declares', () => {
    expect(callOf({ input: [input] }).read(input)).toEqual({ name: 'gate' })
    expect(callOf({ paged: true }).read(pageInput)).toEqual({ page: 2 })
  })

  it.each([
    ['nothing is declared', {}, input],
    ['another schema of the same form is declared', { input: [z.object({ name: filledText() })] }, input],
    ['pages are not declared', { input: [input] }, pageInput],
  ])('nothing else: %s', (_what, route, schema) => {
    expect(() => callOf(route).read<unknown>(schema)).toThrow('does not declare')
  })
})
