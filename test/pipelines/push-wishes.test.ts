import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { wishesOf } from '../../src/pipelines/push-wishes.ts'

const one = (key: string, value: string) => ({ skip: false, variables: [{ key, value, type: 'env_var' }] })
const nothing = { skip: false, variables: [] }

describe('what a push says of its pipelines', () => {
  test.each([
    ['nothing', [], nothing],
    ['that there is none', ['ci.skip'], { skip: true, variables: [] }],
    ['a variable', ['ci.variable=A=1'], one('A', '1')],
    ['one with signs and lines', ['ci.variable=A=b=c\nd'], one('A', 'b=c\nd')],
    ['an empty one', ['ci.variable=A='], one('A', '')],
    ['the same twice: the last counts', ['ci.variable=A=1', 'ci.variable=A=2'], one('A', '2')],
    ['no name', ['ci.variable==1'], nothing],
    ['no value', ['ci.variable=A'], nothing],
    ['a name that no shell takes', ['ci.variable=A B=1'], nothing],
    ['too much', [`ci.variable=A=${'x'.repeat(10_001)}`], nothing],
    ['what is not ours', ['merge_request.create', 'ci.skipped', 'CI.SKIP'], nothing],
  ])('%s', (_name, options, wishes) => {
    expect(wishesOf(options)).toEqual(wishes)
  })

  test('is at most a hundred well-formed variables, whatever it says', () => {
    const option = fc.oneof(
      fc.string(),
      fc.string().map((text) => `ci.variable=${text}`),
    )
    fc.assert(
      fc.property(fc.array(option, { maxLength: 300 }), (options) => {
        const { variables } = wishesOf(options)
        expect(variables.length).toBeLessThanOrEqual(100)
        expect(new Set(variables.map(({ key }) => key)).size).toBe(variables.length)
        for (const { key, value } of variables) expect(options).toContain(`ci.variable=${key}=${value}`)
      }),
    )
  })
})
