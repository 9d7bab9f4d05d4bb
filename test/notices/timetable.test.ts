import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Outcome, Task } from '../../src/notices/run.ts'
import { dueDay, Timetable, untilNext } from '../../src/notices/timetable.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const hour = 3_600_000

interface Watched {
  readonly timetable: Timetable
  readonly runs: string[]
  readonly noted: Map<string, string>
}

const watched = (noted: Record<string, string>, outcome: (task: Task) => Outcome | Error = () => 'done'): Watched => {
  const runs: string[] = []
  const days = new Map(Object.entries(noted))
  const timetable = new Timetable({
    clock: Date.now,
    lastRun: async (job) => days.get(job),
    async run(task) {
      runs.push(`${new Date().toISOString().slice(0, 16)} ${task.job} since ${task.since}`)
      const result = outcome(task)
      if (result instanceof Error) throw result
      return result
    },
    async noteRun(job, day) {
      days.set(job, day)
    },
    fault: () => {},
  })
  return { timetable, runs, noted: days }
}

const at = (time: string): void => void vi.setSystemTime(new Date(time))

test.each([
  { now: '2026-03-10T00:59:59.999Z', expiring: '2026-03-09', expired: '2026-03-09', next: 1 },
  { now: '2026-03-10T01:00:00.000Z', expiring: '2026-03-10', expired: '2026-03-09', next: hour },
  { now: '2026-03-10T02:00:00.000Z', expiring: '2026-03-10', expired: '2026-03-10', next: 23 * hour },
  { now: '2026-03-10T12:00:00.000Z', expiring: '2026-03-10', expired: '2026-03-10', next: 13 * hour },
])('at $now the jobs of $expiring and $expired are due', ({ now, expiring, expired, next }) => {
  const time = Date.parse(now)
  expect([dueDay('expiring', time), dueDay('expired', time), untilNext(time)]).toEqual([expiring, expired, next])
})

test('each job runs once a day, at its hour', async () => {
  at('2026-03-10T00:30:00Z')
  const { timetable, runs } = watched({ expiring: '2026-03-09', expired: '2026-03-09' })
  timetable.start()
  await vi.advanceTimersByTimeAsync(49 * hour)
  expect(runs).toEqual([
    '2026-03-10T01:00 expiring since 2026-03-09',
    '2026-03-10T02:00 expired since 2026-03-09',
    '2026-03-11T01:00 expiring since 2026-03-10',
    '2026-03-11T02:00 expired since 2026-03-10',
    '2026-03-12T01:00 expiring since 2026-03-11',
  ])
  await timetable.stop()
})

test('what was missed is done soon after the start, looking back a week at most', async () => {
  at('2026-03-10T12:00:00Z')
  const { timetable, runs } = watched({ expiring: '2026-03-09', expired: '2025-01-01' })
  timetable.start()
  await vi.advanceTimersByTimeAsync(1000)
  expect(runs).toEqual(['2026-03-10T12:00 expiring since 2026-03-09', '2026-03-10T12:00 expired since 2026-03-03'])
  await timetable.stop()
})

test('the first start of all looks at today alone', async () => {
  at('2026-03-10T12:00:00Z')
  const { timetable, runs } = watched({})
  timetable.start()
  await vi.advanceTimersByTimeAsync(1000)
  expect(runs).toEqual(['2026-03-10T12:00 expiring since 2026-03-09', '2026-03-10T12:00 expired since 2026-03-09'])
  await timetable.stop()
})

test('what was done today is not done again after a restart', async () => {
  at('2026-03-10T12:00:00Z')
  const { timetable, runs } = watched({ expiring: '2026-03-10', expired: '2026-03-10' })
  timetable.start()
  await vi.advanceTimersByTimeAsync(12 * hour)
  expect(runs).toEqual([])
  await timetable.stop()
})

test.each([
  { what: 'left something', outcome: 'again' as const },
  { what: 'failed', outcome: new Error('no disk') },
])('a run that $what is tried again an hour later', async ({ outcome }) => {
  at('2026-03-10T12:00:00Z')
  let tries = 0
  const { timetable, runs } = watched({ expired: '2026-03-10' }, () => {
    tries += 1
    return tries < 3 ? outcome : 'done'
  })
  timetable.start()
  await vi.advanceTimersByTimeAsync(6 * hour)
  expect(runs.map((run) => run.slice(11, 16))).toEqual(['12:00', '13:00', '14:00'])
  await timetable.stop()
})

test('a clock that is set forward is noticed', async () => {
  at('2026-03-10T12:00:00Z')
  const { timetable, runs } = watched({ expiring: '2026-03-10', expired: '2026-03-10' })
  timetable.start()
  await vi.advanceTimersByTimeAsync(1000)
  at('2026-03-11T03:00:00Z')
  await vi.advanceTimersByTimeAsync(11 * 60_000)
  expect(runs.map((run) => run.slice(0, 10))).toEqual(['2026-03-11', '2026-03-11'])
  await timetable.stop()
})

test('a stop waits for the run that is under way, and none comes after', async () => {
  at('2026-03-10T12:00:00Z')
  let finish = (_: Outcome): void => {}
  const runs: string[] = []
  const timetable = new Timetable({
    clock: Date.now,
    lastRun: async () => undefined,
    run: ({ job }) => {
      runs.push(job)
      return new Promise((resolve) => {
        finish = resolve
      })
    },
    noteRun: async () => {},
    fault: () => {},
  })
  timetable.start()
  await vi.advanceTimersByTimeAsync(10)
  let stopped = false
  const stopping = timetable.stop().then(() => {
    stopped = true
  })
  await vi.advanceTimersByTimeAsync(10)
  expect([runs, stopped]).toEqual([['expiring'], false])
  finish('stopped')
  await stopping
  await vi.advanceTimersByTimeAsync(48 * hour)
  expect(runs).toEqual(['expiring'])
})
