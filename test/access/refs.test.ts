import { describe, expect, test } from 'vitest'
import { apiCases, moving } from './api.table.ts'
import { branchCases } from './branches.table.ts'
import { decisionOf, judge } from './case.ts'
import { deployKeyCases } from './deploy-keys.table.ts'
import { tagCases } from './tags.table.ts'
import { trustedRefCases } from './trusted.table.ts'

describe.each(Object.entries({ ...branchCases, ...deployKeyCases, ...tagCases, ...trustedRefCases, ...apiCases }))(
  '%s',
  (_title, rows) => {
    test.each(rows)('$is → $gives', (row) => {
      expect(judge(row)).toBe(row.gives)
    })
  },
)

test('the API moves no ref, whoever asks', () => {
  expect(() => decisionOf({ is: '', role: 50, action: moving, gives: '' })).toThrow('moves none')
})
