import { accessLevels } from '../../core/access-level.ts'
import type { RefRule } from '../../core/project.ts'
import { isCreation, isDeletion, type RefUpdate } from '../../core/ref-update.ts'
import type { RefReason } from '../../core/refusal.ts'
import type { Facts } from '../facts.ts'
import { isObjectIdName, isValidRefName } from './ref-name.ts'
import { type Judged, matchingRules, rulesAdmit } from './ref-rules.ts'
import { declined, passed, type RefVerdict } from './verdict.ts'

const presetsForDevelopersFirstPush = new Set([0, 1, 4])

const isEmpty = (facts: Facts): boolean => facts.project?.defaultBranch === undefined

/** GitLab `ProtectedBranch.protected_ref_accessible_to?`: who may make the first branch of an empty repository. */
const makesFirstBranch = (judged: Judged, facts: Facts): boolean => {
  if (judged.user.isAdmin || judged.role >= accessLevels.maintainer) return true
  const preset = facts.project?.protectionPreset ?? 2
  return judged.role === accessLevels.developer && presetsForDevelopersFirstPush.has(preset)
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

const creation = (update: RefUpdate, mayPush: boolean, mayMerge: boolean, facts: Facts): RefVerdict => {
  if (mayPush) return passed
  if (!mayMerge) return declined('branch_creation_denied')
  if (!facts.protectedTips.has(update.newId)) return declined('branch_creation_basis')
  return declined('branch_creation_web_only')
}

const deletion = (judged: Judged): RefVerdict =>
  judged.user.isAdmin || judged.role >= accessLevels.maintainer
    ? declined('branch_deletion_web_only')
    : declined('branch_deletion_denied')

/** A branch that a rule protects, or any branch while the repository is empty and its preset protects the first one. */
const checkProtected = (rules: readonly RefRule[], update: RefUpdate, judged: Judged, facts: Facts): RefVerdict => {
  const empty = isEmpty(facts)
  const mayPush = rulesAdmit(rules, 'push', judged) || (empty && makesFirstBranch(judged, facts))
  if (empty) return mayPush ? passed : declined('default_branch_missing', missingDefaultBranch(facts))
  if (isCreation(update)) return creation(update, mayPush, rulesAdmit(rules, 'merge', judged), facts)
  if (isDeletion(update)) return deletion(judged)
  const byRole = mayPush ? passed : declined('branch_push_denied')
  if (rules.some((rule) => rule.allowForcePush)) return byRole
  return { kind: 'unless-forced', reason: 'branch_force_push', otherwise: byRole }
}

/** The rules of one branch update, in GitLab's order: default branch, name, then protection: force, role. */
export const checkBranch = (name: string, update: RefUpdate, judged: Judged, facts: Facts): RefVerdict => {
  if (isDeletion(update) && name === facts.project?.defaultBranch) return declined('default_branch_deletion')
  const badName = isCreation(update) ? nameReason(name) : undefined
  if (badName !== undefined) return declined(badName)
  const rules = matchingRules(facts.rules, 'branch', name)
  const protectedWhileEmpty = isEmpty(facts) && facts.project?.protectionPreset !== 0
  return rules.length > 0 || protectedWhileEmpty ? checkProtected(rules, update, judged, facts) : passed
}
