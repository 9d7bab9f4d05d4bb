import { expect, test } from 'vitest'
import { timeLeft } from '../../src/access/time-left.ts'

test.each([
  [undefined, undefined],
  [1_000, 0],
  [999, 0],
  [1_001, 1],
  [7_201_000, 7_200_000],
  // A timer that is asked to wait longer than it can fires at once.
  [1_000 + 2 ** 31, undefined],
  [Date.parse('2999-01-01'), undefined],
])('what ends at %s has %s left', (endsAt, left) => expect(timeLeft({ endsAt }, 1_000)).toBe(left))
