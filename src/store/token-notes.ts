import type { AuditEntity, AuditNote, AuditTarget } from '../core/audit.ts'
import type { TokenRow } from './access-tokens.ts'
import { accessTokenKind, scopesOf } from './lookups.ts'
import type { Account } from './users.ts'

type Holder = Pick<Account, 'kind' | 'bot_group_id'>
type Named = Pick<TokenRow, 'id' | 'name'>

/** An access token's kind in the names and sentences of its events: whose it is says that. */
const kindInEvents = (holder: Holder): 'personal' | 'project' | 'group' => {
  const kind = accessTokenKind({ ...holder, impersonation: 0 })
  if (kind === 'project-access-token') return 'project'
  return kind === 'group-access-token' ? 'group' : 'personal'
}

/** GitLab deletes a project's or group's token, and revokes a personal one. */
export const tokenEndName = (holder: Holder): string => {
  const kind = kindInEvents(holder)
  return kind === 'personal' ? 'personal_access_token_revoked' : `${kind}_access_token_deleted`
}

export const tokenTarget = ({ id, name }: Named): AuditTarget => ({ type: 'PersonalAccessToken', id, details: name })

/** That an access token was made. `entity` is that of its holder. */
export const tokenBirth = (holder: Holder, entity: AuditEntity, token: Named & Pick<TokenRow, 'scopes'>): AuditNote => ({
  name: `${kindInEvents(holder)}_access_token_created`,
  entity,
  target: tokenTarget(token),
  message: `Created ${kindInEvents(holder)} access token with token_id: ${token.id} with scopes: ${scopesOf(token.scopes).join(', ')}`,
})

/** That an access token was ended before its day. `entity` is that of its holder. */
export const tokenEnd = (holder: Holder, entity: AuditEntity, token: Named): AuditNote => ({
  name: tokenEndName(holder),
  entity,
  target: tokenTarget(token),
  message: `Revoked ${kindInEvents(holder)} access token with token_id: ${token.id}`,
})
