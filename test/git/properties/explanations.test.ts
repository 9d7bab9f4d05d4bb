import { expect, test } from 'vitest'
import { type Given, settledBySight, unexplained } from './explanations.ts'

const history = (...times: readonly (readonly [number, number])[]): Given[] =>
  times.map(([begun, done], at) => ({ id: `v${at}`, begun, done }))

const histories = new Map([
  ['a', history([0, 0], [10, 12], [30, 32])],
  ['b', history([0, 0], [20, 22], [40, 42])],
])

const at = (begun: number, done: number, a: string, b: string) =>
  unexplained(histories, [['a', 'b']], { begun, done, refs: new Map(Object.entries({ a, b })) })

test.each([
  ['before all', 1, 2, 'v0', 'v0'],
  ['while the first is pushed, not yet', 11, 11, 'v0', 'v0'],
  ['while the first is pushed, already', 11, 11, 'v1', 'v0'],
  ['in the middle', 15, 16, 'v1', 'v0'],
  ['in a long window', 5, 50, 'v2', 'v1'],
  ['at the end', 50, 51, 'v2', 'v2'],
])('%s', (_what, begun, done, a, b) => {
  expect(at(begun, done, a, b)).toBe(undefined)
})

test.each([
  ['older than what was acknowledged', 13, 14, 'v0', 'v0'],
  ['newer than what was pushed', 1, 2, 'v1', 'v0'],
  ['nothing that it ever was', 1, 2, 'other', 'v0'],
  ['the later without the earlier', 5, 50, 'v0', 'v1'],
  ['the first two rounds ahead', 5, 50, 'v2', 'v0'],
])('%s is found', (_what, begun, done, a, b) => {
  expect(at(begun, done, a, b)).toBeDefined()
})

test('what was seen is not unseen, also where it was not acknowledged yet', () => {
  const early = { begun: 10, done: 11, refs: new Map([['a', 'v1']]) }
  const slow = new Map([['a', history([0, 0], [9, 90])]])
  const later = { begun: 12, done: 13, refs: new Map([['a', 'v0']]) }
  expect(unexplained(slow, [], later)).toBe(undefined)
  expect(unexplained(settledBySight(slow, [early]), [], later)).toBeDefined()
})
