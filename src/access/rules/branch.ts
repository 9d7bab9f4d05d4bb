import { accessLevels } from '../../core/access-level.ts'
import { isCreation, isDeletion, type RefUpdate } from '../../core/ref-update.ts'
import type { RefReason } from '../../core/refusal.ts'
import type { Facts } from '../facts.ts'
import { protectsNothing } from './preset.ts'
import { isObjectIdName, isValidRefName } from './ref-name.ts'
import { type Judged, judgesAdmin, type ProtectedRefs, type Protection } from './ref-rules.ts'
import { declined, passed, type RefVerdict, tooMuch } from './verdict.ts'

const isEmpty = (facts: Facts): boolean => facts.project?.defaultBranch === undefined && !facts.hasBranches

/**
 * Who makes the first branch of an empty repository besides those whom a rule lets push (gitlab
 * `ProtectedBranch.protected_ref_accessible_to?`). Preset 0 protects nothing: there only a rule made by hand counts.
 */
const makesFirstBranch = (judged: Judged, facts: Facts): boolean => {
  const protection = facts.project?.defaultProtection
  if (protection === undefined || protectsNothing(protection)) return false
  if (judgesAdmin(judged) || judged.role >= accessLevels.maintainer) return true
  return judged.role === accessLevels.developer && protection.developersFirst
}

const missingDefaultBranch = (facts: Facts): string => {
  const path = facts.project?.fullPath ?? ''
  return [
    `A default branch (e.g. main) does not yet exist for ${path}`,
    'Ask a project Owner or Maintainer to create a default branch:',
    '',
    `  ${facts.baseUrl}/${path}/-/project_members`,
  ].join('\n')
}

/** Name checks, for a branch that is made (gitlab `lib/gitlab/checks/branch_check.rb`). */
const nameReason = (name: string): RefReason | undefined => {
  if (isObjectIdName(name)) return 'branch_name_is_object_id'
  if (!isValidRefName(`refs/heads/${name}`)) return 'branch_name_invalid'
  return undefined
}

const firstBranch = ({ pushes }: Protection, judged: Judged, facts: Facts): RefVerdict =>
  pushes || makesFirstBranch(judged, facts) ? passed : declined('default_branch_missing', missingDefaultBranch(facts))

const creation = ({ pushes, merges }: Protection, update: RefUpdate, judged: Judged, facts: Facts): RefVerdict => {
  if (pushes) return passed
  if (!merges) return declined('branch_creation_denied')
  if (!facts.protectedTips.has(update.newId)) return declined('branch_creation_basis')
  return judged.origin === 'api' ? passed : declined('branch_creation_web_only')
}

const deletion = (judged: Judged): RefVerdict => {
  if (!judgesAdmin(judged) && judged.role < accessLevels.maintainer) return declined('branch_deletion_denied')
  return judged.origin === 'api' ? passed : declined('branch_deletion_web_only')
}

/** What is left to the user of a branch that a rule protects. */
const checkProtected = (protection: Protection, update: RefUpdate, judged: Judged, facts: Facts): RefVerdict => {
  if (isCreation(update)) {
    return isEmpty(facts) ? firstBranch(protection, judged, facts) : creation(protection, update, judged, facts)
  }
  if (isDeletion(update)) return deletion(judged)
  const byRole = protection.pushes ? passed : declined('branch_push_denied')
  if (protection.forces) return byRole
  return { kind: 'unless-forced', reason: 'branch_force_push', otherwise: byRole }
}

/** The rules of one branch update, in GitLab's order: default branch, name, then protection: force, role. */
export const checkBranch = (
  name: string,
  update: RefUpdate,
  protectedRefs: ProtectedRefs,
  judged: Judged,
  facts: Facts,
): RefVerdict => {
  if (isDeletion(update) && name === facts.project?.defaultBranch) return declined('default_branch_deletion')
  const badName = isCreation(update) ? nameReason(name) : undefined
  if (badName !== undefined) return declined(badName)
  const protection = protectedRefs.of('branch', name)
  if (protection === 'too-much') return tooMuch
  return protection === undefined ? passed : checkProtected(protection, update, judged, facts)
}
