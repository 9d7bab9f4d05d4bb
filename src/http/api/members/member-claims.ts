import type { AuditEntity } from '../../../core/audit.ts'
import type { NamespaceId, ProjectId } from '../../../core/ids.ts'
import type { Home } from '../../../store/members.ts'
import { selectMemberships } from '../../../store/user-memberships.ts'
import type { Account } from '../../../store/users.ts'
import type { Call } from '../call.ts'
import { memberCreated } from './member-audit.ts'

interface Place {
  readonly namespace_id: NamespaceId | null
  readonly project_id: ProjectId | null
  readonly full_path: string | null
}

const entityOf = ({ namespace_id, project_id, full_path }: Place): AuditEntity => {
  const path = full_path ?? ''
  if (namespace_id !== null) return { kind: 'Group', id: namespace_id, path }
  return project_id === null ? { kind: 'Instance' } : { kind: 'Project', id: project_id, path }
}

const isAt = ({ namespace_id, project_id }: Place, { kind, id }: Home): boolean =>
  id === (kind === 'group' ? namespace_id : project_id)

/**
 * Of a user that was just made, or got another address: invitations that were waiting for it have become memberships.
 * @param joined the places of those, where the user had others before
 */
export const auditClaims = async (call: Call, account: Account, joined?: readonly Home[]): Promise<void> => {
  if (joined?.length === 0) return
  const rows = await selectMemberships(call.parts.store.read, account.id, call.now).execute()
  const claimed = joined === undefined ? rows : rows.filter((row) => joined.some((place) => isAt(row, place)))
  for (const row of claimed) call.audit(memberCreated({ entity: entityOf(row) }, account, row.access_level))
}
