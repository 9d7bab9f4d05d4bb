import { hash, timingSafeEqual } from 'node:crypto'
import { Secret } from '../core/secret.ts'
import { looksLikeToken } from './kinds.ts'

/** SHA-256 of a secret, hexadecimal: all that is stored of a token. Tokens have 128 and more bits of randomness. */
export type Digest = string

export const digestOf = (secret: Secret): Digest => hash('sha256', Secret.open(secret), 'hex')

/** The same of what is no secret by itself, as it was typed. */
export const digestOfText = (text: string): Digest => digestOf(new Secret(text))

/** The same of bytes that are as good as text. */
export const digestOfBytes = (bytes: Uint8Array): Digest => hash('sha256', bytes, 'hex')

/** Whether the secret begins like a token of some kind, without showing it to the caller. */
export const secretLooksLikeToken = (secret: Secret): boolean => looksLikeToken(Secret.open(secret))

/** Whether a secret is the one of a stored digest. Takes as long whatever they share. */
export const hasDigest = (secret: Secret, digest: Digest): boolean =>
  timingSafeEqual(Buffer.from(digestOf(secret), 'hex'), Buffer.from(digest, 'hex'))

/** What OAuth's access tokens look like, so that no other token is looked up among them. */
export const isOauthToken = (secret: Secret): boolean => /^[0-9a-f]{64}$/.test(Secret.open(secret))

/** Tokens of trusts are known by their beginning: no other secret is looked for among them. */
export const isTrustToken = (secret: Secret): boolean => Secret.open(secret).startsWith('sptx-')

/** CI job tokens have routes of their own: elsewhere the API looks past one (gitlab `auth_finders.rb`). */
export const isJobToken = (secret: Secret): boolean => Secret.open(secret).startsWith('glcbt-')
