import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { limitsFileOf, openLimits, prepareLimits } from '../../src/store/limits.ts'

let directory: string
let file: string

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'limits-'))
  file = join(directory, 'limits.db')
  prepareLimits(file)
})

afterEach(() => rmSync(directory, { recursive: true, force: true }))

/** Counts in a process of its own; resolves with what it was told. */
const countElsewhere = async (times: number): Promise<number[]> => {
  const child = fork(join(import.meta.dirname, '../support/limits-counter.ts'), [file, String(times)])
  const [counts] = await once(child, 'message')
  await once(child, 'exit')
  return counts as number[]
}

test('stands beside the database', () => {
  expect(limitsFileOf('/srv/git/data.db')).toBe('/srv/git/data-limits.db')
})

test('three processes count every try once', async () => {
  const counts = (await Promise.all([countElsewhere(200), countElsewhere(200), countElsewhere(200)])).flat()
  expect(counts.sort((a, b) => a - b)).toEqual(Array.from({ length: 600 }, (_, index) => index + 1))
})

test('what a process counted stays when it dies', () => {
  const first = openLimits(file)
  first.tries.add('a', 1_000, 61_000)
  first.tries.ban('b', 1_000, 5_000)
  const second = openLimits(file)
  expect(second.tries.add('a', 1_001, 61_001)).toBe(2)
  first.close()
  second.close()
})

test('and a stop', () => {
  const first = openLimits(file)
  first.tries.add('a', 1_000, 61_000)
  expect(first.tries.ban('a', 1_000, 9_000)).toBe(true)
  first.close()
  prepareLimits(file)
  const second = openLimits(file)
  expect(second.tries.bannedUntil('a')).toBe(9_000)
  second.close()
})

describe('tries', () => {
  test('are counted within their window', () => {
    const { tries, close } = openLimits(file)
    expect([tries.add('a', 0, 60), tries.add('a', 59, 119), tries.add('a', 60, 120), tries.add('b', 60, 120)]).toEqual([
      1, 2, 1, 1,
    ])
    close()
  })

  test('are forgotten, and a ban is not', () => {
    const { tries, close } = openLimits(file)
    tries.add('a', 0, 60)
    tries.forget('a', 1)
    expect([tries.bannedUntil('a'), tries.add('a', 2, 62)]).toEqual([undefined, 1])
    tries.ban('a', 2, 100)
    tries.forget('a', 3)
    expect(tries.bannedUntil('a')).toBe(100)
    close()
  })

  test('do not make a ban shorter', () => {
    const { tries, close } = openLimits(file)
    tries.add('a', 0, 60)
    tries.ban('a', 0, 1_000)
    tries.add('a', 1, 61)
    expect([tries.bannedUntil('a'), tries.ban('a', 2, 2_000)]).toEqual([1_000, false])
    close()
  })
})

test('requests are counted by period', () => {
  const { requests, close } = openLimits(file)
  const count = (counted: string, ends: number) => requests.count(counted, ends, 0)
  expect([count('a', 60), count('a', 60), count('b', 60), count('a', 120)]).toEqual([1, 2, 1, 1])
  close()
})

test('what has ended is let go', () => {
  const { requests, tries, close } = openLimits(file)
  for (let index = 0; index < 20_000; index += 1) {
    requests.count(`r${index}`, index + 1, index)
    tries.add(`t${index}`, index, index + 1)
  }
  close()
  expect(statSync(file).size).toBeLessThan(500_000)
})

test.each([
  ['no database at all', () => Buffer.from('this is no database, and long enough to be looked at. '.repeat(200))],
  [
    'a torn one',
    () => {
      const bytes = readFileSync(file)
      return bytes.fill(0xa5, 200, bytes.length - 200)
    },
  ],
])('%s is made anew', (_what, bytes) => {
  writeFileSync(file, bytes())
  prepareLimits(file)
  const limits = openLimits(file)
  expect([limits.tries.add('a', 0, 60), limits.requests.count('a', 60, 0)]).toEqual([1, 1])
  limits.close()
})
