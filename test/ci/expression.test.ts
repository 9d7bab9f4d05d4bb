import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Expression, isFulfilled, readExpression } from '../../src/ci/expression.ts'
import { Effort, TooMuchEffort, writtenPattern } from '../../src/ci/pattern.ts'

const variables = new Map([
  ['A', 'a'],
  ['EMPTY', ''],
  ['BRANCH', 'feature/one'],
  ['PATTERN', '/^feature/'],
])

const holds = (text: string): boolean | undefined => {
  const expression = readExpression(text)
  return expression && isFulfilled(expression, { variables, effort: new Effort() })
}

describe('an expression', () => {
  const cases: readonly (readonly [string, boolean | undefined])[] = [
    ['$A', true],
    ['$EMPTY', false],
    ['$NO', false],
    ['$NO == null', true],
    ['$EMPTY == null', false],
    ['$EMPTY == ""', true],
    ['$A == "a"', true],
    [`$A != 'a'`, false],
    ['"a" == $A', true],
    ['$A == "b" || $A == "a" && $BRANCH', true],
    ['($A == "a" || $A == "b") && $NO', false],
    ['$BRANCH =~ /^feature\\/.*$/', true],
    ['$BRANCH =~ /^FEATURE/', false],
    ['$BRANCH =~ /^FEATURE/i', true],
    ['$BRANCH !~ /^feature/', false],
    ['$BRANCH =~ $PATTERN', true],
    ['$BRANCH =~ $A', false],
    ['$NO =~ /x/', false],
    ['$NO !~ /x/', true],
    // What is not set is matched as empty text; what is no pattern is asked whether it holds the left side.
    ['$NO =~ /^$/', true],
    ['$NO !~ /^$/', false],
    ['$A =~ "a"', true],
    ['$A =~ $A', true],
    ['$A =~ "bar"', true],
    ['$A !~ "bar"', false],
    ['$A =~ "b"', false],
    ['$A =~ $NO', false],
    ['$A !~ $NO', true],
    ['("x" == "y" || "x")', true],
    ['("string" == ("test" && "string"))', true],
    ['$EMPTY && "string"', true],
    ['"string" && $EMPTY', false],
    ['null && "string"', false],
    ['', undefined],
    ['$A ==', undefined],
    ['$A === "a"', undefined],
    ['($A', undefined],
    ['$A $B', undefined],
    ['$A =~ /(?=x)/', undefined],
    ['$A =~ /(a)\\1/', undefined],
    ['/a/ == $A', undefined],
    ['$A =~ null', undefined],
    [`${'('.repeat(2000)}$A${')'.repeat(2000)}`, undefined],
  ]
  it.each(cases)('%s', (text, wanted) => {
    expect(holds(text)).toBe(wanted)
  })

  const word = fc.stringMatching(/^[A-Z_]{1,8}$/)
  const operand = fc.oneof(
    word.map((name): Expression => ({ kind: 'variable', name })),
    fc.stringMatching(/^[a-z $&|()]{0,8}$/).map((value): Expression => ({ kind: 'text', value })),
    fc.constant<Expression>({ kind: 'null' }),
  )
  const tree = fc.letrec<{ node: Expression }>((tie) => ({
    node: fc.oneof(
      { maxDepth: 5, depthSize: 'small' },
      operand,
      fc.record({ kind: fc.constantFrom('and' as const, 'or' as const), left: tie('node'), right: tie('node') }),
      fc.record({
        kind: fc.constant('compare' as const),
        sign: fc.constantFrom('==' as const, '!=' as const),
        left: operand,
        right: operand,
      }),
    ),
  })).node

  const print = (expression: Expression): string => {
    if (expression.kind === 'variable') return `$${expression.name}`
    if (expression.kind === 'text') return `"${expression.value}"`
    if (expression.kind === 'null') return 'null'
    if (expression.kind === 'pattern') return expression.written
    const sign = expression.kind === 'compare' ? expression.sign : { and: '&&', or: '||' }[expression.kind]
    return `(${print(expression.left)} ${sign} ${print(expression.right)})`
  }

  it('that is printed is read as the same', () => {
    fc.assert(
      fc.property(tree, (expression) => {
        expect(readExpression(print(expression))).toEqual(expression)
      }),
    )
  })

  it('of any text is read or refused', () => {
    const text = fc.string({ unit: fc.constantFrom(...'$AB"\'/=!~&|() null\\[]*+'), maxLength: 40 })
    fc.assert(
      fc.property(text, (value) => {
        holds(value)
      }),
      { numRuns: 2000 },
    )
  })
})

const finds = (written: string, text: string): boolean | undefined => writtenPattern(written)?.isIn(text, new Effort())

describe('a pattern', () => {
  const cases: readonly (readonly [string, string, boolean | undefined])[] = [
    ['/^release-\\d+\\.\\d+$/', 'release-1.20', true],
    ['/^release-\\d+\\.\\d+$/', 'release-1x20', false],
    ['/b{2,3}c/', 'abbc', true],
    ['/b{2,3}c/', 'abc', false],
    ['/^a{3}$/', 'aaaa', false],
    ['/^(?:main|dev)$/', 'dev', true],
    ['/^[^a-c\\d-]+$/', 'xyz', true],
    ['/^[^a-c\\d-]+$/', 'x-z', false],
    ['/\\bone\\b/', 'x one y', true],
    ['/\\bone\\b/', 'xoney', false],
    ['/^b$/', 'a\nb', false],
    ['/^b$/m', 'a\nb', true],
    ['/a.b/', 'a\nb', false],
    ['/a.b/s', 'a\nb', true],
    ['/ä/i', 'Ä', true],
    ['/(a*)*b/', 'aaab', true],
    ['/a{1000}{1000}/', 'a', undefined],
    ['/(((a{50}){50}){50})/', 'a', undefined],
    ['/[b-a]/', 'a', undefined],
    ['/(?<n>a)/', 'a', undefined],
    ['/(/', 'a', undefined],
    ['/*/', 'a', undefined],
    ['a', 'a', undefined],
    ['/a/x', 'a', undefined],
  ]
  it.each(cases)('%s in %j', (written, text, wanted) => {
    expect(finds(written, text)).toBe(wanted)
  })

  it('finds what the language’s own finds', () => {
    const source = fc.stringMatching(/^(?:[ab.]|[ab][*+?]|\((?:a|b|ab|a\|b)\)[*+?]?|\[ab\]|\^|\$){1,6}$/)
    fc.assert(
      fc.property(source, fc.stringMatching(/^[abc]{0,8}$/), (pattern, text) => {
        expect(finds(`/${pattern}/`, text)).toBe(new RegExp(pattern).test(text))
      }),
      { numRuns: 2000 },
    )
  })

  it('that takes others forever ends at once', () => {
    const before = performance.now()
    expect(finds('/(a+)+$/', `${'a'.repeat(20_000)}!`)).toBe(false)
    expect(performance.now() - before).toBeLessThan(2000)
  })

  it.each(['/((((){9999}){9999}){9999}){9999}/', '/(((x{0}){9999}){9999}){9999}/', '/(((|){9999}){9999}){9999}/'])(
    'that repeats nothing without end is refused: %s',
    (written) => {
      expect(writtenPattern(written)).toBeUndefined()
    },
  )

  it('that repeats nothing a few times is taken', () => {
    expect([finds('/^a(){3}b$/', 'ab'), finds('/^(x{0}|a)b$/', 'ab'), finds('/^(|a)b$/', 'b')]).toEqual([true, true, true])
  })

  it('may only do so much', () => {
    const pattern = writtenPattern('/(a+)+$/')
    expect(() => pattern?.isIn(`${'a'.repeat(5000)}!`, new Effort(1000))).toThrow(TooMuchEffort)
  })
})
