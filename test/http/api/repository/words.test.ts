import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { TreeEntry } from '../../../../src/git/tree-entries.ts'
import { isGoodName, isInTheWay } from '../../../../src/http/api/repository/ref-change.ts'
import { searchNames } from '../../../../src/http/api/repository/ref-search.ts'
import { cleanPath, isRepositoryPath } from '../../../../src/http/api/repository/repository-path.ts'
import { trailersOf } from '../../../../src/http/api/repository/trailers.ts'
import { readWindow, type Wanted } from '../../../../src/http/api/repository/tree-window.ts'

describe('a search', () => {
  const letters = fc.string({ unit: fc.constantFrom('a', 'b', 'B', '/', '.'), maxLength: 6 })
  const asked = fc.tuple(fc.boolean(), fc.array(letters, { minLength: 1, maxLength: 4 }), fc.boolean())

  /** The same as a pattern, which is safe for the few letters of this test. */
  const patternOf = (text: string): RegExp => {
    const [atStart, atEnd] = [text.startsWith('^'), text.endsWith('$')]
    const pieces = text.slice(atStart ? 1 : 0, atEnd ? -1 : undefined).split('*')
    const middle = pieces.map((piece) => piece.replaceAll('.', '\\.')).join('.*')
    return new RegExp(`${atStart ? '^' : ''}${middle}${atEnd ? '$' : ''}`, 'i')
  }

  test('finds what the same pattern finds', () => {
    fc.assert(
      fc.property(asked, fc.array(letters), ([atStart, pieces, atEnd], names) => {
        const text = `${atStart ? '^' : ''}${pieces.join('*')}${atEnd ? '$' : ''}`
        const pattern = patternOf(text)
        expect(searchNames(names, text).sort()).toEqual(names.filter((name) => pattern.test(name)).sort())
      }),
      { numRuns: 2000 },
    )
  })

  test('has the very name first', () => {
    expect(searchNames(['a-main', 'main', 'main-b'], 'MAIN')).toEqual(['main', 'a-main', 'main-b'])
  })

  test('takes no time that grows with its stars', () => {
    const names = Array.from({ length: 1000 }, () => 'a'.repeat(200))
    const begun = performance.now()
    expect(searchNames(names, `${'a*'.repeat(100)}b`)).toEqual([])
    expect(performance.now() - begun).toBeLessThan(1000)
  })
})

describe('a window on a tree', () => {
  const kinds = ['tree', 'blob', 'commit'] as const
  const entriesOf = (types: readonly (typeof kinds)[number][]): TreeEntry[] =>
    types.map((type, at) => ({ mode: '100644', type, id: `${at}`.padStart(40, '0'), size: undefined, path: `p${at}` }))
  const types = fc.array(fc.constantFrom(...kinds), { maxLength: 30 })
  const size = fc.integer({ min: 1, max: 8 })

  async function* stream(entries: readonly TreeEntry[]): AsyncGenerator<TreeEntry> {
    yield* entries
  }

  const sorted = (entries: readonly TreeEntry[]): TreeEntry[] =>
    kinds.flatMap((kind) => entries.filter(({ type }) => type === kind))

  test('shows what a cut through the sorted list would show', async () => {
    await fc.assert(
      fc.asyncProperty(types, fc.nat(35), size, async (of, start, most) => {
        const entries = entriesOf(of)
        const window = await readWindow(stream(entries), { kind: 'place', start, size: most })
        expect(window.entries).toEqual(sorted(entries).slice(start, start + most + 1))
        expect(window.total).toBe(entries.length)
      }),
    )
  })

  test('goes on behind any entry, by its path or its id', async () => {
    await fc.assert(
      fc.asyncProperty(types, fc.nat(35), size, fc.boolean(), async (of, at, most, byId) => {
        const entries = entriesOf(of)
        const list = sorted(entries)
        const from = list[at]
        const wanted: Wanted = { kind: 'behind', token: (byId ? from?.id : from?.path) ?? 'none', size: most }
        const window = await readWindow(stream(entries), wanted)
        expect(window.found).toBe(from !== undefined)
        expect(window.entries).toEqual(from === undefined ? [] : list.slice(at + 1, at + most + 2))
      }),
    )
  })
})

test.each([
  ['title only: x', {}],
  ['title\n\nSigned-off-by: A\nFixes: 1', { 'Signed-off-by': ['A'], Fixes: ['1'] }],
  ['title\n\nFixes: 1\nFixes: 2', { Fixes: ['1', '2'] }],
  ['title\n\nwords\n\nFixes: 1\n  and more\n', { Fixes: ['1 and more'] }],
  ['title\n\nFixes: 1\nwords', {}],
  ['title\n\nFixes: 1\n\nwords', {}],
])('trailers of %j', (message, said) => {
  expect(trailersOf(message).extended_trailers).toEqual(said)
})

test('a trailer may be called as what every object has', () => {
  expect(Object.keys(trailersOf('t\n\nconstructor: y').trailers).sort()).toEqual(['constructor'])
})

test.each([
  ['a', true],
  ['a/b c', true],
  ['a..b', true],
  ['', false],
  ['..', false],
  ['a/../b', false],
  ['a//b', false],
  ['./a', false],
  ['a\nb', false],
])('path %j: %s', (path, good) => expect(isRepositoryPath(path)).toBe(good))

test('slashes at the ends of a path', () => expect(cleanPath('//a/b/')).toBe('a/b'))

test.each([
  ['main', true],
  ['a/b', true],
  ['@', true],
  ['HEAD', false],
  ['-a', false],
  ['refs/heads/a', false],
  ['refs/tags/a', false],
  ['a b', false],
  ['a/', false],
  ['a@{1}', false],
])('name %j: %s', (name, good) => expect(isGoodName(name, 'refs/heads/')).toBe(good))

test.each([
  ['refs/heads/a/b', true],
  ['refs/heads/a/b/c', true],
  ['refs/heads/x', true],
  ['refs/heads/ab', false],
  ['refs/heads/x1', false],
])('%s is in the way: %s', (ref, said) => {
  const refs = new Map([
    ['refs/heads/a', ''],
    ['refs/heads/x/y', ''],
  ])
  expect(isInTheWay(refs, ref)).toBe(said)
})
