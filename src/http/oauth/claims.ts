import { sql } from 'kysely'
import { beforeItsDay } from '../../store/in-force.ts'
import type { Reader } from '../../store/routes.ts'
import { selectMemberships } from '../../store/user-memberships.ts'
import type { Account } from '../../store/users.ts'
import { webUrl } from '../api/urls.ts'
import type { OauthCall } from './call.ts'

type Claims = Readonly<Record<string, unknown>>

/** Groups that a token names at most: it has to fit into a header. */
const mostGroups = 1000

/** What anybody who signs a user in is told; the address only where it was asked for by `email`. */
const personClaims = ({ parts }: OauthCall, account: Account, scopes: readonly string[]): Claims => ({
  sub: String(account.id),
  name: account.name,
  nickname: account.username,
  preferred_username: account.username,
  ...(scopes.includes('email') && { email: account.email, email_verified: account.confirmed_at !== null }),
  profile: webUrl(parts.settings, account.username),
})

const directGroups = async (read: Reader, account: Account, now: number) => {
  const rows = await selectMemberships(read, account.id, now)
    .where('members.namespace_id', 'is not', null)
    .orderBy('members.id')
    .limit(mostGroups)
    .execute()
  return rows.flatMap(({ full_path, access_level }) => (full_path === null ? [] : [{ path: full_path, level: access_level }]))
}

/** Groups of which a user is a member, and all below them. */
const allGroups = async (read: Reader, account: Account, now: number): Promise<readonly string[]> => {
  const rows = await read
    .selectFrom('members')
    .innerJoin('namespaces', (join) =>
      join.on(sql<boolean>`instr(namespaces.lineage, '/' || members.namespace_id || '/') > 0 and namespaces.kind = 'group'`),
    )
    .innerJoin('routes', 'routes.namespace_id', 'namespaces.id')
    .where('members.user_id', '=', account.id)
    .where('members.namespace_id', 'is not', null)
    .where(beforeItsDay('members.expires_at', now))
    .select('routes.path')
    .distinct()
    .orderBy('routes.path')
    .limit(mostGroups)
    .execute()
  return rows.map(({ path }) => path)
}

const levels = [
  ['owner', 50],
  ['maintainer', 40],
  ['developer', 30],
] as const

/** What an ID token says of its user (gitlab `config/initializers/doorkeeper_openid_connect.rb`). */
export const idTokenClaims = async (call: OauthCall, account: Account, scopes: readonly string[]): Promise<Claims> => {
  const groups = await directGroups(call.parts.store.read, account, call.now)
  return { ...personClaims(call, account, scopes), groups_direct: groups.map(({ path }) => path) }
}

/** What `/oauth/userinfo` says. */
export const userinfoClaims = async (call: OauthCall, account: Account, scopes: readonly string[]): Promise<Claims> => {
  const { read } = call.parts.store
  const direct = await directGroups(read, account, call.now)
  const byLevel = levels.map(([name, level]) => {
    const paths = direct.filter((group) => group.level === level).map(({ path }) => path)
    return [`https://gitlab.org/claims/groups/${name}`, paths] as const
  })
  return {
    ...personClaims(call, account, scopes),
    groups: await allGroups(read, account, call.now),
    ...Object.fromEntries(byLevel.filter(([, paths]) => paths.length > 0)),
  }
}

export const claimNames = [
  'iss',
  'sub',
  'aud',
  'exp',
  'iat',
  'auth_time',
  'nonce',
  'name',
  'nickname',
  'preferred_username',
  'email',
  'email_verified',
  'profile',
  'groups',
  'groups_direct',
  ...levels.map(([name]) => `https://gitlab.org/claims/groups/${name}`),
]
