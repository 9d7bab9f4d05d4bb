import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { type Leave, Places, type Share, sharesOf } from '../../src/git/places.ts'

const never = new AbortController().signal

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** Four run, four wait, a second long. */
const small = () => new Places({ running: 4, waiting: 4, patience: 1_000 })

const half = (who: string): readonly Share[] => [{ who, part: 1 / 2 }]

const anonymous = (from: string): readonly Share[] => sharesOf({ principal: { kind: 'anonymous' }, from })

const taken = async (places: Places, who: string | readonly Share[]): Promise<Leave> => {
  const leave = await places.take(typeof who === 'string' ? half(who) : who, never)
  if (leave === undefined) throw new Error('no place')
  return leave
}

/** Those who have been let in, in order. */
const queue = (places: Places, ...names: string[]): string[] => {
  const inside: string[] = []
  for (const who of names)
    void places.take(half(who), never).then((leave) => inside.push(leave === undefined ? `not ${who}` : who))
  return inside
}

const soon = () => vi.advanceTimersByTimeAsync(0)

describe('places', () => {
  test('are half for one, and all for two', async () => {
    const places = small()
    for (const who of ['a', 'a', 'b', 'b']) await taken(places, who)
    const inside = queue(places, 'a', 'c')
    await soon()
    expect(inside).toEqual([])
  })

  test('are given on to those who have the fewest, past those whose share is taken', async () => {
    const places = small()
    const leaveA = await taken(places, 'a')
    await taken(places, 'a')
    const leaveB = await taken(places, 'b')
    await taken(places, 'b')
    const inside = queue(places, 'a', 'c', 'd')
    leaveB()
    await soon()
    expect(inside).toEqual(['c'])
    leaveA()
    await soon()
    expect(inside).toEqual(['c', 'd'])
  })

  test('are waited for only so long', async () => {
    const places = small()
    for (const who of ['a', 'a']) await taken(places, who)
    const inside = queue(places, 'a')
    await vi.advanceTimersByTimeAsync(999)
    expect(inside).toEqual([])
    await vi.advanceTimersByTimeAsync(1)
    expect(inside).toEqual(['not a'])
  })

  test('are waited for by few, and by fewer of one', async () => {
    const places = small()
    for (const who of ['a', 'a', 'b', 'b']) await taken(places, who)
    const inside = queue(places, 'a', 'a', 'a', 'b', 'c', 'd')
    await soon()
    expect(inside).toEqual(['not a', 'not d'])
  })

  test('are not given to a request that is over', async () => {
    const places = small()
    const leave = await taken(places, 'a')
    await taken(places, 'a')
    const over = new AbortController()
    const waiting = places.take(half('a'), over.signal)
    over.abort()
    expect(await waiting).toBe(undefined)
    leave()
    expect(await places.take(half('a'), AbortSignal.abort())).toBe(undefined)
    expect(await places.take(half('a'), never)).toBeTypeOf('function')
  })

  test('are a half for all who are anonymous, and a quarter for one address', async () => {
    const places = new Places({ running: 8, waiting: 8, patience: 1_000 })
    for (const from of ['192.0.2.1', '192.0.2.1', '192.0.2.2', '192.0.2.3']) await taken(places, anonymous(from))
    const inside = queue(places, 'a')
    await soon()
    expect(inside).toEqual(['a'])
    expect(places.waiting).toBe(0)
    const tries = ['192.0.2.1', '192.0.2.1', '192.0.2.1', '192.0.2.4'].map((from) => places.take(anonymous(from), never))
    await soon()
    expect(places.waiting).toBe(3)
    expect(await tries[2]).toBe(undefined)
  })
})
