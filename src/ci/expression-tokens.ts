export type Comparison = '==' | '!=' | '=~' | '!~'
export type Token =
  | { readonly kind: 'variable' | 'text' | 'pattern'; readonly value: string }
  | { readonly kind: 'null' | '(' | ')' | '&&' | '||' }
  | { readonly kind: 'comparison'; readonly sign: Comparison }

/** Characters of one expression. */
export const mostExpression = 4096

const shapes: readonly (readonly [RegExp, (found: RegExpExecArray) => Token])[] = [
  [/(==|!=|=~|!~)/y, (found) => ({ kind: 'comparison', sign: comparisonOf(found[1]) })],
  [/&&/y, () => ({ kind: '&&' })],
  [/\|\|/y, () => ({ kind: '||' })],
  [/\(/y, () => ({ kind: '(' })],
  [/\)/y, () => ({ kind: ')' })],
  [/null\b/y, () => ({ kind: 'null' })],
  [/\$(\w+)/y, (found) => ({ kind: 'variable', value: found[1] ?? '' })],
  [/"([^"]*)"/y, (found) => ({ kind: 'text', value: found[1] ?? '' })],
  [/'([^']*)'/y, (found) => ({ kind: 'text', value: found[1] ?? '' })],
  [/\/(?:[^/\\]|\\.)+\/[ismU]{0,4}/y, (found) => ({ kind: 'pattern', value: found[0] })],
]

const comparisonOf = (sign: string | undefined): Comparison => (sign === '!=' || sign === '=~' || sign === '!~' ? sign : '==')

const tokenAt = (text: string, at: number): { readonly token: Token; readonly end: number } | undefined => {
  for (const [shape, make] of shapes) {
    shape.lastIndex = at
    const found = shape.exec(text)
    if (found !== null) return { token: make(found), end: shape.lastIndex }
  }
  return undefined
}

/** The words of an expression (gitlab `lib/gitlab/ci/pipeline/expression/lexer.rb`); undefined where one is unknown. */
export const tokensOf = (text: string): readonly Token[] | undefined => {
  if (text.length > mostExpression) return undefined
  const tokens: Token[] = []
  let at = 0
  while (at < text.length) {
    if (/\s/.test(text.charAt(at))) {
      at += 1
      continue
    }
    const found = tokenAt(text, at)
    if (found === undefined) return undefined
    tokens.push(found.token)
    at = found.end
  }
  return tokens
}
