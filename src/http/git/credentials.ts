import { parse } from 'basic-auth'
import type { Presented } from '../../core/credential.ts'
import { Secret } from '../../core/secret.ts'

const none: Presented = { kind: 'none' }

/** Something was shown that cannot be right. It is asked about like a wrong credential, so that it counts as one. */
const malformed: Presented = { kind: 'basic', login: '', secret: new Secret('') }

const basicScheme = /^ *basic(?: |$)/i

const bearerShape = /^ *bearer +([A-Za-z0-9._~+/-]+=*) *$/i

const hasControl = (text: string): boolean => [...text].some((character) => character < ' ' || character === '\x7f')

const presentedBasic = (header: string): Presented => {
  const pair = parse(header)
  if (pair === undefined || hasControl(pair.name)) return malformed
  if (pair.name === '' && pair.pass === '') return none
  return { kind: 'basic', login: pair.name, secret: new Secret(pair.pass) }
}

/**
 * The `Authorization` header as a credential that nobody believed yet. An empty user with an empty password is what git
 * sends with `http.emptyAuth`, and counts as none.
 */
export const presentedBy = (authorization: string | undefined): Presented => {
  if (authorization === undefined) return none
  const token = bearerShape.exec(authorization)?.[1]
  if (token !== undefined) return { kind: 'bearer', secret: new Secret(token) }
  return basicScheme.test(authorization) ? presentedBasic(authorization) : { kind: 'unreadable' }
}
