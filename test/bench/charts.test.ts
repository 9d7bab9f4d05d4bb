import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { lineChart } from '../../bench/charts/line-chart.ts'
import { ratioChart } from '../../bench/charts/ratio-chart.ts'
import { linearScale, logarithmicScale, spreadOut } from '../../bench/charts/scale.ts'
import { element, text } from '../../bench/charts/svg.ts'
import type { Curve } from '../../bench/curve.ts'
import { putInto } from '../../bench/document.ts'
import { atLeast } from '../../bench/goal.ts'
import { figure, type Row } from '../../bench/measure.ts'
import { curveTable } from '../../bench/table.ts'

const positive = fc.double({ min: 1e-3, max: 1e9, noNaN: true })

describe('scales', () => {
  test('a linear one begins at nothing and ends at a round number above the largest value', () => {
    expect(linearScale(8_700, 0, 100)).toMatchObject({ ticks: [0, 2_000, 4_000, 6_000, 8_000, 10_000] })
    expect(linearScale(10_000, 0, 100).at(5_000)).toBe(50)
  })

  test('a logarithmic one goes from power to power of ten', () => {
    const scale = logarithmicScale([3, 5_000, 0], 0, 400)
    expect(scale.ticks).toEqual([1, 10, 100, 1_000, 10_000])
    expect(scale.at(100)).toBeCloseTo(200)
    expect(scale.at(0)).toBe(0)
  })

  test('every value lies within the field, whatever the values are', () => {
    fc.assert(
      fc.property(fc.array(positive, { minLength: 1 }), (values) => {
        for (const scale of [linearScale(Math.max(...values), 0, 100), logarithmicScale(values, 0, 100)]) {
          for (const value of values) {
            expect(scale.at(value)).toBeGreaterThanOrEqual(-1e-3)
            expect(scale.at(value)).toBeLessThanOrEqual(100.001)
          }
          expect(scale.ticks.length).toBeLessThan(20)
        }
      }),
    )
  })

  test('labels are moved apart and keep their order', () => {
    expect(spreadOut([50, 10, 12, 11], 5)).toEqual([50, 10, 20, 15])
  })
})

describe('pictures', () => {
  test('what is written into them cannot end an element or an attribute', () => {
    expect(text(1, 2, '<b> & "c"')).toBe('<text x="1" y="2">&lt;b&gt; &amp; &quot;c&quot;</text>')
    expect(element('line', { class: '"><script>' })).toBe('<line class="&quot;&gt;&lt;script&gt;"/>')
  })

  const points = (...values: number[]) =>
    values.map((value, index) => ({ x: 10 ** index, figure: figure('ms', [value, value * 2]) }))
  const curve: Curve = {
    name: 'curve',
    title: 'Time',
    across: 'clients',
    up: 'time',
    unit: 'ms',
    logarithmic: true,
    series: [
      { name: 'ours', of: 'sallyport', points: points(1, 2, 3) },
      { name: 'theirs', of: 'peer', points: points(10, 200) },
    ],
  }

  test('a curve is drawn with names, units, and a description', () => {
    const drawn = lineChart(curve)
    expect(drawn.match(/<circle/g)).toHaveLength(5)
    expect(drawn).toContain('ours: 4.5 ms</text>')
    expect(drawn).toContain('theirs: 15 ms at 1, 300 ms at 10.</desc>')
    expect(drawn).not.toContain('NaN')
  })

  test('and told as a table', () => {
    expect(curveTable(curve).split('\n').slice(2)).toEqual([
      '| 1       | 1.5 ms (1–2) | 15 ms (10–20)    |',
      '| 10      | 3 ms (2–4)   | 300 ms (200–400) |',
      '| 100     | 4.5 ms (3–6) |                  |',
    ])
  })

  test('ratios are bars from 1, with the goal where there is one', () => {
    const row = (peer: number, goal?: number): Row => ({
      work: '`work`',
      against: 'peer',
      peer: figure('ms', [peer]),
      sallyport: figure('ms', [10]),
      goal: goal === undefined ? undefined : atLeast(goal),
    })
    const drawn = ratioChart([row(100, 5), row(5), { ...row(1), peer: undefined }])
    expect(drawn.match(/class="bar sallyport"/g)).toHaveLength(1)
    expect(drawn.match(/class="bar peer"/g)).toHaveLength(1)
    expect(drawn.match(/class="goal"/g)).toHaveLength(1)
    expect(drawn).toContain('work: 10×; work: 0.5×.</desc>')
  })
})

describe('the page', () => {
  const page = 'before\n<!-- x: written by npm run bench -- --write -->\nold\n<!-- end of x -->\nafter'

  test('gets what is new between the two lines', () => {
    expect(putInto(page, 'x', 'new')).toBe(page.replace('\nold\n', '\n\nnew\n\n'))
  })

  test('that has lost them is found', () => {
    expect(() => putInto(page, 'y', 'new')).toThrow('the page has lost the two lines')
  })
})
