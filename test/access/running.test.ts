import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { RunningTransfers } from '../../src/access/running.ts'
import type { Standing } from '../../src/access/standing.ts'

let epoch = 1
let asked: string[] = []
let running: RunningTransfers

beforeEach(() => {
  vi.useFakeTimers()
  epoch = 1
  asked = []
  running = new RunningTransfers(
    async () => epoch,
    () => {},
  )
})
afterEach(() => vi.useRealTimers())

const look = () => vi.advanceTimersByTimeAsync(400)

const follow = (name: string, ...answers: Standing[]) =>
  running.follow(async () => {
    asked.push(name)
    return answers.length > 1 ? (answers.shift() ?? 'stands') : (answers[0] ?? 'stands')
  })

test('each transfer is asked about at its first look, whatever the others made the server see', async () => {
  follow('early')
  await look()
  epoch = 2
  await look()
  const late = follow('late', 'withdrawn')
  await look()
  expect(asked).toEqual(['early', 'early', 'late'])
  expect([late.signal.aborted, String(late.signal.reason)]).toEqual([true, 'Error: access was withdrawn'])
})

test('and then only when the epoch was raised', async () => {
  const one = follow('one')
  for (let times = 0; times < 4; times += 1) await look()
  expect(asked).toEqual(['one'])
  epoch = 2
  await look()
  expect(asked).toEqual(['one', 'one'])
  one.end()
  epoch = 3
  await look()
  expect([asked.length, running.count]).toEqual([2, 0])
})

test('one that cannot be asked about is asked again, and not for ever', async () => {
  const lucky = follow('lucky', 'undecided', 'undecided', 'stands')
  const unlucky = follow('unlucky', 'undecided')
  for (let times = 0; times < 7; times += 1) await look()
  expect([lucky.signal.aborted, unlucky.signal.aborted]).toEqual([false, true])
  expect(asked.filter((name) => name === 'lucky')).toHaveLength(3)
  expect(asked.filter((name) => name === 'unlucky')).toHaveLength(6)
})

test('one whose end is known is asked about then too, though nothing changed', async () => {
  const answers: Standing[] = ['stands', 'withdrawn']
  const ending = running.follow(async () => answers.shift() ?? 'withdrawn', 5_000)
  for (let times = 0; times < 12; times += 1) await look()
  expect(ending.signal.aborted).toBe(false)
  await look()
  expect(ending.signal.aborted).toBe(true)
})

test('and not once it is over', async () => {
  const over = running.follow(async () => 'withdrawn', 5_000)
  over.end()
  await vi.advanceTimersByTimeAsync(6_000)
  expect(over.signal.aborted).toBe(false)
})
