import type { JSONWebKeySet } from 'jose'
import { type Claims, jsonObject, type OutsideToken, signatureAlgorithms } from './outside-token.ts'

export type UnverifiedReason = 'key_unknown' | 'signature_wrong'

const hasCode = (fault: unknown): fault is { code: string } =>
  typeof fault === 'object' && fault !== null && 'code' in fault && typeof fault.code === 'string'

/** Two keys that would do, and none that the token names: which one was meant is not tried out. */
const unknownKey = new Set(['ERR_JWKS_NO_MATCHING_KEY', 'ERR_JWKS_MULTIPLE_MATCHING_KEYS'])

/**
 * What a token claims, once one of the issuer's keys has signed it. The key is found by its id, its type and its own
 * algorithm, among those that the issuer publishes; what the token would like to be checked with does not count.
 */
export const verifiedClaims = async ({ text }: OutsideToken, keys: JSONWebKeySet): Promise<Claims | UnverifiedReason> => {
  const { compactVerify, createLocalJWKSet, errors } = await import('jose')
  try {
    const { payload } = await compactVerify(text, createLocalJWKSet(keys), { algorithms: [...signatureAlgorithms] })
    return jsonObject(payload) ?? 'signature_wrong'
  } catch (fault) {
    if (hasCode(fault) && unknownKey.has(fault.code)) return 'key_unknown'
    // A key that is malformed, or too weak, throws types of its own: the token is not signed by a key that can be believed.
    if (fault instanceof errors.JOSEError || fault instanceof TypeError || fault instanceof DOMException) return 'signature_wrong'
    throw fault
  }
}

export type UntimelyReason = 'token_expired' | 'token_not_valid_yet' | 'token_lives_too_long' | 'token_without_times'

/** Seconds by which the clocks may differ. */
const tolerance = 60
/** Seconds. What lives longer is no proof of a job that runs now. */
const longestLife = 86_400

const secondsIn = (claims: Claims, name: string): number | undefined => {
  const value = Object.hasOwn(claims, name) ? claims[name] : undefined
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 && value <= 1e11 ? value : undefined
}

const isWrong = (claims: Claims, name: string): boolean => Object.hasOwn(claims, name) && secondsIn(claims, name) === undefined

/** Why the times of a token keep it out; undefined where it is good now (RFC 7519, section 4.1). */
export const untimelyReason = (claims: Claims, now: number): UntimelyReason | undefined => {
  const [issued, expires, begins = 0] = [secondsIn(claims, 'iat'), secondsIn(claims, 'exp'), secondsIn(claims, 'nbf')]
  if (issued === undefined || expires === undefined || isWrong(claims, 'nbf')) return 'token_without_times'
  const seconds = now / 1000
  if (expires + tolerance <= seconds) return 'token_expired'
  if (Math.max(issued, begins) - tolerance > seconds) return 'token_not_valid_yet'
  return expires - issued > longestLife ? 'token_lives_too_long' : undefined
}

/** Until when an outside token could be shown again, in milliseconds. */
export const endOf = (claims: Claims): number => ((secondsIn(claims, 'exp') ?? 0) + tolerance) * 1000
