import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { PatternIndex } from '../../src/access/rules/patterns.ts'
import { isValidRefName } from '../../src/access/rules/ref-name.ts'

const run = promisify(execFile)

const patternMatches = (pattern: string, name: string): boolean => new PatternIndex([[pattern, true]]).matching(name).length === 1

const letters = fc.constantFrom('a', 'b', '/', '*', '.')
const nameLetters = fc.constantFrom('a', 'b', '/', '.')

test('a pattern matches as the same pattern written as a regular expression', () => {
  const patterns = fc.string({ unit: letters, maxLength: 8 })
  const names = fc.string({ unit: nameLetters, maxLength: 12 })
  fc.assert(
    fc.property(patterns, names, (pattern, name) => {
      const escaped = pattern.split('*').map((piece) => piece.replace(/[.]/g, '\\.'))
      expect(patternMatches(pattern, name)).toBe(new RegExp(`^${escaped.join('.*')}$`).test(name))
    }),
    { numRuns: 5000 },
  )
})

test('a pattern of many stars is no trap for the clock', () => {
  expect(patternMatches(`${'a*'.repeat(500)}b`, 'a'.repeat(5000))).toBe(false)
})

const gitAgrees = async (ref: string): Promise<boolean> =>
  run('git', ['check-ref-format', ref]).then(
    () => true,
    () => false,
  )

test.each([
  'heads/main',
  'a',
  'a/b.lock',
  'a/.b',
  'a..b',
  'a b',
  'a~1',
  'a^',
  'a:b',
  'a?',
  'a*',
  'a[',
  'a\\b',
  'a@{b',
  '@',
  'a.',
  'a/',
  'a//b',
  'ä/ö',
  '-a',
  'a\u007f',
  'a/b.lock/c',
])('refs/heads/%s is valid exactly where git says so', async (name) => {
  const ref = `refs/heads/${name}`
  expect(isValidRefName(ref)).toBe(await gitAgrees(ref))
})
