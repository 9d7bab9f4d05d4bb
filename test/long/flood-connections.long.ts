import { afterAll, beforeAll, expect, test } from 'vitest'
import { Stand } from './flood/stand.ts'

let stand: Stand
beforeAll(async () => {
  stand = await Stand.open()
})
afterAll(() => stand?.[Symbol.asyncDispose]())

test('2,000 idle connections at each door', async () => {
  await stand.flood(
    [
      ['idleHttp', 2_000],
      ['silentSsh', 2_000],
    ],
    { memory: 250, gits: 8 },
  )
})

test('slow heads, slow bodies and slow readers', async () => {
  await stand.flood(
    [
      ['slowHeads', 500],
      ['slowBodies', 500],
      ['slowApiBodies', 500],
      ['slowReaders', 500],
    ],
    { memory: 300, gits: 16 },
  )
})

test('headers that are too large', async () => {
  const { hugeHeaders } = await stand.flood([['hugeHeaders', 200]], { memory: 150, gits: 8 })
  expect(hugeHeaders?.['431']).toBeGreaterThan(0)
})
