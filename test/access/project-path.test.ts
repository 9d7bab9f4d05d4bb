import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  checkProjectPath,
  groupNameProblem,
  groupPathProblems,
  isReservedOnTop,
  pathFromName,
  projectNameProblem,
  projectPathProblem,
  splitPath,
} from '../../src/access/project-path.ts'

describe('a project’s path', () => {
  test.each(['a', 'tool', 'Tool-2', 'a.b_c-d', '2024', 'x'.repeat(255), 'admin', 'api'])('%s is good', (path) => {
    expect(projectPathProblem(path)).toBeUndefined()
    expect(checkProjectPath(path)).toBeUndefined()
  })

  test.each([
    ['', "can't be blank"],
    ['-', 'can only include'],
    ['-x', 'can only include'],
    ['.x', 'can only include'],
    ['x-', 'can only include'],
    ['x.', 'can only include'],
    ['a--b', 'can only include'],
    ['a..b', 'can only include'],
    ['tool.git', 'can only include'],
    ['tool.GIT', 'can only include'],
    ['tool.atom', 'can only include'],
    ['a/b', 'can only include'],
    ['a b', 'can only include'],
    ['tööl', 'can only include'],
    ['a\0b', 'can only include'],
    ['a\nb', 'can only include'],
    ['new', 'new is a reserved name'],
    ['Wikis', 'Wikis is a reserved name'],
    ['x'.repeat(256), 'is too long (maximum is 255 characters)'],
  ])('%j is not', (path, text) => {
    expect(projectPathProblem(path)).toContain(text)
    expect(checkProjectPath(path)).toMatch(/^Path /)
  })
})

test('a group on top stands in nobody’s way; one below may be called like an address', () => {
  expect(groupPathProblems('admin', true)).toEqual(['admin is a reserved name'])
  expect(groupPathProblems('API', true)).toEqual(['API is a reserved name'])
  expect(groupPathProblems('admin', false)).toEqual([])
  expect(groupPathProblems('tree', false)).toEqual(['tree is a reserved name'])
  expect(groupPathProblems('_x', false)).toEqual([expect.stringContaining('It must not start with')])
  expect(groupPathProblems('a b', false)).toEqual([
    expect.stringContaining('It must not start with'),
    expect.stringContaining("Cannot start with '-' or end in '.'"),
  ])
  expect(['-', 'oauth', 'jwt', 'v2', '.well-known'].every(isReservedOnTop)).toBe(true)
  expect(isReservedOnTop('team')).toBe(false)
})

test.each([
  ['Tool 2 + Söhne', undefined],
  ['😀 fun', undefined],
  ['_x', undefined],
  ['', "can't be blank"],
  ['  ', "can't be blank"],
  ['<script>', 'can contain only'],
  ['a\nb', 'can contain only'],
  ['-x', 'can contain only'],
])('the name %j', (name, text) => {
  const found = projectNameProblem(name)
  if (text === undefined) expect(found).toBeUndefined()
  else expect(found).toContain(text)
})

test('a group’s name may have brackets, a project’s not', () => {
  expect(groupNameProblem('Team (old)')).toBeUndefined()
  expect(projectNameProblem('Team (old)')).toContain('can contain only')
})

test.each([
  ['My Tools', 'my-tools'],
  ['Möbel & Co.', 'mobel-co'],
  ['a.b', 'a-b'],
  ['  x  ', 'x'],
  ['日本', ''],
])('the path of %j is %j', (name, path) => {
  expect(pathFromName(name)).toBe(path)
})

describe('splitting a whole path', () => {
  test.each([
    ['team/tool', { namespace: 'team', path: 'tool' }],
    ['team/sub/tool', { namespace: 'team/sub', path: 'tool' }],
    ['team/new', { namespace: 'team', path: 'new' }],
    ['tool', undefined],
    ['', undefined],
    ['/tool', undefined],
    ['team/', undefined],
    ['team//tool', undefined],
    ['team/-x', undefined],
    ['team/a b', undefined],
    ['team/tool.git', undefined],
    ['team.git/tool', undefined],
    ['team/t\0ol', undefined],
    [`${'t'.repeat(200)}/${'t'.repeat(60)}`, undefined],
  ])('%j', (text, parts) => {
    expect(splitPath(text)).toEqual(parts)
  })

  test('whatever comes, the parts make the whole and hold nothing odd', () => {
    const odd = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.stringMatching(/^[a-z./_-]{0,20}$/))
    fc.assert(
      fc.property(odd, (text) => {
        const parts = splitPath(text)
        if (parts === undefined) return
        expect(`${parts.namespace}/${parts.path}`).toBe(text)
        expect(text).toMatch(/^[a-zA-Z0-9_./-]{3,255}$/)
        expect(parts.path).not.toContain('/')
      }),
    )
  })

  test('a good path is always found again', () => {
    const segment = fc.stringMatching(/^[a-z0-9]{1,20}$/)
    fc.assert(
      fc.property(fc.array(segment, { minLength: 1, maxLength: 5 }), segment, (above, path) => {
        expect(splitPath([...above, path].join('/'))).toEqual({ namespace: above.join('/'), path })
        expect(checkProjectPath(path)).toBe(
          projectPathProblem(path) === undefined ? undefined : `Path ${projectPathProblem(path)}`,
        )
      }),
    )
  })
})
