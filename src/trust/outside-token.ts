/** Signatures that are believed: of public keys alone. None that a shared secret makes, and never none at all. */
export const signatureAlgorithms = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
] as const

/** Longest token that is looked at, in characters. */
export const longestToken = 16_384

/** What a token says of itself. Nothing of it may be believed before its signature was checked. */
export interface OutsideToken {
  readonly text: string
  readonly issuer: string
  /** What was signed: no other text has the same signature's blessing. */
  readonly signedPart: string
}

export type Claims = Readonly<Record<string, unknown>>

const isObject = (value: unknown): value is Claims => typeof value === 'object' && value !== null && !Array.isArray(value)

/** A part of a token; undefined where it is no JSON object. */
export const jsonObject = (bytes: Uint8Array): Claims | undefined => {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

const part = /^[A-Za-z0-9_-]+$/

const decoded = (text: string): Claims | undefined => jsonObject(Buffer.from(text, 'base64url'))

/** A kind of token that is named is one of these (RFC 8725, 3.11): others, such as a logout token, are for something else. */
const isIdentityType = (type: unknown): boolean => type === undefined || (typeof type === 'string' && /^JWT$/i.test(type))

export type UnreadableReason = 'token_malformed' | 'algorithm_refused'

/**
 * Takes a JWT (RFC 7519) apart. Critical extensions are not known here, so that none is taken; where a header says where
 * its key is (`jwk`, `jku`, `x5u`), nobody looks.
 */
export const readOutsideToken = (text: string): OutsideToken | UnreadableReason => {
  const pieces = text.length > longestToken ? [] : text.split('.')
  const [head = '', body = '', signature = ''] = pieces
  if (pieces.length !== 3 || !part.test(head) || !part.test(body)) return 'token_malformed'
  const [header, claims] = [decoded(head), decoded(body)]
  if (header === undefined || claims === undefined) return 'token_malformed'
  if (!(signatureAlgorithms as readonly unknown[]).includes(header['alg'])) return 'algorithm_refused'
  if (!part.test(signature) || 'crit' in header || !isIdentityType(header['typ'])) return 'token_malformed'
  const issuer = claims['iss']
  return typeof issuer === 'string' && issuer !== '' ? { text, issuer, signedPart: `${head}.${body}` } : 'token_malformed'
}
