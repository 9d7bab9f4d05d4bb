import type { AuditEvent } from '../../core/audit.ts'
import { entityOfAnyUser } from '../../store/audit-entities.ts'
import { type EndedToken, revokeFamily } from '../../store/oauth/tokens.ts'
import { userById } from '../../store/users.ts'
import type { OauthCall } from './call.ts'

const author = { kind: 'System', id: undefined, name: 'Reuse detection' } as const

const eventOf = async ({ parts, address, now }: OauthCall, token: EndedToken, message: string): Promise<AuditEvent> => {
  const account = token.user_id === null ? undefined : await userById(parts.store.read, token.user_id)
  return {
    name: 'oauth_access_token_revoked',
    entity: await entityOfAnyUser(parts.store.read, account),
    target: { type: 'OauthAccessToken', id: token.id, details: `application ${token.application_id}` },
    message,
    reason: 'token_reused',
    author,
    address,
    at: now,
  }
}

/**
 * Something that is good once was shown again: it is in wrong hands, or what it gave is. All that came from the same
 * consent ends (RFC 6749, 4.1.2 and 10.4; RFC 9700, 4.14). Waits for the audit to be on disk.
 */
export const endFamily = async (call: OauthCall, family: string, what: 'code' | 'refresh token'): Promise<void> => {
  const { store, activity } = call.parts
  const ended = await store.write.transaction().execute((transaction) => revokeFamily(transaction, family, call.now))
  const message = `Revoked, since the ${what} that led to it was used again`
  activity.trail.record(await Promise.all(ended.map((token) => eventOf(call, token, message))))
  await activity.trail.settled()
  if (ended.length > 0) call.note({ 'meta.revoked_oauth_tokens': ended.map(({ id }) => id) })
}
