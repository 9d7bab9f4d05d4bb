import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isCreation, isDeletion } from '../../src/core/ref-update.ts'

const ids = fc
  .constantFrom(40, 64)
  .chain((length) =>
    fc.oneof(
      fc.constant('0'.repeat(length)),
      fc.constant(`${'0'.repeat(length - 1)}1`),
      fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: length, maxLength: length }),
    ),
  )

test('whatever its ids, an update is exactly one of creation, deletion and change; and a deletion wherever git deletes', () => {
  fc.assert(
    fc.property(ids, ids, (oldId, newId) => {
      const update = { ref: 'refs/heads/main', oldId, newId }
      const kinds = [isCreation(update), isDeletion(update), !/^0+$/.test(oldId) && !/^0+$/.test(newId)]
      expect(kinds.filter((holds) => holds)).toHaveLength(1)
      expect(isDeletion(update)).toBe(/^0+$/.test(newId))
    }),
  )
})
