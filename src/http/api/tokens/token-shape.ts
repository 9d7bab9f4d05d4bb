import { z } from 'zod'
import { Secret } from '../../../core/secret.ts'
import { isActive, type TokenRow } from '../../../store/access-tokens.ts'
import type { LastUse } from '../../../store/activity/last-uses.ts'
import type { BotHome, ResourceToken } from '../../../store/bots.ts'
import { scopesOf } from '../../../store/lookups.ts'
import { maybeDay, maybeMoment, maybeNumber, maybeWords, momentWords, wholeNumber, words, yesNo } from '../entity-words.ts'

/** gitlab `API::Entities::PersonalAccessToken`. */
export const tokenEntity = z
  .object({
    id: wholeNumber,
    name: words,
    revoked: yesNo,
    created_at: momentWords,
    description: maybeWords,
    scopes: z.array(words),
    user_id: wholeNumber,
    last_used_at: maybeMoment,
    active: yesNo,
    expires_at: maybeDay,
  })
  .meta({ id: 'AccessToken' })

export const readTokenEntity = tokenEntity.extend({ last_used_ips: z.array(words) }).meta({ id: 'ReadAccessToken' })

export const impersonationEntity = tokenEntity.extend({ impersonation: yesNo }).meta({ id: 'ImpersonationToken' })

export const resourceTokenEntity = readTokenEntity
  .extend({ access_level: maybeNumber, resource_type: z.enum(['project', 'group']), resource_id: wholeNumber })
  .meta({ id: 'ResourceAccessToken' })

/** What the answer that makes a token has besides. */
export const secretField = { token: words }

export const newTokenEntity = tokenEntity.extend(secretField).meta({ id: 'NewAccessToken' })
export const newImpersonationEntity = impersonationEntity.extend(secretField).meta({ id: 'NewImpersonationToken' })
export const newResourceTokenEntity = resourceTokenEntity.extend(secretField).meta({ id: 'NewResourceAccessToken' })

export const tokenShape = (token: TokenRow, use: LastUse, now: number): z.output<typeof tokenEntity> => ({
  id: token.id,
  name: token.name,
  revoked: token.revoked === 1,
  created_at: token.created_at,
  description: token.description,
  scopes: scopesOf(token.scopes),
  user_id: token.user_id,
  last_used_at: use.at,
  active: isActive(token, now),
  expires_at: token.expires_at,
})

/** As it is read again: with the addresses from which it was used. */
export const readTokenShape = (token: TokenRow, use: LastUse, now: number): z.output<typeof readTokenEntity> => ({
  ...tokenShape(token, use, now),
  last_used_ips: [...use.addresses],
})

export const impersonationShape = (token: TokenRow, use: LastUse, now: number): z.output<typeof impersonationEntity> => ({
  ...tokenShape(token, use, now),
  impersonation: true,
})

export const resourceTokenShape = (
  token: ResourceToken,
  home: BotHome,
  use: LastUse,
  now: number,
): z.output<typeof resourceTokenEntity> => ({
  ...readTokenShape(token, use, now),
  access_level: token.access_level,
  resource_type: home.kind,
  resource_id: home.id,
})

/** Adds the secret itself: only to the answer that makes it. */
export const withSecret = <Shape extends object>(shape: Shape, secret: Secret): Shape & { token: string } => ({
  ...shape,
  token: Secret.open(secret),
})
