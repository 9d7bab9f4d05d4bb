import type { UserId } from '../../core/ids.ts'
import type { UserState } from '../../core/principal.ts'
import type { Call } from './call.ts'
import { webUrl } from './urls.ts'

/** A user as it stands within other things (gitlab `API::Entities::UserBasic`). */
export interface UserBrief {
  readonly id: UserId
  readonly username: string
  readonly public_email: string | null
  readonly name: string
  readonly state: UserState
  readonly locked: boolean
  readonly avatar_url: null
  readonly web_url: string
}

type Named = Pick<UserBrief, 'id' | 'username' | 'name' | 'state'>

export const briefUser = (call: Call, { id, username, name, state }: Named): UserBrief => ({
  id,
  username,
  public_email: null,
  name,
  state,
  locked: false,
  avatar_url: null,
  web_url: webUrl(call.parts.settings, username),
})

/** Some users by id, in one query. Those who are gone are left out. */
export const briefUsers = async (call: Call, ids: readonly UserId[]): Promise<ReadonlyMap<UserId, UserBrief>> => {
  if (ids.length === 0) return new Map()
  const rows = await call.parts.store.read
    .selectFrom('users')
    .select(['id', 'username', 'name', 'state'])
    .where('id', 'in', [...new Set(ids)])
    .execute()
  return new Map(rows.map((row) => [row.id, briefUser(call, row)]))
}
