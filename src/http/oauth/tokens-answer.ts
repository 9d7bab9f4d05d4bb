import { Secret } from '../../core/secret.ts'
import { credentialFields, userFields } from '../../log.ts'
import type { Application } from '../../oauth/application.ts'
import { accessLife } from '../../oauth/lives.ts'
import { scopesOf } from '../../store/lookups.ts'
import type { IssuedTokens } from '../../store/oauth/tokens.ts'
import type { Account } from '../../store/users.ts'
import { type Answer, ok } from '../api/answer.ts'
import type { OauthCall } from './call.ts'
import { signIdToken } from './id-token.ts'

/** For whom tokens are, and what is known of how that user signed in. */
export interface Recipient {
  readonly application: Application
  /** Undefined where an application asked in nobody's name. */
  readonly account: Account | undefined
  readonly nonce?: string | undefined
}

const idTokenIn = async (call: OauthCall, { row }: IssuedTokens, recipient: Recipient): Promise<{ id_token?: string }> => {
  const { application, account, nonce } = recipient
  const scopes = scopesOf(row.scopes)
  if (account === undefined || !scopes.includes('openid')) return {}
  const authTime = row.auth_time === null ? undefined : Date.parse(row.auth_time)
  return { id_token: await signIdToken(call, { application, account, scopes, nonce, authTime }) }
}

/** The one answer in which tokens are shown (RFC 6749, 5.1, with doorkeeper's `created_at`). */
export const tokensAnswer = async (call: OauthCall, issued: IssuedTokens, recipient: Recipient): Promise<Answer> => {
  const { row, access, refresh } = issued
  const scopes = scopesOf(row.scopes)
  call.note({
    ...(recipient.account && userFields(recipient.account)),
    ...credentialFields({ kind: 'oauth-token', id: row.id }, scopes),
  })
  const body = {
    access_token: Secret.open(access),
    token_type: 'Bearer',
    expires_in: accessLife / 1000,
    ...(refresh && { refresh_token: Secret.open(refresh) }),
    scope: scopes.join(' '),
    created_at: Math.floor(Date.parse(row.created_at) / 1000),
    ...(await idTokenIn(call, issued, recipient)),
  }
  return ok(body, { Pragma: 'no-cache' })
}
