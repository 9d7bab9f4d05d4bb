import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { advance, compositeStatus, type JobState } from '../../src/ci/advance.ts'
import type { When } from '../../src/ci/plan.ts'
import { hasEnded, type JobStatus } from '../../src/ci/states.ts'

const job = (name: string, status: JobStatus, stageIndex = 0, more: Partial<JobState<string>> = {}): JobState<string> => ({
  id: name,
  name,
  status,
  stageIndex,
  when: 'on_success',
  allowFailure: false,
  needs: undefined,
  ...more,
})

const may = { allowFailure: true }

describe('the status of jobs taken together', () => {
  const cases: readonly (readonly [name: string, jobs: readonly JobState<string>[], status: string | undefined])[] = [
    ['none', [], undefined],
    ['all done', [job('a', 'success'), job('b', 'success')], 'success'],
    ['one failed', [job('a', 'success'), job('b', 'failed')], 'failed'],
    ['one failed that may', [job('a', 'success'), job('b', 'failed', 0, may)], 'success'],
    ['one canceled that may', [job('a', 'success'), job('b', 'canceled', 0, may)], 'success'],
    ['one canceled', [job('a', 'success'), job('b', 'canceled')], 'canceled'],
    ['failed and canceled', [job('a', 'failed'), job('b', 'canceled')], 'failed'],
    ['a click that nobody has to make', [job('a', 'success'), job('b', 'manual', 0, may)], 'success'],
    ['only such clicks', [job('a', 'manual', 0, may)], 'skipped'],
    ['a click that has to be made', [job('a', 'success'), job('b', 'manual'), job('c', 'created', 1)], 'manual'],
    ['a click, and one runs', [job('a', 'running'), job('b', 'manual')], 'running'],
    ['waits for its time', [job('a', 'success'), job('b', 'scheduled')], 'scheduled'],
    ['all wait', [job('a', 'pending'), job('b', 'created', 1)], 'pending'],
    ['one is done, one waits', [job('a', 'success'), job('b', 'pending')], 'running'],
    ['nothing has begun', [job('a', 'created'), job('b', 'created')], 'created'],
    ['one is done, one will come', [job('a', 'success'), job('b', 'created', 1)], 'running'],
    ['one is being canceled', [job('a', 'canceling'), job('b', 'success')], 'canceling'],
    ['skipped all', [job('a', 'skipped')], 'skipped'],
  ]
  test.each(cases)('%s', (_name, jobs, status) => {
    expect(compositeStatus(jobs)).toBe(status)
  })
})

describe('what becomes of jobs that wait', () => {
  const needs = (...names: string[]) => ({ needs: names })
  const when = (word: When, more: Partial<JobState<string>> = {}) => ({ when: word, ...more })
  const cases: readonly (readonly [string, readonly JobState<string>[], Record<string, string>])[] = [
    ['the first stage begins', [job('a', 'created'), job('b', 'created', 1)], { a: 'pending' }],
    ['the next stage begins', [job('a', 'success'), job('b', 'created', 1)], { b: 'pending' }],
    ['a stage waits for all of the one before', [job('a', 'success'), job('x', 'running'), job('b', 'created', 1)], {}],
    [
      'after a failure the rest is skipped',
      [job('a', 'failed'), job('b', 'created', 1), job('c', 'created', 2)],
      {
        b: 'skipped',
        c: 'skipped',
      },
    ],
    ['a failure that may be', [job('a', 'failed', 0, may), job('b', 'created', 1)], { b: 'pending' }],
    ['on_failure after a failure', [job('a', 'failed'), job('b', 'created', 1, when('on_failure'))], { b: 'pending' }],
    ['on_failure after success', [job('a', 'success'), job('b', 'created', 1, when('on_failure'))], { b: 'skipped' }],
    [
      'on_failure after an allowed failure',
      [job('a', 'failed', 0, may), job('b', 'created', 1, when('on_failure'))],
      {
        b: 'skipped',
      },
    ],
    ['always after a failure', [job('a', 'failed'), job('b', 'created', 1, when('always'))], { b: 'pending' }],
    ['always after a cancellation', [job('a', 'canceled'), job('b', 'created', 1, when('always'))], { b: 'skipped' }],
    ['a manual job waits for a click', [job('a', 'created', 0, when('manual'))], { a: 'manual' }],
    ['a manual job after a failure', [job('a', 'failed'), job('b', 'created', 1, when('manual'))], { b: 'skipped' }],
    [
      'an optional click holds nobody up',
      [job('a', 'created', 0, when('manual', may)), job('b', 'created', 1)],
      {
        a: 'manual',
        b: 'pending',
      },
    ],
    ['a click that has to be made does', [job('a', 'created', 0, when('manual')), job('b', 'created', 1)], { a: 'manual' }],
    ['a delayed job', [job('a', 'created', 0, when('delayed'))], { a: 'scheduled' }],
    ['needs: before its stage', [job('a', 'success'), job('x', 'running'), job('b', 'created', 1, needs('a'))], { b: 'pending' }],
    ['needs: not met yet', [job('a', 'running'), job('b', 'created', 1, needs('a'))], {}],
    ['needs none: at once', [job('a', 'running'), job('b', 'created', 1, needs())], { b: 'pending' }],
    ['needs: failed', [job('a', 'failed'), job('b', 'created', 1, needs('a'))], { b: 'skipped' }],
    ['needs: skipped', [job('a', 'skipped'), job('b', 'created', 1, needs('a'))], { b: 'skipped' }],
    ['a stage that was skipped is no failure', [job('a', 'skipped'), job('b', 'created', 1)], { b: 'pending' }],
    [
      'needs: one that is not there and was optional',
      [job('a', 'running'), job('b', 'created', 1, needs('gone'))],
      {
        b: 'pending',
      },
    ],
    ['needs: an optional click', [job('a', 'manual', 0, may), job('b', 'created', 1, needs('a'))], { b: 'skipped' }],
    ['needs in the same stage', [job('a', 'created'), job('b', 'created', 0, needs('a'))], { a: 'pending' }],
    [
      'always with needs waits for all of them',
      [job('a', 'skipped'), job('x', 'running'), job('b', 'created', 1, { ...needs('a', 'x'), when: 'always' })],
      {},
    ],
  ]
  test.each(cases)('%s', (_name, jobs, steps) => {
    expect(Object.fromEntries(advance(jobs).steps.map(({ id, status }) => [id, status]))).toEqual(steps)
  })
})

/** Jobs that need only those before them, as a checked configuration has it. */
const pipelines = fc
  .array(
    fc.record({
      stageIndex: fc.nat({ max: 3 }),
      when: fc.constantFrom<When>('on_success', 'on_failure', 'always'),
      allowFailure: fc.boolean(),
      needs: fc.option(fc.array(fc.nat({ max: 8 }), { maxLength: 3 }), { nil: undefined }),
      end: fc.constantFrom<JobStatus>('success', 'failed', 'canceled'),
    }),
    { minLength: 1, maxLength: 9 },
  )
  .map((plans) =>
    plans
      .toSorted((one, other) => one.stageIndex - other.stageIndex)
      .map((plan, index) => ({
        ...plan,
        id: `j${index}`,
        name: `j${index}`,
        status: 'created' as JobStatus,
        needs: plan.needs?.filter((needed) => needed < index).map((needed) => `j${needed}`),
      })),
  )

type Planned = JobState<string> & { readonly end: JobStatus }

const waitedFor = (jobs: readonly Planned[], waiting: Planned): readonly Planned[] =>
  waiting.needs === undefined
    ? jobs.filter(({ stageIndex }) => stageIndex < waiting.stageIndex)
    : jobs.filter(({ name }) => waiting.needs?.includes(name))

const run = (planned: readonly Planned[], choose: (count: number) => number) => {
  let jobs = planned
  for (let turns = 0; turns <= planned.length; turns++) {
    const { steps, status } = advance(jobs)
    for (const { id, status: next } of steps) {
      const waiting = jobs.find((job) => job.id === id) as Planned
      const later = jobs.map((job) => ({ ...job, status: steps.find((step) => step.id === job.id)?.status ?? job.status }))
      if (next === 'pending') expect(waitedFor(later, waiting).every(({ status: before }) => hasEnded(before))).toBe(true)
    }
    jobs = jobs.map((job) => ({ ...job, status: steps.find(({ id }) => id === job.id)?.status ?? job.status }))
    const pending = jobs.filter((job) => job.status === 'pending')
    if (pending.length === 0) return { status, ends: jobs.map((job) => job.status) }
    const chosen = pending[choose(pending.length)] as Planned
    jobs = jobs.map((job) => (job.id === chosen.id ? { ...job, status: job.end } : job))
  }
  throw new Error('there is no end')
}

describe('any pipeline', () => {
  test('comes to an end, the same in whatever order its jobs end', () => {
    fc.assert(
      fc.property(pipelines, fc.array(fc.nat(), { minLength: 10, maxLength: 10 }), (planned, choices) => {
        let turn = 0
        const first = run(planned, () => 0)
        const other = run(planned, (count) => (choices[turn++ % 10] ?? 0) % count)
        expect(first.ends.every(hasEnded)).toBe(true)
        expect(hasEnded(first.status)).toBe(true)
        expect(other).toEqual(first)
      }),
    )
  })
})

test('a chain of as many jobs and needs as there may be is looked through at once', () => {
  const most = 500
  const names = Array.from({ length: most }, (_, at) => `job ${at}`)
  const jobs = names.map(
    (name, at): JobState => ({
      id: at,
      name,
      status: at === 0 ? 'failed' : 'created',
      stageIndex: 1,
      when: 'on_success',
      allowFailure: false,
      needs: names.slice(Math.max(0, at - 50), at),
    }),
  )
  const before = process.cpuUsage()
  const { steps, status } = advance([...jobs].reverse())
  expect([steps.length, status]).toEqual([most - 1, 'failed'])
  expect(process.cpuUsage(before).user / 1000).toBeLessThan(2000)
})
