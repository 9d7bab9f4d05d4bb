import fc from 'fast-check'
import { expect, test } from 'vitest'
import { LineCounter } from '../../src/shield/lines.ts'

test('lines are counted forwards and backwards', () => {
  const text = fc.string({ unit: fc.constantFrom('a', '\n'), maxLength: 40 })
  fc.assert(
    fc.property(text, fc.array(fc.nat(40)), (hay, offsets) => {
      const lines = new LineCounter(Buffer.from(hay), 7)
      for (const offset of offsets) {
        const before = hay.slice(0, offset).split('\n').length - 1
        expect(lines.lineAt(Math.min(offset, hay.length))).toBe(7 + before)
      }
    }),
  )
})
