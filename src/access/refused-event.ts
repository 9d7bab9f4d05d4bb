import type { RefusedUse } from '../core/refused-use.ts'

/**
 * Reasons that say that a credential is dead, or its user shut out, with the event of each. GitLab has no types for
 * these; the names are ours.
 */
const deaths: Readonly<Record<string, string>> = {
  token_expired: 'expired_token_used',
  token_revoked: 'revoked_token_used',
  trust_withdrawn: 'revoked_token_used',
  key_expired: 'expired_key_used',
  job_not_running: 'ended_job_token_used',
  user_blocked: 'shut_out_user_credential_used',
  user_deactivated: 'shut_out_user_credential_used',
  user_pending_approval: 'shut_out_user_credential_used',
  user_internal: 'shut_out_user_credential_used',
  user_cannot_log_in: 'shut_out_user_credential_used',
}

/** The name of the event that a denied push is. */
export const deniedPush = 'push_denied'

/** The name of the event that a refusal is worth; undefined for none. Strangers are asked to log in before each push: that is no event. */
export const refusedEventName = ({ reason, push, principal, credential }: RefusedUse): string | undefined => {
  if (credential === undefined) return undefined
  if (Object.hasOwn(deaths, reason)) return deaths[reason]
  return push && principal !== undefined && principal.kind !== 'anonymous' ? deniedPush : undefined
}

const places: Record<RefusedUse['door'], string> = { api: 'the API', http: 'HTTP', ssh: 'SSH' }

/** The sentence of an event of that name. */
export const refusedEventMessage = (name: string, use: RefusedUse): string => {
  const what = name === deniedPush ? `Push denied${use.ref === undefined ? '' : ` for ${use.ref}`}` : 'Used after its end'
  return `${what} over ${places[use.door]} (${use.reason})`
}

/** What makes two refused uses of one credential the same event. Refused pushes are told apart by what they were for. */
export const refusedEventKey = (name: string, { address, push, project, ref, reason }: RefusedUse): string =>
  JSON.stringify(name === deniedPush ? [name, address, push, project?.id, ref, reason] : [name, address])
