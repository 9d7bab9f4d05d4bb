import type { NamespaceId, ProjectId } from '../../../core/ids.ts'
import type { Account } from '../../../store/users.ts'
import { visibleGroups, visibleProjects } from '../../../store/visible.ts'
import type { Call } from '../call.ts'

const hiddenName = '****'

const seenProjects = async (call: Call, ids: readonly ProjectId[]): Promise<ReadonlySet<number>> => {
  if (ids.length === 0) return new Set()
  const user = call.caller.kind === 'user' ? call.caller.user : undefined
  const rows = await call.parts.store.read
    .selectFrom('projects')
    .innerJoin('namespaces', 'namespaces.id', 'projects.namespace_id')
    .select('projects.id')
    .where('projects.id', 'in', [...ids])
    .where(visibleProjects(user, call.now))
    .execute()
  return new Set(rows.map(({ id }) => id))
}

const seenGroups = async (call: Call, ids: readonly NamespaceId[]): Promise<ReadonlySet<number>> => {
  if (ids.length === 0) return new Set()
  const user = call.caller.kind === 'user' ? call.caller.user : undefined
  const rows = await call.parts.store.read
    .selectFrom('namespaces')
    .select('namespaces.id')
    .where('namespaces.id', 'in', [...ids])
    .where(visibleGroups(user, call.now))
    .execute()
  return new Set(rows.map(({ id }) => id))
}

/** A bot is named after its token: only those who see its project or group read that name (gitlab `User#redacted_name`). */
export const hideBotNames = async (call: Call, accounts: readonly Account[]): Promise<Account[]> => {
  const bots = accounts.filter(({ kind }) => kind === 'project_bot')
  const projects = await seenProjects(
    call,
    bots.flatMap(({ bot_project_id }) => bot_project_id ?? []),
  )
  const groups = await seenGroups(
    call,
    bots.flatMap(({ bot_group_id }) => bot_group_id ?? []),
  )
  const isSeen = ({ id, kind, bot_project_id, bot_group_id }: Account): boolean =>
    kind !== 'project_bot' ||
    (call.caller.kind === 'user' && call.caller.user.id === id) ||
    projects.has(bot_project_id ?? 0) ||
    groups.has(bot_group_id ?? 0)
  return accounts.map((account) => (isSeen(account) ? account : { ...account, name: hiddenName }))
}
