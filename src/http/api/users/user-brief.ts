import { z } from 'zod'
import type { UserId } from '../../../core/ids.ts'
import { type UserState, userStates } from '../../../core/principal.ts'
import type { Call } from '../call.ts'
import { link, maybeWords, wholeNumber, words, yesNo } from '../entity-words.ts'
import { webUrl } from '../urls.ts'

/** A user as it stands within other things (gitlab `API::Entities::UserBasic`). */
export const userBriefEntity = z
  .object({
    id: wholeNumber,
    username: words,
    public_email: maybeWords,
    name: words,
    state: z.enum(userStates),
    locked: yesNo,
    avatar_url: maybeWords,
    web_url: link,
  })
  .meta({ id: 'UserBasic' })

export type UserBrief = z.output<typeof userBriefEntity>

interface Named {
  readonly id: UserId
  readonly username: string
  readonly name: string
  readonly state: UserState
}

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
