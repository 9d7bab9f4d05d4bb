import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Command, gitProtocolOf, parseExec } from '../../src/ssh/exec.ts'
import { splitWords } from '../../src/ssh/shell-words.ts'

const git = (service: 'upload-pack' | 'receive-pack' | 'upload-archive', path = 'group/project'): Command => ({
  kind: 'git',
  service,
  path,
})

describe('a git command', () => {
  test.each<[string, Command]>([
    ["git-upload-pack 'group/project.git'", git('upload-pack')],
    ["git-receive-pack 'group/project.git'", git('receive-pack')],
    ["git-upload-archive 'group/project.git'", git('upload-archive')],
    ["git upload-pack 'group/project.git'", git('upload-pack')],
    ["git receive-pack '/group/project.git'", git('receive-pack')],
    ["git-upload-pack '/group/project.git'", git('upload-pack')],
    ["git-upload-pack 'group/project'", git('upload-pack')],
    ["git-upload-pack '/group/project/'", git('upload-pack')],
    ["git-upload-pack '/group/project.git/'", git('upload-pack')],
    ['git-upload-pack group/project.git', git('upload-pack')],
    ['git-upload-pack "group/project.git"', git('upload-pack')],
    ['git-upload-pack group\\/project.git', git('upload-pack')],
    ['  git-upload-pack   \'gr\'oup/"project"  ', git('upload-pack')],
    ["git-upload-pack 'a/b/c/d.git'", git('upload-pack', 'a/b/c/d')],
    ["git-upload-pack 'project'", git('upload-pack', 'project')],
    ["git-upload-pack 'it'\\''s/here'\\!'.git'", git('upload-pack', "it's/here!")],
    ["git-upload-pack 'group/.git.git'", git('upload-pack', 'group/.git')],
    ["git-upload-pack 'gruppe/größe.git'", git('upload-pack', 'gruppe/größe')],
    ["git-upload-pack 'a%2e%2e/b'", git('upload-pack', 'a%2e%2e/b')],
    ["git-upload-pack '$HOME/project'", git('upload-pack', '$HOME/project')],
  ])('%s', (line, command) => {
    expect(parseExec(line)).toEqual(command)
  })
})

describe('a path that is none', () => {
  test.each([
    '~/project.git',
    '/~/project.git',
    '/~root/project',
    'group/~x',
    '../etc/passwd',
    'group/../../etc',
    'group/..',
    './group/project',
    'group//project',
    '//group/project',
    '/',
    '',
    '.git',
    'group/.git',
    'group\\project',
    'group/pro\u0007ject',
    'group/pro\nject',
    'group/pro\u009bject',
    `group/${'x'.repeat(256)}`,
  ])('%j', (path) => {
    expect(parseExec(`git-upload-pack '${path}'`)).toEqual({ kind: 'bad-path', service: 'upload-pack' })
  })
})

describe('what is no git command', () => {
  test.each<[string, Command]>([
    ['', { kind: 'welcome' }],
    ['   ', { kind: 'welcome' }],
    ['ls -la', { kind: 'unknown', shown: 'ls -la' }],
    ['git', { kind: 'unknown', shown: 'git' }],
    ['git gc', { kind: 'unknown', shown: 'git gc' }],
    ['git-shell', { kind: 'unknown', shown: 'git-shell' }],
    ["GIT-UPLOAD-PACK 'a/b'", { kind: 'unknown', shown: "GIT-UPLOAD-PACK 'a/b'" }],
    ["/usr/bin/git-upload-pack 'a/b'", { kind: 'unknown', shown: "/usr/bin/git-upload-pack 'a/b'" }],
    ['constructor x', { kind: 'unknown', shown: 'constructor x' }],
    ['ls \u001b[2J', { kind: 'unknown', shown: 'ls ?[2J' }],
    [`ls ${'x'.repeat(300)}`, { kind: 'unknown', shown: `ls ${'x'.repeat(197)}` }],
    ['git-upload-pack', { kind: 'disallowed', service: 'upload-pack' }],
    ["git-upload-pack 'a/b' c", { kind: 'disallowed', service: 'upload-pack' }],
    ["git-upload-pack --strict 'a/b'", { kind: 'disallowed', service: 'upload-pack' }],
    ["git-upload-pack 'a/b", { kind: 'unparsable' }],
    ['git-upload-pack "a/b', { kind: 'unparsable' }],
    ['git-upload-pack a/b\\', { kind: 'unparsable' }],
    ["git-upload-pack 'a/b'; rm -rf x", { kind: 'unparsable' }],
    ["git-upload-pack 'a/b' && id", { kind: 'unparsable' }],
    ["git-upload-pack 'a/b' | sh", { kind: 'unparsable' }],
    ["git-upload-pack 'a/b' > x", { kind: 'unparsable' }],
    ["git-upload-pack 'a/b'\nid", { kind: 'unparsable' }],
    ['git-upload-pack `id`', { kind: 'unparsable' }],
    ['git-upload-pack $(id)', { kind: 'unparsable' }],
    ["git-upload-pack 'a/b\0'", { kind: 'unparsable' }],
    [`git-upload-pack '${'a/'.repeat(2100)}b'`, { kind: 'unparsable' }],
  ])('%j', (line, command) => {
    expect(parseExec(line)).toEqual(command)
  })
})

describe('any line', () => {
  const pieces = fc.constantFrom(
    'git-upload-pack',
    'git',
    'receive-pack',
    ' ',
    "'",
    '"',
    '\\',
    '/',
    '..',
    '~',
    '.git',
    'a',
    ';',
    '\0',
    '\n',
  )
  const lines = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(pieces, { maxLength: 20 }).map((parts) => parts.join('')),
  )

  test('never throws, and a path that comes out has plain parts only', () => {
    fc.assert(
      fc.property(lines, (line) => {
        const command = parseExec(line)
        if (command.kind !== 'git') return
        for (const part of command.path.split('/')) {
          expect(['', '.', '..']).not.toContain(part)
          expect(part).not.toMatch(/[\p{Cc}\\]|^~/u)
        }
      }),
    )
  })

  test('a word that is quoted as git quotes it comes out as it went in', () => {
    const quote = (word: string): string => `'${word.replace(/['!]/g, (character) => `'\\${character}'`)}'`
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' })), (words) => {
        expect(splitWords(words.map(quote).join(' '))).toEqual(words)
      }),
    )
  })
})

describe('GIT_PROTOCOL', () => {
  test.each([
    ['GIT_PROTOCOL', 'version=2', 'version=2'],
    ['GIT_PROTOCOL', 'version=2:object-format=sha1', 'version=2:object-format=sha1'],
    ['GIT_PROTOCOL', '', undefined],
    ['GIT_PROTOCOL', 'version=2\nx', undefined],
    ['GIT_PROTOCOL', 'version=2 ', undefined],
    ['GIT_PROTOCOL', 'x'.repeat(257), undefined],
    ['GIT_DIR', 'version=2', undefined],
    ['LD_PRELOAD', 'x', undefined],
    ['git_protocol', 'version=2', undefined],
  ])('%s=%j', (name, value, taken) => {
    expect(gitProtocolOf(name, value)).toBe(taken)
  })
})
