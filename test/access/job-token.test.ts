import { describe, expect, test } from 'vitest'
import { wasRefused } from '../../src/access/gate.ts'
import { byJob, decisionOf, judge, pull, userWith } from './case.ts'
import { jobTokenCases } from './job-token.table.ts'

describe.each(Object.entries(jobTokenCases))('%s', (_title, rows) => {
  test.each(rows)('$is → $gives', (row) => {
    expect(judge(row)).toBe(row.gives)
  })
})

const sentence = (facts: { listed: boolean; pushes: boolean }): string => {
  const decision = decisionOf({ is: '', who: byJob(userWith(), 9), facts: { job: facts }, action: pull, gives: '' })
  return wasRefused(decision) ? decision.message : 'let in'
}

test('a job is told what it lacks, in words that name no project that it may not know', () => {
  expect(sentence({ listed: false, pushes: false })).toBe(
    'Authentication by CI/CD job token not allowed from mill to project #3.',
  )
  expect(sentence({ listed: true, pushes: false })).toBe('Insufficient permissions to pull from the repository of project #3.')
})
