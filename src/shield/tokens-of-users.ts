import { areActive, revokeToken, selectTokens } from '../store/access-tokens.ts'
import { entityOfAnyUser, entityOfUser } from '../store/audit-entities.ts'
import { beforeItsMoment } from '../store/in-force.ts'
import { instantOf } from '../store/instant.ts'
import { accessTokenKind } from '../store/lookups.ts'
import { tokenEnd } from '../store/token-notes.ts'
import { userById } from '../store/users.ts'
import { entityAt, type FindLive, type LiveToken } from './live-token.ts'

type AccessTokenRow = Awaited<ReturnType<ReturnType<typeof selectTokens>['execute']>>[number]

const accessToken = (token: AccessTokenRow, kind: string): LiveToken => ({
  digest: token.digest,
  kind,
  async end(store, now) {
    // Its bot may end with it: asked for before.
    const account = await userById(store.read, token.user_id)
    if (account === undefined) throw new Error('a token that works belongs to nobody')
    const entity = await entityOfUser(store.read, account)
    await revokeToken(store, token, now)
    return tokenEnd(account, entity, token)
  },
})

export const liveAccessTokens: FindLive = async (reader, digests, now) => {
  const rows = await selectTokens(reader)
    .select(['users.kind as user_kind', 'users.bot_group_id'])
    .where('access_tokens.digest', 'in', digests)
    .where(areActive(now))
    .execute()
  return rows.map(({ user_kind, bot_group_id, ...token }) => {
    const kind = accessTokenKind({ kind: user_kind ?? 'human', bot_group_id, impersonation: token.impersonation })
    return accessToken(token, kind.replaceAll('-', ' '))
  })
}

/** One of these is made anew when its user asks for it. */
export const liveUserTokens: FindLive = async (reader, digests) => {
  const rows = await reader.selectFrom('user_tokens').selectAll().where('digest', 'in', digests).execute()
  return rows.map(({ digest, user_id, kind }) => ({
    digest,
    kind: `${kind.replaceAll('_', ' ')} token`,
    async end(store) {
      const account = await userById(store.read, user_id)
      await store.write.deleteFrom('user_tokens').where('digest', '=', digest).execute()
      return {
        name: `user_${kind}_token_reset`,
        entity: await entityOfAnyUser(store.read, account),
        target: { type: 'User', id: user_id, details: account?.username ?? '' },
        message: `Ended the ${kind.replaceAll('_', ' ')} token of ${account?.username ?? 'a user'}`,
      }
    },
  }))
}

export const liveSessions: FindLive = async (reader, digests, now) => {
  const rows = await reader
    .selectFrom('web_sessions')
    .select(['id', 'digest', 'user_id'])
    .where('digest', 'in', digests)
    .where('ends_at', '>', instantOf(now))
    .execute()
  return rows.map(({ id, digest, user_id }) => ({
    digest,
    kind: 'session cookie',
    async end(store) {
      const account = await userById(store.read, user_id)
      await store.write.deleteFrom('web_sessions').where('id', '=', id).execute()
      return {
        name: 'user_session_ended',
        entity: await entityOfAnyUser(store.read, account),
        target: { type: 'User', id: user_id, details: account?.username ?? '' },
        message: `Ended a session of ${account?.username ?? 'a user'}`,
      }
    },
  }))
}

export const liveTrustTokens: FindLive = async (reader, digests, now) => {
  const rows = await reader
    .selectFrom('trust_grants')
    .innerJoin('trusts', 'trusts.id', 'trust_grants.trust_id')
    .select(['trusts.id', 'trusts.name', 'trusts.project_id', 'trusts.group_id', 'trust_grants.digest'])
    .where('trust_grants.digest', 'in', digests)
    .where(beforeItsMoment('trust_grants.expires_at', now))
    .execute()
  return rows.flatMap(({ id, name, digest, ...placed }) => {
    if (digest === null) return []
    return {
      digest,
      kind: 'token of a trust',
      async end(store) {
        await store.write.deleteFrom('trust_grants').where('digest', '=', digest).execute()
        return {
          name: 'trust_token_revoked',
          entity: await entityAt(store.read, placed),
          target: { type: 'Trust', id, details: name },
          message: `Revoked a token that trust ${name} gave`,
        }
      },
    }
  })
}
