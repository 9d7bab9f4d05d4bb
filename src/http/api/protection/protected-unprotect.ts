import { rulesAdmit } from '../../../access/rules/ref-rules.ts'
import type { ProtectedRef } from '../../../store/protected-refs.ts'
import { readRules } from '../../../store/rules.ts'
import type { Call } from '../call.ts'
import { requireUser } from '../caller.ts'
import { forbidden } from '../errors.ts'
import type { ReachedProject } from '../reach.ts'

/**
 * Where a rule says who may change or remove it (`unprotect_access_levels`), others who administer the project may not.
 * Administrators may: over the API they have every role.
 */
export const refuseUnprotecting = async (
  call: Call,
  { project, standing }: ReachedProject,
  rule: ProtectedRef,
): Promise<void> => {
  const { user } = requireUser(call.caller)
  if (user.isAdmin || !rule.levels.some((level) => level.action === 'unprotect')) return
  const rules = await readRules(call.parts.store.read, project.id, call.now)
  const own = rules.filter((other) => other.kind === 'branch' && other.pattern === rule.name)
  if (!rulesAdmit(own, 'unprotect', { user, role: standing.role, pushes: true, origin: 'api' })) throw forbidden()
}
