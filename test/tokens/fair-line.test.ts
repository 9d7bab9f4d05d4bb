import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { FairLine } from '../../src/tokens/fair-line.ts'

/** Work that ends when it is told to, and keeps a record of who was served. */
const makeDesk = (atOnce: number, mostWaiting: number) => {
  const line = new FairLine(atOnce, mostWaiting)
  const served: string[] = []
  const running: (() => void)[] = []
  const settled = () => new Promise<void>((resolve) => setImmediate(resolve))
  const ask = (who: string) =>
    line.run(who, () => {
      served.push(who)
      return new Promise<'done'>((resolve) => running.push(() => resolve('done')))
    })
  return {
    served,
    running,
    ask,
    settled,
    async endOne() {
      running.shift()?.()
      await settled()
    },
    async endAll() {
      while (running.length > 0) await this.endOne()
    },
  }
}

const times = (count: number, name: string): string[] => Array(count).fill(name)
const busyAmong = (answers: readonly string[]): number => answers.filter((answer) => answer === 'busy').length

describe('a line', () => {
  test('one who asks a hundred times waits with four, and keeps nobody else out', async () => {
    const desk = makeDesk(2, 32)
    const storm = times(100, 'mallory').map(desk.ask)
    const alice = desk.ask('alice')
    await desk.settled()
    expect(desk.served).toEqual(times(2, 'mallory'))
    await desk.endAll()
    expect(await alice).toBe('done')
    expect(busyAmong(await Promise.all(storm))).toBe(94)
  })

  test('is served by turns: who comes last with one request is behind one of each other, not behind all', async () => {
    const desk = makeDesk(1, 32)
    for (const who of ['first', ...times(4, 'a'), ...times(4, 'b'), 'c']) void desk.ask(who)
    await desk.endAll()
    expect(desk.served).toEqual(['first', 'a', 'b', 'c', 'a', 'b', 'a', 'b', 'a', 'b'])
  })

  test('when it is full, the longest gives its last place to who has none', async () => {
    const desk = makeDesk(1, 8)
    const all = ['first', ...times(4, 'a'), ...times(4, 'b')].map(desk.ask)
    const late = desk.ask('c')
    await desk.endAll()
    expect(await late).toBe('done')
    expect(await Promise.all(all)).toEqual(['done', 'done', 'done', 'done', 'busy', ...times(4, 'done')])
  })

  test('when it is full of lines of one, nobody else comes in', async () => {
    const desk = makeDesk(1, 3)
    for (const who of ['first', 'a', 'b', 'c']) void desk.ask(who)
    expect(await desk.ask('d')).toBe('busy')
  })

  test('work that fails gives its place on', async () => {
    const line = new FairLine(1, 2)
    const failing = line.run('a', () => Promise.reject(new Error('broken')))
    const next = line.run('b', async () => 'done')
    await expect(failing).rejects.toThrow('broken')
    expect(await next).toBe('done')
    expect(await line.run('c', async () => 'done')).toBe('done')
  })

  test('whatever comes: never more at once, everyone is answered, and at the end it is free again', async () => {
    const steps = fc.array(fc.oneof(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'), fc.constant(undefined)), { maxLength: 60 })
    await fc.assert(
      fc.asyncProperty(steps, fc.integer({ min: 1, max: 3 }), fc.integer({ min: 0, max: 6 }), async (all, atOnce, most) => {
        const desk = makeDesk(atOnce, most)
        const answers: Promise<string>[] = []
        for (const who of all) {
          if (who === undefined) await desk.endOne()
          else answers.push(desk.ask(who))
          await desk.settled()
          expect(desk.running.length).toBeLessThanOrEqual(atOnce)
        }
        await desk.endAll()
        const done = (await Promise.all(answers)).filter((answer) => answer === 'done').length
        expect(done).toBe(desk.served.length)
        const again = Array.from({ length: atOnce + most }, (_, at) => desk.ask(`again${at}`))
        await desk.settled()
        expect(desk.running.length).toBe(atOnce)
        await desk.endAll()
        expect(await Promise.all(again)).toEqual(times(atOnce + most, 'done'))
      }),
      { numRuns: 60 },
    )
  })
})
