import type { Application } from '../../oauth/application.ts'
import { idTokenLife } from '../../oauth/lives.ts'
import type { Account } from '../../store/users.ts'
import { baseUrl } from '../api/urls.ts'
import type { OauthCall } from './call.ts'
import { idTokenClaims } from './claims.ts'

/** Whom an ID token is about, and for whom it is. */
export interface SignedInUser {
  readonly application: Application
  readonly account: Account
  readonly scopes: readonly string[]
  /** Of the request, which its sender will look for. */
  readonly nonce: string | undefined
  /** Milliseconds: when the user had signed in. */
  readonly authTime: number | undefined
}

const seconds = (milliseconds: number): number => Math.floor(milliseconds / 1000)

/** Signs who a user is, for one application (OpenID Connect Core, 2). */
export const signIdToken = async (call: OauthCall, { application, account, scopes, nonce, authTime }: SignedInUser) => {
  // Few ask for one, and no start waits for what makes it.
  const [{ SignJWT }, { key, published }] = await Promise.all([import('jose'), call.parts.signing.current()])
  const now = seconds(call.now)
  return new SignJWT({
    ...(await idTokenClaims(call, account, scopes)),
    iss: baseUrl(call.parts.settings),
    aud: application.uid,
    exp: now + seconds(idTokenLife),
    iat: now,
    ...(authTime !== undefined && { auth_time: seconds(authTime) }),
    ...(nonce !== undefined && { nonce }),
  })
    .setProtectedHeader({ typ: 'JWT', alg: published.alg, kid: published.kid })
    .sign(key)
}
