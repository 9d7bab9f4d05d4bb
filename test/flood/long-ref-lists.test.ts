import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { isSoonAnswered } from '../../src/git/refs/ls-refs.ts'
import { longestPackedRefs, readRepository } from '../../src/git/refs/reading.ts'
import type { StoredRef } from '../../src/git/refs/stored-ref.ts'

test('a list of refs that takes long to be put together is left to git', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'long-refs-'))
  try {
    writeFileSync(join(directory, 'HEAD'), 'ref: refs/heads/main\n')
    const line = `# ${'x'.repeat(1_021)}\n`
    writeFileSync(join(directory, 'packed-refs'), line.repeat(longestPackedRefs / line.length))
    expect(await readRepository(directory, undefined)).toMatchObject({ packed: [] })
    writeFileSync(join(directory, 'packed-refs'), `${line.repeat(longestPackedRefs / line.length)}\n`)
    expect(await readRepository(directory, undefined)).toBe(undefined)
  } finally {
    rmSync(directory, { recursive: true })
  }
})

test.each([
  [20_000, 100, true],
  [20_001, 100, false],
  [1_000_000, 0, true],
])('of %i refs, each held against %i prefixes, an answer is soon made: %s', (count, prefixes, soon) => {
  const refs = Array<StoredRef>(count)
  expect(isSoonAnswered({ refs }, { prefixes: Array<string>(prefixes).fill('refs/heads/') })).toBe(soon)
})
