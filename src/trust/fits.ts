import { PatternIndex } from '../access/rules/patterns.ts'
import type { ClaimPatterns } from '../store/trusts.ts'
import type { Claims } from './outside-token.ts'

/** Why a token whose signature is good is none that a trust names. */
export interface Misfit {
  readonly reason: 'audience_mismatch' | 'claim_missing' | 'claim_mismatch'
  readonly claim: string
  /** What stood there, as a text; absent where nothing did. */
  readonly found?: readonly string[]
}

/** Longest value that is compared, and that is shown, in characters. */
const longestValue = 2_000
const mostValues = 200

const textOf = (value: unknown): readonly string[] => {
  if (typeof value === 'string') return value.length <= longestValue ? [value] : []
  return typeof value === 'number' || typeof value === 'boolean' ? [String(value)] : []
}

/** The values of a claim as texts: one, or those of a list. What is nested deeper is never compared. */
const valuesOf = (claims: Claims, name: string): readonly string[] => {
  const value = Object.hasOwn(claims, name) ? claims[name] : undefined
  return Array.isArray(value) ? value.slice(0, mostValues).flatMap(textOf) : textOf(value)
}

const fitsAny = (values: readonly string[], patterns: readonly string[]): boolean => {
  const index = new PatternIndex(patterns.map((pattern) => [pattern, true] as const))
  return values.some((value) => {
    const matching = index.matching(value)
    return matching !== 'too-much' && matching.length > 0
  })
}

const shown = (values: readonly string[]): readonly string[] => values.slice(0, 10).map((value) => value.slice(0, 200))

const claimMisfit = (claims: Claims, name: string, patterns: readonly string[]): Misfit | undefined => {
  const values = valuesOf(claims, name)
  if (values.length === 0) return { reason: 'claim_missing', claim: name }
  return fitsAny(values, patterns) ? undefined : { reason: 'claim_mismatch', claim: name, found: shown(values) }
}

/**
 * The first thing in which a token is not what a trust names; undefined where it fits. The audience is compared as it
 * is; of every claim that is named, one value must fit one of the patterns.
 */
export const misfitOf = (
  claims: Claims,
  { audience, claims: patterns }: { readonly audience: string; readonly claims: ClaimPatterns },
): Misfit | undefined => {
  const audiences = valuesOf(claims, 'aud')
  if (!audiences.includes(audience)) return { reason: 'audience_mismatch', claim: 'aud', found: shown(audiences) }
  for (const [name, wanted] of Object.entries(patterns)) {
    const misfit = claimMisfit(claims, name, wanted)
    if (misfit !== undefined) return misfit
  }
  return undefined
}
