import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { mostInATurn, turnToHandOn } from '../../src/git/fetch-cache/turns.ts'

test('a thousand readers are given what fits into a turn, and then others have theirs', async () => {
  await turn()
  const order: number[] = []
  const all = Array.from({ length: 1_000 }, async (_, reader) => {
    await turnToHandOn()
    order.push(reader)
  })
  await Promise.resolve()
  const counts: number[] = []
  while (order.length < all.length) {
    counts.push(order.length)
    await turn()
  }
  expect(counts[0]).toBe(mostInATurn)
  expect(counts.every((count, at) => at === 0 || count - (counts[at - 1] ?? 0) <= mostInATurn)).toBe(true)
  expect(order).toEqual(all.map((_, reader) => reader))
})
