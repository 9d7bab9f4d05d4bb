import { createHmac, timingSafeEqual } from 'node:crypto'
import { Secret } from '../core/secret.ts'

/**
 * What a form of ours carries beside the cookie. It follows from the cookie, which only we and the browser know, and
 * tells nothing of it: whoever can send a form from elsewhere cannot write it.
 */
export const formTokenOf = (cookie: Secret): string =>
  createHmac('sha256', Secret.open(cookie)).update('form of the server').digest('base64url')

export const isFormToken = (shown: string, cookie: Secret): boolean => {
  const [given, right] = [Buffer.from(shown), Buffer.from(formTokenOf(cookie))]
  return given.length === right.length && timingSafeEqual(given, right)
}
