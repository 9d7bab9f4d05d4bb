import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Condition } from '../../../src/git/maintenance/condition.ts'
import { type Counted, growthOf, planFor } from '../../../src/git/maintenance/plan.ts'
import { noState, parseState, type State } from '../../../src/git/maintenance/state-file.ts'
import { days } from './repository.ts'

const now = days(1000)

const pack = (name: string, changes: Partial<Counted> = {}): Counted => ({
  name,
  bytes: 2 ** 20,
  touchedAt: 0,
  isKept: false,
  isCruft: false,
  objects: 1,
  ...changes,
})

const packs = (count: number, bytes = 2 ** 20) => Array.from({ length: count }, (_, at) => pack(`pack-${at}`, { bytes }))
const names = (count: number) => packs(count).map(({ name }) => name)
const condition = (changes: Partial<Condition>): Condition => ({
  packs: [],
  indexed: [],
  looseObjects: 0,
  looseRefs: 0,
  packedRefs: 0,
  ...changes,
})
const since = (wholeAgo: number): State => ({ wholeAt: now - wholeAgo, retirement: undefined })

test.each<[string, Partial<Condition>, State, ReturnType<typeof planFor>]>([
  ['nothing in it', {}, noState, undefined],
  ['a few loose objects', { looseObjects: 1024 }, noState, undefined],
  ['its first pack', { packs: packs(1) }, noState, 'whole'],
  ['many loose objects and no pack yet', { looseObjects: 1280 }, noState, 'whole'],
  ['what was packed yesterday', { packs: packs(1), indexed: names(1) }, since(days(1)), undefined],
  ['two new packs', { packs: packs(3), indexed: names(1) }, since(days(1)), undefined],
  ['three new packs', { packs: packs(4), indexed: names(1) }, since(days(1)), 'growth'],
  ['three new packs, and 512 MiB', { packs: packs(4, 2 ** 27), indexed: names(1) }, since(days(1)), undefined],
  ['eleven new packs, and 512 MiB', { packs: packs(12, 2 ** 29 / 12), indexed: names(1) }, since(days(1)), 'growth'],
  ['many new loose objects', { packs: packs(1), indexed: names(1), looseObjects: 1280 }, since(days(1)), 'growth'],
  ['one pack, a week later', { packs: packs(1), indexed: names(1) }, since(days(7)), undefined],
  ['two packs, a week later', { packs: packs(2), indexed: names(2) }, since(days(7)), 'whole'],
  [
    'what nothing leads to, a week later',
    { packs: [pack('pack-0'), pack('pack-1', { isCruft: true })], indexed: names(2) },
    since(days(7)),
    'whole',
  ],
  ['17 loose refs', { looseRefs: 17 }, noState, 'refs'],
  ['17 loose refs beside 100 kB of packed ones', { looseRefs: 17, packedRefs: 100_000 }, noState, undefined],
  ['50 of them', { looseRefs: 50, packedRefs: 100_000 }, noState, 'refs'],
])('a repository with %s', (_, changes, state, plan) => {
  expect(planFor(condition(changes), state, now)).toBe(plan)
})

const counted = (objects: readonly number[]) => objects.map((count, at) => pack(`pack-${at}`, { objects: count }))

test.each<[number[], number[]]>([
  [[], []],
  [[5], []],
  [[100, 50, 20], []],
  [
    [100, 60, 1],
    [1, 60, 100],
  ],
  [
    [1000, 10, 9, 8],
    [8, 9, 10],
  ],
  [
    [1000, 20, 10, 9, 8],
    [8, 9, 10, 20],
  ],
])('of packs with %j objects these are put together: %j', (all, together) => {
  expect(growthOf(counted(all)).map(({ objects }) => objects)).toEqual(together)
})

test('what stays has at least twice the objects of all that is smaller', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 1_000_000 }), { maxLength: 30 }), (all) => {
      const together = growthOf(counted(all))
      const sum = together.reduce((total, { objects }) => total + objects, 0)
      const left = counted(all).filter(({ name }) => !together.some((one) => one.name === name))
      const after = [...(sum > 0 ? [sum] : []), ...left.map(({ objects }) => objects)].sort((one, other) => one - other)
      for (const [at, objects] of after.entries()) if (at > 0) expect(objects).toBeGreaterThanOrEqual(2 * (after[at - 1] ?? 0))
    }),
  )
})

test('a state that cannot be read is none, and names nothing but packs', () => {
  const name = `pack-${'0'.repeat(40)}`
  const retirement = { since: 1, packs: [{ name, touchedAt: 2 }], whole: true, expireBefore: 3 }
  expect(parseState(JSON.stringify({ wholeAt: 5, retirement }))).toEqual({ wholeAt: 5, retirement })
  for (const wrong of ['../../HEAD', 'pack-x', 7]) {
    const told = { ...retirement, packs: [{ name: wrong, touchedAt: 2 }] }
    expect(parseState(JSON.stringify({ retirement: told })).retirement).toBeUndefined()
  }
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      expect(parseState(text)).toHaveProperty('retirement')
    }),
  )
})
