import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { Secret } from '../core/secret.ts'

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** RFC 4648, without padding. */
export const base32 = (bytes: Uint8Array): string => {
  let [text, held, bits] = ['', 0, 0]
  for (const byte of bytes) {
    held = (held << 8) | byte
    for (bits += 8; bits >= 5; bits -= 5) text += alphabet.charAt((held >>> (bits - 5)) & 31)
    held &= 31
  }
  return bits === 0 ? text : text + alphabet.charAt((held << (5 - bits)) & 31)
}

/** Throws for a text that `base32` did not write. */
const bytesOf = (text: string): Buffer => {
  const bytes: number[] = []
  let [held, bits] = [0, 0]
  for (const character of text) {
    const value = alphabet.indexOf(character)
    if (value < 0) throw new Error('a seed of a second factor is not base32')
    held = ((held << 5) | value) & 0xfff
    bits += 5
    if (bits >= 8) {
      bits -= 8
      bytes.push((held >>> bits) & 0xff)
    }
  }
  return Buffer.from(bytes)
}

/** RFC 6238 as every authenticator has it: SHA-1, six digits, a code each 30 seconds. */
const stepMilliseconds = 30_000
const digits = 6

/** Steps before and after the clock's own that count too (GitLab's `otp_allowed_drift`). */
const drift = 1

/** 160 random bits, as RFC 4226 recommends, in base32. */
export const makeSeed = (): Secret => new Secret(base32(randomBytes(20)))

/** The code of one step (RFC 4226). */
const codeOf = (key: Buffer, step: number): string => {
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(step))
  const mac = createHmac('sha1', key).update(counter).digest()
  const number = mac.readUInt32BE((mac[19] ?? 0) & 15) & 0x7fff_ffff
  return String(number % 10 ** digits).padStart(digits, '0')
}

const stepAt = (now: number): number => Math.floor(now / stepMilliseconds)

/** What an authenticator shows at a moment. */
export const codeAt = (seed: Secret, now: number): string => codeOf(bytesOf(Secret.open(seed)), stepAt(now))

/** The step whose code this is, near that moment; undefined for a wrong one. Blanks that people put in do not matter. */
export const stepOfCode = (seed: Secret, code: string, now: number): number | undefined => {
  const text = code.replaceAll(/\s/g, '')
  if (!/^\d{6}$/.test(text)) return undefined
  const key = bytesOf(Secret.open(seed))
  const shown = Buffer.from(text)
  const steps = Array.from({ length: 2 * drift + 1 }, (_, index) => stepAt(now) - drift + index).filter((step) => step >= 0)
  return steps.find((step) => timingSafeEqual(Buffer.from(codeOf(key, step)), shown))
}

/** The address by which an authenticator takes up a seed ("Key URI Format" of Google Authenticator). */
export const seedUri = (seed: Secret, issuer: string, account: string): string => {
  const label = `${encodeURIComponent(issuer)}:${encodeURIComponent(account)}`
  return `otpauth://totp/${label}?secret=${Secret.open(seed)}&issuer=${encodeURIComponent(issuer)}`
}

/** A seed as people type it, in fours. */
export const spelledSeed = (seed: Secret): string => Secret.open(seed).replaceAll(/.{4}(?=.)/g, '$& ')
