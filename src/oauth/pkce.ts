import { createHash } from 'node:crypto'

/** GitLab takes both; `plain` only where it is asked for by name (doorkeeper `pre_authorization.rb`). */
export const challengeMethods = ['plain', 'S256'] as const
export type ChallengeMethod = (typeof challengeMethods)[number]

export const isChallengeMethod = (text: string): text is ChallengeMethod => (challengeMethods as readonly string[]).includes(text)

/** What an application will have to show a fitting verifier for (RFC 7636). */
export interface Challenge {
  readonly value: string
  readonly method: ChallengeMethod
}

/**
 * Of a verifier, and so of a plain challenge: as long as the standard says (RFC 7636, 4.1). Its letters are not asked for,
 * since git-credential-oauth sends `+`, `/` and `=` too, and GitLab takes them.
 */
const verifierShape = /^[\x21-\x7e]{43,128}$/

const challengeShapes: Readonly<Record<ChallengeMethod, RegExp>> = { plain: verifierShape, S256: /^[A-Za-z0-9_-]{43}$/ }

/** Whether a challenge can be one of its method. */
export const isChallenge = ({ value, method }: Challenge): boolean => challengeShapes[method].test(value)

const challengeOf = (verifier: string, method: ChallengeMethod): string =>
  method === 'plain' ? verifier : createHash('sha256').update(verifier, 'ascii').digest('base64url')

/**
 * Whether a verifier is the one that a code asks for. A code without a challenge takes none: else whoever stripped the
 * challenge from a request would go unseen (RFC 9700, 2.1.1).
 */
export const verifies = (challenge: Challenge | undefined, verifier: string | undefined): boolean => {
  if (challenge === undefined || verifier === undefined) return challenge === undefined && verifier === undefined
  return verifierShape.test(verifier) && challengeOf(verifier, challenge.method) === challenge.value
}
