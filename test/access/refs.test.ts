import { describe, expect, test } from 'vitest'
import { branchCases } from './branches.table.ts'
import { judge } from './case.ts'
import { deployKeyCases } from './deploy-keys.table.ts'
import { tagCases } from './tags.table.ts'

describe.each(Object.entries({ ...branchCases, ...deployKeyCases, ...tagCases }))('%s', (_title, rows) => {
  test.each(rows)('$is → $gives', (row) => {
    expect(judge(row)).toBe(row.gives)
  })
})
