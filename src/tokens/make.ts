import { randomBytes } from 'node:crypto'
import { Secret } from '../core/secret.ts'
import { type Digest, digestOf } from './digest.ts'

export interface MadeToken {
  readonly digest: Digest
  /** Shown once, in the answer that made it. */
  readonly secret: Secret
}

/** A new secret: prefix and 20 url-safe characters of 120 random bits, GitLab's classic form. */
export const makeToken = (prefix: string): MadeToken => {
  const secret = new Secret(prefix + randomBytes(15).toString('base64url'))
  return { digest: digestOf(secret), secret }
}

/** A secret without a prefix: 64 hexadecimal characters of 256 random bits, as all of OAuth's are. */
export const makeBareToken = (): MadeToken => {
  const secret = new Secret(randomBytes(32).toString('hex'))
  return { digest: digestOf(secret), secret }
}
