import type { AuditEntity } from '../../../core/audit.ts'
import type { NamespaceId, ProjectId } from '../../../core/ids.ts'
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

/** Of a user that was just made: the invitations that were waiting for its address have become memberships. */
export const auditClaims = async (call: Call, account: Account): Promise<void> => {
  const rows = await selectMemberships(call.parts.store.read, account.id, call.now).execute()
  for (const row of rows) call.audit(memberCreated({ entity: entityOf(row) }, account, row.access_level))
}
