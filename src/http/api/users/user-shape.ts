import { z } from 'zod'
import type { NamespaceId, UserId } from '../../../core/ids.ts'
import type { Account } from '../../../store/users.ts'
import type { Call } from '../call.ts'
import { maybeDay, maybeMoment, maybeNumber, maybeWords, momentWords, wholeNumber, words, yesNo } from '../entity-words.ts'
import { briefUser, briefUsers, userBriefEntity } from './user-brief.ts'

/** What GitLab keeps of a person beyond this, and we do not. */
const noProfile = {
  bio: '',
  location: '',
  linkedin: '',
  twitter: '',
  discord: '',
  website_url: '',
  github: '',
  job_title: '',
  pronouns: null,
  organization: '',
  work_information: null,
  local_time: null,
  followers: 0,
  following: 0,
  is_followed: false,
} as const

/** A user as any signed-in caller sees it (gitlab `API::Entities::User`). */
export const profileEntity = userBriefEntity
  .extend({
    created_at: momentWords,
    bot: yesNo,
    bio: maybeWords,
    location: maybeWords,
    linkedin: words,
    twitter: words,
    discord: words,
    website_url: words,
    github: words,
    job_title: maybeWords,
    pronouns: maybeWords,
    organization: maybeWords,
    work_information: maybeWords,
    local_time: maybeWords,
    followers: wholeNumber,
    following: wholeNumber,
    is_followed: yesNo,
  })
  .meta({ id: 'User' })

export const profileShape = (call: Call, account: Account): z.output<typeof profileEntity> => ({
  ...briefUser(call, account),
  created_at: account.created_at,
  bot: account.kind === 'project_bot' || account.kind === 'service_account',
  ...noProfile,
})

/** A user as it sees itself (gitlab `API::Entities::UserPublic`). */
export const ownEntity = profileEntity
  .extend({
    last_sign_in_at: maybeMoment,
    confirmed_at: maybeMoment,
    last_activity_on: maybeDay,
    email: words,
    theme_id: maybeNumber,
    color_scheme_id: wholeNumber,
    projects_limit: wholeNumber,
    current_sign_in_at: maybeMoment,
    identities: z.array(z.object({ provider: words, extern_uid: words })),
    can_create_group: yesNo,
    can_create_project: yesNo,
    two_factor_enabled: yesNo,
    external: yesNo,
    private_profile: yesNo,
    commit_email: words,
  })
  .meta({ id: 'UserPublic' })

export const ownShape = (call: Call, account: Account): z.output<typeof ownEntity> => ({
  ...profileShape(call, account),
  last_sign_in_at: null,
  confirmed_at: account.confirmed_at,
  last_activity_on: null,
  email: account.email,
  theme_id: null,
  color_scheme_id: 1,
  projects_limit: account.projects_limit,
  current_sign_in_at: null,
  identities: [],
  can_create_group: account.can_create_group === 1,
  can_create_project: account.projects_limit > 0,
  two_factor_enabled: account.two_factor_enabled === 1,
  external: account.is_external === 1,
  private_profile: false,
  commit_email: account.email,
})

const namespaceIds = async (call: Call, owners: readonly UserId[]): Promise<ReadonlyMap<UserId, NamespaceId>> => {
  if (owners.length === 0) return new Map()
  const rows = await call.parts.store.read
    .selectFrom('namespaces')
    .select(['id', 'owner_id'])
    .where('owner_id', 'in', [...owners])
    .where('kind', '=', 'user')
    .execute()
  return new Map(rows.flatMap(({ id, owner_id }) => (owner_id === null ? [] : [[owner_id, id] as const])))
}

/** Users as administrators see them (gitlab `API::Entities::UserWithAdmin`). */
export const adminEntity = ownEntity
  .extend({
    is_admin: yesNo,
    note: maybeWords,
    namespace_id: maybeNumber,
    created_by: userBriefEntity.nullable(),
    email_reset_offered_at: maybeMoment,
  })
  .meta({ id: 'UserWithAdmin' })

/** One user as administrators see it (gitlab `API::Entities::UserDetailsWithAdmin`). */
export const adminDetailsEntity = adminEntity
  .extend({
    highest_role: maybeNumber,
    current_sign_in_ip: maybeWords,
    last_sign_in_ip: maybeWords,
    sign_in_count: wholeNumber,
  })
  .meta({ id: 'UserDetailsWithAdmin' })

export const adminShapes = async (call: Call, accounts: readonly Account[]): Promise<z.output<typeof adminEntity>[]> => {
  const namespaces = await namespaceIds(
    call,
    accounts.map(({ id }) => id),
  )
  const makers = await briefUsers(
    call,
    accounts.flatMap(({ created_by }) => created_by ?? []),
  )
  return accounts.map((account) => ({
    ...ownShape(call, account),
    is_admin: account.is_admin === 1,
    note: account.note,
    namespace_id: namespaces.get(account.id) ?? null,
    created_by: account.created_by === null ? null : (makers.get(account.created_by) ?? null),
    email_reset_offered_at: null,
  }))
}

export const adminShape = async (call: Call, account: Account) => (await adminShapes(call, [account]))[0]
