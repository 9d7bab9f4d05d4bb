import type { Migration } from 'kysely'
import { credentials } from './0001-credentials.ts'
import { sealedTokens } from './0002-sealed-tokens.ts'
import { invitations } from './0003-invitations.ts'
import { expiryNotices } from './0004-expiry-notices.ts'
import { tokenOrders } from './0005-token-orders.ts'
import { pipelinesAndRunners } from './0006-pipelines.ts'
import { oauth } from './0007-oauth.ts'
import { webSessions } from './0008-web-sessions.ts'
import { trusts } from './0009-trusts.ts'
import { registry } from './0010-registry.ts'
import { pushShield } from './0011-push-shield.ts'

/** In order of name. A migration that has shipped is never edited; the next one is added. */
export const migrations: Record<string, Migration> = {
  '0001-credentials': credentials,
  '0002-sealed-tokens': sealedTokens,
  '0003-invitations': invitations,
  '0004-expiry-notices': expiryNotices,
  '0005-token-orders': tokenOrders,
  '0006-pipelines': pipelinesAndRunners,
  '0007-oauth': oauth,
  '0008-web-sessions': webSessions,
  '0009-trusts': trusts,
  '0010-registry': registry,
  '0011-push-shield': pushShield,
}
