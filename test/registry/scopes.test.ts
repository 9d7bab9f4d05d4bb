import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { longestScope, mostScopes, projectPaths, readScope, readScopes } from '../../src/registry/scopes.ts'

const plain = (type: string, name: string, ...actions: string[]) => ({ type, class: undefined, name, actions })

describe('one scope', () => {
  test.each([
    ['repository:castle/app:pull', plain('repository', 'castle/app', 'pull')],
    ['repository:castle/app:pull,push', plain('repository', 'castle/app', 'pull', 'push')],
    ['repository:castle/app:push,pull,push', plain('repository', 'castle/app', 'push', 'pull')],
    ['repository:castle/app:*', plain('repository', 'castle/app', '*')],
    ['registry:catalog:*', plain('registry', 'catalog', '*')],
    ['repository(plugin):castle/app:pull', { ...plain('repository', 'castle/app', 'pull'), class: 'plugin' }],
    ['repository:localhost:5000/castle/app:pull', plain('repository', 'localhost:5000/castle/app', 'pull')],
    ['repository:castle/app:,pull,', plain('repository', 'castle/app', 'pull')],
  ])('%s', (text, expected) => {
    expect(readScope(text)).toEqual(expected)
  })

  test.each([
    '',
    ':',
    '::',
    'repository',
    'repository:castle/app',
    'repository::pull',
    'repository:castle/app:',
    'repository:castle/app:,',
    ':castle/app:pull',
    'Repository:castle/app:pull',
    'repository():castle/app:pull',
    'repository(a:b):castle/app:pull',
    'repo sitory:castle/app:pull',
  ])('%j is none', (text) => {
    expect(readScope(text)).toBeUndefined()
  })
})

describe('all that is asked', () => {
  const [one, other] = [plain('repository', 'castle/app', 'pull', 'push'), plain('repository', 'castle/base', 'pull')]

  test.each([
    ['repeated parameters', ['repository:castle/app:pull,push', 'repository:castle/base:pull']],
    ['blanks in one', ['repository:castle/app:pull,push repository:castle/base:pull']],
    ['both, with more blanks', ['  repository:castle/app:pull,push\t', '', 'repository:castle/base:pull\n']],
    ['the same twice', ['repository:castle/app:pull,push repository:castle/base:pull', 'repository:castle/base:pull']],
    ['actions of one thing apart', ['repository:castle/app:pull', 'repository:castle/base:pull', 'repository:castle/app:push']],
    ['nonsense between', ['repository:castle/app:pull,push nonsense', ':::', 'repository:castle/base:pull']],
  ])('%s', (_name, values) => {
    expect(readScopes(values)).toEqual([one, other])
  })

  test('things of another class are other things', () => {
    expect(readScopes(['repository:castle/app:pull', 'repository(plugin):castle/app:push'])).toHaveLength(2)
  })

  test('too many, or too long ones, are refused whole', () => {
    const many = Array.from({ length: mostScopes + 1 }, () => 'repository:castle/app:pull')
    expect(readScopes(many)).toBe('registry_scopes_too_many')
    expect(readScopes([many.join(' ')])).toBe('registry_scopes_too_many')
    expect(readScopes(many.slice(1))).toHaveLength(1)
    expect(readScopes([`repository:${'a'.repeat(longestScope)}:pull`])).toBe('registry_scope_too_long')
  })

  test('whatever comes, each thing is named once and has an action', () => {
    const text = fc.oneof(fc.string(), fc.stringMatching(/^[a-z()]{0,12}:[a-z/:]{0,8}:[a-z,*]{0,12}$/))
    fc.assert(
      fc.property(fc.array(text, { maxLength: 20 }), (values) => {
        const asked = readScopes(values)
        if (typeof asked === 'string') return
        const names = asked.map(({ type, class: classOf, name }) => JSON.stringify([type, classOf, name]))
        expect(new Set(names).size).toBe(names.length)
        for (const { actions } of asked) {
          expect(actions.length).toBeGreaterThan(0)
          expect(new Set(actions).size).toBe(actions.length)
        }
      }),
    )
  })
})

describe('where the project of a repository may stand', () => {
  test.each([
    ['castle/app', ['castle/app']],
    ['castle/app/web', ['castle/app/web', 'castle/app']],
    ['castle/app/web/base', ['castle/app/web/base', 'castle/app/web', 'castle/app']],
    ['a/b/c/d/e', ['a/b/c/d/e', 'a/b/c/d', 'a/b/c']],
    ['castle/my__app-2.x', ['castle/my__app-2.x']],
    ['app', []],
    ['', []],
    ['castle/', []],
    ['/castle/app', []],
    ['castle//app', []],
    ['castle/../app', []],
    ['castle/app/*', []],
    ['*/*', []],
    ['Castle/App', []],
    ['castle/app\0', []],
    ['castle/ app', []],
    ['localhost:5000/castle/app', []],
    [`castle/${'a'.repeat(249)}`, []],
    [Array.from({ length: 20 }, () => 'a').join('/'), []],
  ])('%j', (name, expected) => {
    expect(projectPaths(name)).toEqual(expected)
  })

  test('whatever comes: three at most, each the beginning of the name', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[a-z0-9._/-]{0,40}$/)), (name) => {
        const paths = projectPaths(name)
        expect(paths.length).toBeLessThanOrEqual(3)
        for (const path of paths) expect(name === path || name.startsWith(`${path}/`)).toBe(true)
      }),
    )
  })
})
