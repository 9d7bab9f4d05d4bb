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

/** Of a verifier, and so of a plain challenge; a challenge of S256 is one too, of 43 characters (RFC 7636, 4.1 and 4.2). */
const verifierShape = /^[A-Za-z0-9._~-]{43,128}$/

export const isChallenge = (text: string): boolean => verifierShape.test(text)

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
