import { describe, expect, test } from 'vitest'
import { atLeast, atMost, isMet, ratio } from '../../bench/goal.ts'
import { figure, median, type Row, sideBySide } from '../../bench/measure.ts'
import { readOptions } from '../../bench/options.ts'
import { table } from '../../bench/table.ts'

const row = (unit: 'ms' | 'requests/s' | 'bytes', peer: number | undefined, sallyport: number): Row => ({
  work: 'work',
  against: 'a peer',
  peer: peer === undefined ? undefined : figure(unit, [peer]),
  sallyport: figure(unit, [sallyport]),
  goal: atLeast(2),
})

describe('figures', () => {
  test.each([
    [[3], 3],
    [[9, 1, 5], 5],
    [[4, 1, 2, 3], 2.5],
  ])('the median of %j is %d', (values, expected) => {
    expect(median(values)).toBe(expected)
  })

  test.each([
    ['ms', 100, 50, 2],
    ['bytes', 100, 50, 2],
    ['requests/s', 100, 50, 0.5],
  ] as const)('in %s, %d against %d is a ratio of %d', (unit, peer, sallyport, expected) => {
    expect(ratio(row(unit, peer, sallyport))).toBe(expected)
  })

  test('there is no ratio without a peer', () => {
    expect(ratio(row('ms', undefined, 50))).toBeUndefined()
  })

  test('both sides are measured in turn and the first run of each does not count', async () => {
    const order: string[] = []
    const contender = (name: string) => ({
      prepare: async (run: number) => order.push(`prepare ${name} ${run}`),
      measure: async (run: number) => order.push(`${name} ${run}`) && run * 10,
    })
    const { peer, sallyport } = await sideBySide('ms', 2, contender('peer'), contender('ours'))
    expect(order.filter((entry) => !entry.startsWith('prepare'))).toEqual([
      'peer 0',
      'ours 0',
      'peer 1',
      'ours 1',
      'peer 2',
      'ours 2',
    ])
    expect(order.slice(0, 2)).toEqual(['prepare peer 0', 'peer 0'])
    expect([peer?.values, sallyport.values]).toEqual([
      [10, 20],
      [10, 20],
    ])
  })
})

describe('goals', () => {
  test.each([
    [row('ms', 100, 50), true],
    [row('ms', 100, 51), false],
    [row('requests/s', 100, 199), false],
    [row('ms', undefined, 1), undefined],
    [{ ...row('bytes', undefined, 100), goal: atMost(100) }, true],
    [{ ...row('bytes', undefined, 101), goal: atMost(100) }, false],
    [{ ...row('ms', 1, 1), goal: undefined }, undefined],
  ])('%j is met: %j', (one, met) => {
    expect(isMet(one)).toBe(met)
  })
})

describe('the table', () => {
  test.each([
    [row('ms', 1_500, 75.04), '| work | a peer  | 1.5 s | 75 ms     | 20×   | ≥ 2× | yes |'],
    [row('requests/s', 600, 1_000), '| work | a peer  | 600/s | 1,000/s   | 1.67× | ≥ 2× | **no** |'],
    [row('bytes', undefined, 150 * 2 ** 20), '| work | a peer  |      | 150 MB    |       | ≥ 2× |     |'],
    [
      { ...row('bytes', undefined, 80_000), goal: atMost(100 * 2 ** 10) },
      '| work | a peer  |      | 78.1 KB   |       | ≤ 100 KB | yes |',
    ],
    [
      { ...row('ms', undefined, 0), sallyport: figure('ms', [1_900, 2_100, 1_000]) },
      '| work | a peer  |      | 1.9 s (1–2.1) |       | ≥ 2× |     |',
    ],
  ])('shows units, the spread, the ratio and whether the goal is met', (one, expected) => {
    expect(table([one]).split('\n').at(-1)).toBe(expected)
  })
})

describe('the command line', () => {
  test.each([
    [[], { huge: false, scale: false, write: false, only: undefined }],
    [['--write'], { huge: true, scale: true, write: true }],
    [['--only', 'memory'], { huge: true, scale: false, only: 'memory' }],
    [['--only', 'scale'], { huge: false, scale: true, only: 'scale' }],
    [['--quick', '--json'], { quick: true, json: true }],
  ])('%j', (given, expected) => {
    expect(readOptions(given, ['memory', 'scale'])).toMatchObject(expected)
  })

  test.each([[['--only', 'nothing']], [['--write', '--quick']], [['--write', '--only', 'memory']], [['--fast']]])(
    '%j is refused with the usage',
    (given) => {
      expect(() => readOptions(given, ['memory', 'scale'])).toThrow(/usage: npm run bench/)
    },
  )
})
