import { expect, test } from 'vitest'
import { type Limits, openLimits } from '../../src/store/limits.ts'
import { withStandIn } from '../../src/store/limits-stand-in.ts'

const faultOf = (code: string): Error => Object.assign(new Error('a write failed'), { code })

/** Counts that can be made to fail. */
const moody = (): { limits: Limits; mood: { fault?: Error | undefined } } => {
  const file = openLimits(':memory:')
  const mood: { fault?: Error | undefined } = {}
  const unless = <Result>(count: () => Result): Result => {
    if (mood.fault !== undefined) throw mood.fault
    return count()
  }
  const { tries, requests } = file
  const limits: Limits = {
    tries: {
      bannedUntil: (from) => tries.bannedUntil(from),
      add: (from, now, until) => unless(() => tries.add(from, now, until)),
      ban: (from, now, until) => tries.ban(from, now, until),
      forget: (from, now) => unless(() => tries.forget(from, now)),
    },
    requests: { count: (counted, ends, now) => unless(() => requests.count(counted, ends, now)) },
    close: () => file.close(),
  }
  return { limits, mood }
}

test('what cannot be counted on the disk is counted in memory, and bans', () => {
  const { limits, mood } = moody()
  const faults: unknown[] = []
  const { tries, requests, close } = withStandIn(limits, (fault) => faults.push(fault))
  expect([tries.add('a', 1, 100), requests.count('r', 100, 1)]).toEqual([1, 1])
  mood.fault = faultOf('SQLITE_FULL')
  expect([tries.add('a', 2, 100), tries.add('a', 3, 100), requests.count('r', 100, 2)]).toEqual([1, 2, 1])
  expect([tries.ban('a', 4, 500), tries.bannedUntil('a')]).toEqual([true, 500])
  expect([tries.add('b', 5, 100), tries.ban('b', 5, 600), tries.bannedUntil('b')]).toEqual([1, true, 600])
  expect(faults).toHaveLength(4)
  mood.fault = undefined
  expect([tries.bannedUntil('b'), tries.add('c', 6, 100), requests.count('r', 100, 7)]).toEqual([600, 1, 2])
  tries.forget('b', 700)
  expect(tries.bannedUntil('b')).toBe(undefined)
  close()
})

test('any other fault is thrown', () => {
  const { limits, mood } = moody()
  const { requests, close } = withStandIn(limits, () => {})
  mood.fault = faultOf('SQLITE_CORRUPT')
  expect(() => requests.count('r', 100, 1)).toThrow('a write failed')
  close()
})
