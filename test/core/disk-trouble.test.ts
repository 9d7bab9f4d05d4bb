import { expect, test } from 'vitest'
import { diskTroubleOf } from '../../src/core/disk-trouble.ts'

test.each([
  ['ENOSPC', 'full'],
  ['SQLITE_FULL', 'full'],
  ['EROFS', 'read-only'],
  ['SQLITE_READONLY_DIRECTORY', 'read-only'],
  ['EIO', 'broken'],
  ['SQLITE_IOERR_WRITE', 'broken'],
  ['EIOX', undefined],
  ['SQLITE_FULLER', undefined],
  ['SQLITE_BUSY', undefined],
  ['ENOENT', undefined],
] as const)('%s: %s', (code, trouble) => {
  expect(diskTroubleOf(Object.assign(new Error('x'), { code }))).toBe(trouble)
})

test('what is no error of the system is none of the disk', () => {
  expect([new Error('ENOSPC'), 'ENOSPC', undefined].map(diskTroubleOf)).toEqual([undefined, undefined, undefined])
})
