import { dayHasCome } from '../../core/clock.ts'
import { Secret } from '../../core/secret.ts'
import type { TokenRow } from '../../store/access-tokens.ts'
import type { BotHome, ResourceToken } from '../../store/bots.ts'
import { scopesOf } from '../../store/lookups.ts'

const isActive = (token: TokenRow, now: number): boolean =>
  token.revoked === 0 && (token.expires_at === null || !dayHasCome(token.expires_at, now))

/** gitlab `API::Entities::PersonalAccessToken`. */
export const tokenShape = (token: TokenRow, now: number) => ({
  id: token.id,
  name: token.name,
  revoked: token.revoked === 1,
  created_at: token.created_at,
  description: token.description,
  scopes: scopesOf(token.scopes),
  user_id: token.user_id,
  last_used_at: null,
  active: isActive(token, now),
  expires_at: token.expires_at,
})

/** As it is read again: with the addresses from which it was used. */
export const readTokenShape = (token: TokenRow, now: number) => ({ ...tokenShape(token, now), last_used_ips: [] })

export const impersonationShape = (token: TokenRow, now: number) => ({ ...tokenShape(token, now), impersonation: true })

export const resourceTokenShape = (token: ResourceToken, home: BotHome, now: number) => ({
  ...readTokenShape(token, now),
  access_level: token.access_level,
  resource_type: home.kind,
  resource_id: home.id,
})

/** Adds the secret itself: only to the answer that makes it. */
export const withSecret = <Shape extends object>(shape: Shape, secret: Secret): Shape & { token: string } => ({
  ...shape,
  token: Secret.open(secret),
})
