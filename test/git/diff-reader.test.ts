import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { parseChangedFile } from '../../src/git/changed-files.ts'
import { type DiffLimits, readDiff, standardDiffLimits } from '../../src/git/diff-reader.ts'
import { askingOf } from '../../src/git/inquiry.ts'
import { unquotePath } from '../../src/git/quoted-path.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'diff-'))
  git('init', '-q', '-b', 'main')
})
afterEach(() => rmSync(directory, { recursive: true }))

const git = (...words: string[]): Buffer =>
  execFileSync('git', words, {
    cwd: directory,
    env: { PATH: process.env['PATH'], HOME: directory, GIT_CONFIG_NOSYSTEM: '1' },
    maxBuffer: 2 ** 28,
  })

const write = (path: string, content: string | Buffer): void => {
  mkdirSync(dirname(join(directory, path)), { recursive: true })
  writeFileSync(join(directory, path), content)
}

const commit = (): string => {
  git('add', '-A')
  git('-c', 'user.name=a', '-c', 'user.email=a@b', 'commit', '-q', '--allow-empty', '-m', 'x')
  return git('rev-parse', 'HEAD').toString().trim()
}

async function* inPieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

const diff = (from: string | undefined, to: string, { expanded = true, limits = standardDiffLimits, size = 65_536 } = {}) =>
  readDiff(inPieces(git(...askingOf({ kind: 'diff', from, to }).words), size), expanded, limits)

const small = (all: Partial<DiffLimits['all']>, safe: Partial<DiffLimits['safe']> = {}): DiffLimits => ({
  all: { ...standardDiffLimits.all, ...all },
  safe: { ...standardDiffLimits.safe, ...safe },
})

describe('what became of each file', () => {
  test('in any piece of git’s answer', async () => {
    write('changed', 'a\nb\n')
    write('data', Buffer.from([0, 1, 2]))
    write('old/name', 'line\n'.repeat(50))
    write('went', 'gone\n')
    write('run', '#!/bin/sh\n')
    symlinkSync('changed', join(directory, 'link'))
    const first = commit()
    write('changed', 'a\nc')
    write('data', Buffer.from([0, 1, 3]))
    renameSync(join(directory, 'old/name'), join(directory, 'näme\n@@ \tx"'))
    rmSync(join(directory, 'went'))
    chmodSync(join(directory, 'run'), 0o755)
    rmSync(join(directory, 'link'))
    write('link', 'file\n')
    write('new', 'n\n')
    const second = commit()
    const whole = await diff(first, second)
    const usual = { collapsed: false, tooLarge: false }
    const file = (path: string, oldMode: string, newMode: string, text: string) => ({
      ...usual,
      oldPath: path,
      newPath: path,
      oldMode,
      newMode,
      text,
    })
    expect(whole.overflow).toBe(false)
    expect(whole.files).toEqual(
      expect.arrayContaining([
        file('changed', '100644', '100644', '@@ -1,2 +1,2 @@\n a\n-b\n+c\n\\ No newline at end of file\n'),
        file('data', '100644', '100644', 'Binary files a/data and b/data differ\n'),
        file('link', '120000', '0', '@@ -1 +0,0 @@\n-changed\n\\ No newline at end of file\n'),
        file('link', '0', '100644', '@@ -0,0 +1 @@\n+file\n'),
        file('new', '0', '100644', '@@ -0,0 +1 @@\n+n\n'),
        { ...file('näme\n@@ \tx"', '100644', '100644', ''), oldPath: 'old/name' },
        file('run', '100644', '100755', ''),
        file('went', '100644', '0', '@@ -1 +0,0 @@\n-gone\n'),
      ]),
    )
    expect(whole.files).toHaveLength(8)
    for (const size of [1, 7, 100]) expect(await diff(first, second, { size })).toEqual(whole)
  })

  test('since there was nothing, and where nothing changed', async () => {
    write('a', 'x\n')
    const first = commit()
    expect((await diff(undefined, first)).files).toMatchObject([{ newPath: 'a', oldMode: '0', text: '@@ -0,0 +1 @@\n+x\n' }])
    expect(await diff(first, commit())).toEqual({ files: [], overflow: false })
  })

  test('whatever lines a file holds, or its name: none begins another patch', async () => {
    const evil = 'diff --git a/x b/x\n@@ -1 +1 @@\nBinary files a and b differ\n:100644 100644 a b M\tx\n\n'
    write(evil.slice(0, 100).replaceAll('/', '\u2215'), evil)
    write('plain', evil)
    const { files } = await diff(undefined, commit())
    expect(files.map(({ text }) => text)).toEqual(Array(2).fill(`@@ -0,0 +1,5 @@\n${evil.replaceAll(/^/gm, '+').slice(0, -1)}`))
  })
})

describe('bounds', () => {
  beforeEach(() => {
    for (const name of ['a', 'b', 'c', 'd']) write(name, `${name}\n`.repeat(10))
  })

  const shown = async (limits: DiffLimits, expanded = true) => {
    const { files, overflow } = await diff(undefined, commit(), { limits, expanded })
    const words = files.map(({ collapsed, tooLarge, text }) => (collapsed ? 'collapsed' : tooLarge ? 'large' : text !== ''))
    return [words, overflow]
  }

  test('of one patch', async () => {
    write('b', 'b'.repeat(2000))
    expect(await shown(small({ patch: 1000 }))).toEqual([[true, 'large', true, true], false])
  })

  test('of a line that has no end in sight', async () => {
    write('b', Buffer.alloc(3 * 2 ** 20, 'b'))
    expect(await shown(standardDiffLimits)).toEqual([[true, 'large', true, true], false])
  })

  test.each([
    [{ files: 2 }, 2],
    [{ lines: 25 }, 2],
    [{ bytes: 100 }, 2],
    [{ files: 4 }, 4],
  ])('of all together: %j', async (all, most) => {
    expect(await shown(small(all))).toEqual([Array(most).fill(true), most < 4])
  })

  test.each([
    [{ files: 2 }, [true, true, 'collapsed', 'collapsed']],
    [{ lines: 15 }, [true, true, 'collapsed', 'collapsed']],
    [{ bytes: 30 }, [true, 'collapsed', 'collapsed', 'collapsed']],
    [{ patch: 10 }, ['collapsed', 'collapsed', 'collapsed', 'collapsed']],
  ])('before patches are collapsed: %j', async (safe, words) => {
    expect(await shown(small({}, safe), false)).toEqual([words, false])
    expect(await shown(small({}, safe), true)).toEqual([[true, true, true, true].map(() => true), false])
  })
})

describe('lines of changed files', () => {
  test.each(['', ':', ':100644 100644 a b M\tx', ':100644 100644 M', 'diff --git a/x b/x'])('%j is none', (line) => {
    expect(() => parseChangedFile(line)).toThrow('cannot be read')
  })

  test('no text is read but as one, or refused', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const ids = `${'a'.repeat(40)} ${'b'.repeat(40)}`
        try {
          expect(parseChangedFile(`:100644 000000 ${ids} D\t${text}`)).toMatchObject([{ oldMode: '100644', newMode: '0' }])
        } catch (fault) {
          expect(String(fault)).toMatch(/cannot be read/)
        }
      }),
    )
  })
})

test('paths are read as git quotes them', () => {
  const quoted = (bytes: Buffer): string => {
    const escaped = [...bytes].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`)
    return `"${escaped.join('')}"`
  }
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (path) => {
      expect(unquotePath(quoted(Buffer.from(path)))).toBe(path.toWellFormed())
    }),
  )
  expect(unquotePath('"a\\tb\\"\\\\\\303\\244\\n"')).toBe('a\tb"\\ä\n')
  expect(unquotePath('plain \\n')).toBe('plain \\n')
})
