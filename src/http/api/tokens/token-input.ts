import { type AccessTokenScope, accessTokenScopes } from '../../../core/scope.ts'
import { personalScopes } from '../../../tokens/kinds.ts'
import { type LifeRules, lastExpiry } from '../../../tokens/lifetime.ts'
import { day, list, oneOf, optional, optionalText, text } from '../input.ts'

/** Parameters that every new access token has. */
export const newTokenFields = {
  name: text(),
  description: optionalText(),
  expires_at: optional(day()),
}

export const scopeList = () => list(oneOf(accessTokenScopes))

/** Messages by field (Rails), for a token that cannot be made. */
export type TokenProblems = Readonly<Record<string, readonly [string]>>

/** A day that is past is fine: such a token is dead at once. */
export const expiryProblem = (expiresOn: string | undefined, life: LifeRules, now: number): string | undefined => {
  const last = lastExpiry(life, now)
  return expiresOn !== undefined && last !== undefined && expiresOn > last ? `must be before ${last}` : undefined
}

const scopeProblem = (scopes: readonly AccessTokenScope[], ownerIsAdmin: boolean): string | undefined => {
  if (scopes.length === 0) return "can't be blank"
  const offered = personalScopes(ownerIsAdmin)
  return scopes.every((scope) => offered.includes(scope)) ? undefined : 'can only contain available scopes'
}

export const tokenProblems = (
  input: { readonly name: string; readonly scopes: readonly AccessTokenScope[]; readonly expires_at: string | undefined },
  ownerIsAdmin: boolean,
  life: LifeRules,
  now: number,
): TokenProblems => {
  const scopes = scopeProblem(input.scopes, ownerIsAdmin)
  const expiry = expiryProblem(input.expires_at, life, now)
  return {
    ...(input.name.trim() === '' && { name: ["can't be blank"] as const }),
    ...(scopes && { scopes: [scopes] as const }),
    ...(expiry && { expires_at: [expiry] as const }),
  }
}

const fieldNames: Readonly<Record<string, string>> = { name: 'Name', scopes: 'Scopes', expires_at: 'Expiration date' }

/** The same as one sentence, as GitLab's services tell it; undefined where there is no problem. */
export const problemSentence = (problems: TokenProblems): string | undefined => {
  const sentences = Object.entries(problems).map(([field, [text]]) => `${fieldNames[field] ?? field} ${text}`)
  return sentences.length === 0 ? undefined : sentences.join(' and ')
}
