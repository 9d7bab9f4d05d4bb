import { describe, expect, test } from 'vitest'
import { FairLine } from '../../src/tokens/fair-line.ts'
import { lineOfChecks } from '../../src/tokens/passwords.ts'

describe('a storm of passwords', () => {
  test.each([
    [1, 2],
    [8, 1],
  ])('in one of %i processes: %i are looked at, 32 wait, and all others are told to come again', async (processes, atOnce) => {
    const line = lineOfChecks(processes)
    const running: (() => void)[] = []
    const work = (): Promise<void> => new Promise((resolve) => running.push(resolve))
    const answers = Array.from({ length: 500 }, (_, at) => line.run(`account ${at}`, work))
    const busy = await Promise.all(answers.slice(atOnce + 32))
    expect(busy.every((answer) => answer === 'busy')).toBe(true)
    expect(running).toHaveLength(atOnce)
  })
})

describe('work of which much waits', () => {
  /** How much of the time is worked while so many wait. */
  const shareOfWork = async (waiting: number, restsFrom: number): Promise<number> => {
    const line = new FairLine(1, waiting, restsFrom)
    let worked = 0
    const work = async (): Promise<void> => {
      const begun = performance.now()
      await new Promise((resolve) => setTimeout(resolve, 20))
      worked += performance.now() - begun
    }
    const begun = performance.now()
    await Promise.all(Array.from({ length: waiting + 1 }, (_, at) => line.run(`${at}`, work)))
    return worked / (performance.now() - begun)
  }

  test('is followed by rests as long as itself; else it goes on at once', async () => {
    expect(await shareOfWork(12, 2)).toBeLessThan(0.65)
    expect(await shareOfWork(4, 6)).toBeGreaterThan(0.8)
  })
})
