import { describe, expect, test } from 'vitest'
import { judge } from './case.ts'
import { projectCases } from './project.table.ts'
import { trustedProjectCases } from './trusted.table.ts'

describe.each(Object.entries({ ...projectCases, ...trustedProjectCases }))('%s', (_title, rows) => {
  test.each(rows)('$is → $gives', (row) => {
    expect(judge(row)).toBe(row.gives)
  })
})
