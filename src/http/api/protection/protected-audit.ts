import type { AuditNote } from '../../../core/audit.ts'
import type { Project } from '../../../store/projects.ts'
import type { ProtectedRef } from '../../../store/protected-refs.ts'
import { changesOf, projectEntity } from '../audit-words.ts'

export const aboutRule = (
  project: Project,
  rule: ProtectedRef,
  type: 'ProtectedBranch' | 'ProtectedTag' = 'ProtectedBranch',
) => ({
  entity: projectEntity(project),
  target: { type, id: rule.id, details: rule.name },
})

/** Whom a rule admits, in words: `push: 40, user 7`. */
const admitted = (rule: ProtectedRef): string =>
  rule.levels
    .map(({ action, access_level, user_id, group_id, deploy_key_id }) => {
      if (user_id !== null) return `${action}: user ${user_id}`
      if (group_id !== null) return `${action}: group ${group_id}`
      return deploy_key_id === null ? `${action}: ${access_level}` : `${action}: deploy key ${deploy_key_id}`
    })
    .join(', ')

/** What became of a protected branch that was changed. */
export const ruleChanges = (project: Project, before: ProtectedRef, after: ProtectedRef): AuditNote[] => {
  const inWords = (rule: ProtectedRef) => ({ allow_force_push: rule.allow_force_push, access_levels: admitted(rule) })
  const names = [
    ['allow_force_push', 'protected_branch_allow_force_push_updated'],
    ['access_levels', 'protected_branch_updated'],
  ] as const
  return changesOf(inWords(before), inWords(after), names, aboutRule(project, after))
}
