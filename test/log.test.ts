import { expect, test } from 'vitest'
import { withoutTokens } from '../src/log.ts'

test.each([
  ['/glpat-abcdefghij0123456789/x.git/info/refs', '/glpat-[hidden]/x.git/info/refs'],
  ['/castle/gldt-r3poB8LJ63F5tZxew-Ie', '/castle/gldt-[hidden]'],
  ['/api/v4/projects/glcbt-64_abcdefgh.01.0z/x', '/api/v4/projects/glcbt-[hidden]/x'],
  ['refs/heads/GR1348941abcdefghijklmnopqrst', 'refs/heads/GR1348941[hidden]'],
  ['/castle/glade-of-the-north', '/castle/glade-of-the-north'],
  ['/castle/gate', '/castle/gate'],
  ['/castle/single-long-name', '/castle/single-long-name'],
])('%s is logged as %s', (written, logged) => {
  expect(withoutTokens(written)).toBe(logged)
})
