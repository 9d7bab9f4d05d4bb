import { createHash, randomBytes } from 'node:crypto'
import { Secret } from '../core/secret.ts'
import type { Digest } from './digest.ts'
import { base32 } from './totp.ts'

/** As many as GitLab gives. */
const count = 10

/** 100 bits each, in four groups that can be read out. */
const makeCode = (): Secret =>
  new Secret(
    base32(randomBytes(13))
      .slice(0, 20)
      .toLowerCase()
      .replaceAll(/.{5}(?=.)/g, '$&-'),
  )

export const makeRecoveryCodes = (): readonly Secret[] => Array.from({ length: count }, makeCode)

/** Case, blanks and dashes are as one likes. Of anything else that may be typed there is a digest too, which nobody has. */
export const recoveryDigest = (code: Secret): Digest => {
  const text = Secret.open(code).toLowerCase().replaceAll(/[\s-]/g, '')
  return createHash('sha256').update(`recovery code ${text}`).digest('hex')
}

/** Codes to be shown, once. */
export const spelledCodes = (codes: readonly Secret[]): readonly string[] => codes.map(Secret.open)
