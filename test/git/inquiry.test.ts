import fc from 'fast-check'
import { expect, test } from 'vitest'
import { askingOf, type Inquiry } from '../../src/git/inquiry.ts'

const id = 'a'.repeat(40)

test.each<[string, Inquiry]>([
  ['objects', { kind: 'objects', ids: ['main'] }],
  ['object lines', { kind: 'object-lines', ids: [`${id}\n${id}`] }],
  ['object lines, peeled', { kind: 'object-lines', ids: [':/message'], peel: true }],
  ['a blob', { kind: 'blob', id: '--textconv' }],
  ['an entry', { kind: 'entry', commit: 'HEAD', path: 'a' }],
  ['a tree', { kind: 'tree', id: '', recursive: false }],
  ['history', { kind: 'history', from: '--all', skip: 0, most: 1 }],
  ['refs', { kind: 'refs', patterns: [], merged: 'main' }],
  ['stats', { kind: 'stats', commits: [{ id, parent: `${id} ${id}` }] }],
  ['history, less another', { kind: 'history', from: id, without: 'main', skip: 0, most: 1 }],
  ['a diff', { kind: 'diff', from: id, to: `${id}^` }],
  ['a diff, before', { kind: 'diff', from: '--output=x', to: id }],
  ['a merge base', { kind: 'merge-base', ids: [id, '--all'] }],
])('of %s, nothing but ids names an object', (_, inquiry) => {
  expect(() => askingOf(inquiry)).toThrow('object ids only')
})

test('a path or an author is one word, and cannot be an option', () => {
  const word = fc.string({ minLength: 1 })
  fc.assert(
    fc.property(word, word, (path, author) => {
      const { words } = askingOf({ kind: 'history', from: id, path, author, skip: 0, most: 1 })
      expect(words.slice(words.indexOf('--'))).toEqual(['--', path])
      expect(words.filter((said) => said.startsWith('--author='))).toEqual([`--author=${author}`])
      expect(askingOf({ kind: 'entry', commit: id, path }).words.slice(-3)).toEqual(['--', id, path])
    }),
  )
})
