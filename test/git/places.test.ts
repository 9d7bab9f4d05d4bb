import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { type Leave, Places } from '../../src/git/places.ts'

const never = new AbortController().signal

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** Four run, four wait, a second long. */
const small = () => new Places({ running: 4, waiting: 4, patience: 1_000 })

const taken = async (places: Places, who: string): Promise<Leave> => {
  const leave = await places.take(who, never)
  if (leave === undefined) throw new Error('no place')
  return leave
}

/** Those who have been let in, in order. */
const queue = (places: Places, ...names: string[]): string[] => {
  const inside: string[] = []
  for (const who of names) void places.take(who, never).then((leave) => inside.push(leave === undefined ? `not ${who}` : who))
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

  test('are given on in order, past those whose share is taken', async () => {
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
    expect(inside).toEqual(['c', 'a'])
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
    const waiting = places.take('a', over.signal)
    over.abort()
    expect(await waiting).toBe(undefined)
    leave()
    expect(await places.take('a', AbortSignal.abort())).toBe(undefined)
    expect(await places.take('a', never)).toBeTypeOf('function')
  })
})
