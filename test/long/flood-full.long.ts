import { afterAll, beforeAll, expect, test } from 'vitest'
import { Stand } from './flood/stand.ts'

let stand: Stand
beforeAll(async () => {
  stand = await Stand.open({ flags: ['--connections', '300'] })
})
afterAll(() => stand?.[Symbol.asyncDispose]())

test('more idle connections than there is room for: they give way to those who work', async () => {
  const { idleHttp } = await stand.flood([['idleHttp', 1_500]], { memory: 150, gits: 8 })
  expect(idleHttp?.['closed']).toBeGreaterThan(0)
})
