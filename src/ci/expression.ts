import { type Comparison, type Token, tokensOf } from './expression-tokens.ts'
import { type Effort, type Pattern, writtenPattern } from './pattern.ts'

export type Operand =
  | { readonly kind: 'variable'; readonly name: string }
  | { readonly kind: 'text'; readonly value: string }
  | { readonly kind: 'null' }
  | { readonly kind: 'pattern'; readonly written: string; readonly pattern: Pattern }

export type Expression =
  | Operand
  | { readonly kind: 'compare'; readonly sign: Comparison; readonly left: Expression; readonly right: Expression }
  | { readonly kind: 'and' | 'or'; readonly left: Expression; readonly right: Expression }

const mostDepth = 50

class Reader {
  readonly #tokens: readonly Token[]
  #at = 0

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens
  }

  get isDone(): boolean {
    return this.#at >= this.#tokens.length
  }

  #takes(kind: Token['kind']): boolean {
    const fits = this.#tokens[this.#at]?.kind === kind
    if (fits) this.#at += 1
    return fits
  }

  or(depth: number): Expression | undefined {
    if (depth > mostDepth) return undefined
    return this.#chain('||', 'or', () => this.#and(depth))
  }

  #and(depth: number): Expression | undefined {
    return this.#chain('&&', 'and', () => this.#comparison(depth))
  }

  #chain(token: '&&' | '||', kind: 'and' | 'or', next: () => Expression | undefined): Expression | undefined {
    let left = next()
    while (left !== undefined && this.#takes(token)) {
      const right = next()
      left = right && { kind, left, right }
    }
    return left
  }

  #comparison(depth: number): Expression | undefined {
    let left = this.#operand(depth)
    let token = this.#tokens[this.#at]
    while (left !== undefined && token?.kind === 'comparison') {
      this.#at += 1
      const right = this.#operand(depth)
      left = right && { kind: 'compare', sign: token.sign, left, right }
      token = this.#tokens[this.#at]
    }
    return left
  }

  #operand(depth: number): Expression | undefined {
    const token = this.#tokens[this.#at]
    this.#at += 1
    if (token?.kind === 'variable') return { kind: 'variable', name: token.value }
    if (token?.kind === 'text') return { kind: 'text', value: token.value }
    if (token?.kind === 'null') return { kind: 'null' }
    if (token?.kind === 'pattern') return patternOperand(token.value)
    if (token?.kind !== '(') return undefined
    const inner = this.or(depth + 1)
    return this.#takes(')') ? inner : undefined
  }
}

const patternOperand = (written: string): Operand | undefined => {
  const pattern = writtenPattern(written)
  return pattern && { kind: 'pattern', written, pattern }
}

const isFitting = (expression: Expression): boolean => {
  if (expression.kind === 'and' || expression.kind === 'or') return isFitting(expression.left) && isFitting(expression.right)
  if (expression.kind !== 'compare') return true
  const matches = expression.sign === '=~' || expression.sign === '!~'
  const { left, right } = expression
  const isPatternPlace = !matches || right.kind === 'pattern' || right.kind === 'variable' || right.kind === 'text'
  return isPatternPlace && left.kind !== 'pattern' && isFitting(left) && isFitting(right)
}

/** Reads `$A == "b" && $C =~ /d/`; undefined where it cannot be understood, or a pattern in it is not taken. */
export const readExpression = (text: string): Expression | undefined => {
  const tokens = tokensOf(text)
  if (tokens === undefined || tokens.length === 0) return undefined
  const reader = new Reader(tokens)
  const expression = reader.or(0)
  return expression !== undefined && reader.isDone && isFitting(expression) ? expression : undefined
}

export interface Scope {
  readonly variables: ReadonlyMap<string, string>
  readonly effort: Effort
}

type Result = string | boolean | undefined

const isTrue = (result: Result): boolean => result !== undefined && result !== false

/**
 * What is not set is matched as empty text. Text that is no pattern is asked whether it holds the left side (gitlab
 * `lexeme/matches.rb`, and `Pattern.build_and_evaluate` where it hands such text on). Undefined where there is no right side.
 */
const matches = (left: Result, right: Expression, scope: Scope): boolean | undefined => {
  const text = String(left ?? '')
  if (right.kind === 'pattern') return right.pattern.isIn(text, scope.effort)
  const written = evaluate(right, scope)
  if (typeof written !== 'string') return undefined
  scope.effort.spend(written.length + text.length)
  return writtenPattern(written)?.isIn(text, scope.effort) ?? written.includes(text)
}

const compare = (sign: Comparison, left: Result, right: Expression, scope: Scope): boolean => {
  if (sign === '==') return left === evaluate(right, scope)
  if (sign === '!=') return left !== evaluate(right, scope)
  if (sign === '!~') return !(matches(left, right, scope) ?? false)
  return matches(left, right, scope) ?? false
}

const evaluate = (expression: Expression, scope: Scope): Result => {
  if (expression.kind === 'variable') return scope.variables.get(expression.name)
  if (expression.kind === 'text') return expression.value
  if (expression.kind === 'null') return undefined
  if (expression.kind === 'pattern') return expression.written
  const left = evaluate(expression.left, scope)
  if (expression.kind === 'compare') return compare(expression.sign, left, expression.right, scope)
  return isTrue(left) === (expression.kind === 'and') ? evaluate(expression.right, scope) : left
}

/** Whether it holds: a variable by itself holds where it is not blank. Throws `TooMuchEffort`. */
export const isFulfilled = (expression: Expression, scope: Scope): boolean => {
  const result = evaluate(expression, scope)
  return typeof result === 'string' ? result.trim() !== '' : isTrue(result)
}
