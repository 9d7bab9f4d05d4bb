import { dayHasCome } from '../../core/clock.ts'
import type { CredentialRef } from '../../core/credential.ts'
import type { AccessTokenId } from '../../core/ids.ts'
import { accessTokenScopes, isOfferedOauthScope, isOfferedScope, oauthScopes } from '../../core/scope.ts'
import { type TokenWithUser, tokenByDigest } from '../../store/access-tokens.ts'
import { accessTokenKind, scopesOf } from '../../store/lookups.ts'
import { type OauthTokenRow, oauthTokenByAccess } from '../../store/oauth/tokens.ts'
import type { Reader } from '../../store/routes.ts'
import { type Account, userById } from '../../store/users.ts'
import { digestOf, isOauthToken } from '../../tokens/digest.ts'
import type { PresentedToken } from './presented.ts'

/** A stored token that signs its user in, of whatever kind. */
export interface FoundToken {
  readonly credential: CredentialRef
  readonly account: Account
  readonly scopes: readonly string[]
  /** All that its kind can have. */
  readonly scopesOfKind: readonly string[]
  readonly revoked: boolean
  readonly impersonation: boolean
  /** Of an access token; the routes about these are for no other. */
  readonly accessTokenId: AccessTokenId | undefined
  /** Milliseconds; undefined: never. */
  readonly endsAt: number | undefined
  /** Whether its time is over. */
  isOver(now: number): boolean
}

interface Offer {
  readonly registryEnabled: boolean
}

const fromAccessToken = ({ token, account }: TokenWithUser, offer: Offer): FoundToken => ({
  credential: { kind: accessTokenKind({ ...account, impersonation: token.impersonation }), id: token.id },
  account,
  scopes: scopesOf(token.scopes).filter((scope) => isOfferedScope(scope, offer)),
  scopesOfKind: accessTokenScopes,
  revoked: token.revoked === 1,
  impersonation: token.impersonation === 1,
  accessTokenId: token.id,
  endsAt: token.expires_at === null ? undefined : Date.parse(token.expires_at),
  isOver: (now) => token.expires_at !== null && dayHasCome(token.expires_at, now),
})

const fromOauthToken = (token: OauthTokenRow, account: Account, offer: Offer): FoundToken => ({
  credential: { kind: 'oauth-token', id: token.id },
  account,
  scopes: scopesOf(token.scopes).filter((scope) => isOfferedOauthScope(scope, offer)),
  scopesOfKind: oauthScopes,
  revoked: token.revoked_at !== null,
  impersonation: false,
  accessTokenId: undefined,
  endsAt: Date.parse(token.expires_at),
  isOver: (now) => Date.parse(token.expires_at) <= now,
})

/** One that an application got in nobody's name signs nobody in, and is as if it were not there. */
const findOauthToken = async (reader: Reader, shown: PresentedToken, offer: Offer): Promise<FoundToken | undefined> => {
  const token = await oauthTokenByAccess(reader, shown.secret)
  const account = token && (await userOfToken(reader, token))
  return token && account && fromOauthToken(token, account, offer)
}

export const userOfToken = async (reader: Reader, { user_id }: OauthTokenRow): Promise<Account | undefined> =>
  user_id === null ? undefined : userById(reader, user_id)

/** GitLab's own headers and parameters are for access tokens alone (gitlab `lib/gitlab/auth/auth_finders.rb`). */
const mayBeOauth = ({ secret, carrier }: PresentedToken): boolean =>
  (carrier === 'bearer' || carrier === 'other') && isOauthToken(secret)

/** The token that a request shows; undefined where there is none that signs somebody in. */
export const findToken = async (reader: Reader, shown: PresentedToken, offer: Offer): Promise<FoundToken | undefined> => {
  const found = await tokenByDigest(reader, digestOf(shown.secret))
  if (found !== undefined) return fromAccessToken(found, offer)
  return mayBeOauth(shown) ? findOauthToken(reader, shown, offer) : undefined
}
