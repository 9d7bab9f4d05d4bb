import { type Principal, userBehind } from '../../core/principal.ts'
import type { ProjectFacts, RefRule } from '../../core/project.ts'
import { branchOf, type RefUpdate, tagOf } from '../../core/ref-update.ts'
import type { AccessReason } from '../../core/refusal.ts'
import type { Facts } from '../facts.ts'
import { checkBranch } from './branch.ts'
import { jobPushes } from './job.ts'
import { presetRule } from './preset.ts'
import { type Judged, ProtectedRefs } from './ref-rules.ts'
import { checkTag } from './tag.ts'
import { refsOf, trustedPushes } from './trusted.ts'
import { declined, passed, type RefVerdict, tooMuch } from './verdict.ts'
import { userPushes, userSees } from './visibility.ts'

/** Why the principal may not push to the project at all, before any ref is looked at; undefined where it may. */
export const pushReason = (principal: Principal, project: ProjectFacts, facts: Facts): AccessReason | undefined => {
  if (project.archived) return 'project_archived'
  switch (principal.kind) {
    case 'anonymous':
    case 'deploy-token':
      return 'actor_cannot_upload'
    case 'deploy-key':
      return facts.key.canPush ? undefined : 'key_read_only'
    case 'user':
      return userPushes(principal.user, facts.role, project) ? undefined : 'push_denied'
    case 'job':
      if (principal.user === undefined) return 'actor_cannot_upload'
      return jobPushes(principal, project, facts) ? undefined : 'push_denied'
    case 'trusted':
      return trustedPushes(facts.role, project) ? undefined : 'push_denied'
  }
}

/** As whom refs are judged; undefined where nobody stands behind the push, and no trust does. */
const judgedAs = (principal: Principal, project: ProjectFacts, facts: Facts, origin: Judged['origin']): Judged | undefined => {
  if (principal.kind === 'trusted') {
    return { user: undefined, role: facts.role, pushes: trustedPushes(facts.role, project), origin }
  }
  const user = userBehind(principal)
  if (user === undefined) return undefined
  const pushes = principal.kind === 'job' ? jobPushes(principal, project, facts) : userPushes(user, facts.role, project)
  return { user, role: facts.role, pushes, origin }
}

/** A deploy key pushes while its creator still sees the project, whatever the creator's role (gitlab `deploy_key_access.rb`). */
const pushesRefs = (principal: Principal, judged: Judged, project: ProjectFacts, facts: Facts): boolean =>
  principal.kind === 'deploy-key'
    ? facts.key.canPush && judged.user !== undefined && userSees(judged.user, judged.role, project)
    : judged.pushes

/** Without a default branch, the preset of the project protects every branch. */
const rulesOf = (project: ProjectFacts, facts: Facts): readonly RefRule[] => {
  const preset = project.defaultBranch === undefined ? presetRule(project.defaultProtection) : undefined
  return preset === undefined ? facts.rules : [...facts.rules, preset]
}

/** The check of each ref update of one push, in GitLab's order: push, branch, tag. A trust's own refs come first. */
export const updateCheck = (
  principal: Principal,
  project: ProjectFacts,
  facts: Facts,
  origin: Judged['origin'],
): ((update: RefUpdate) => RefVerdict) => {
  const judged = judgedAs(principal, project, facts, origin)
  if (judged === undefined || !pushesRefs(principal, judged, project, facts)) return () => declined('ref_push_denied')
  const protectedRefs = new ProtectedRefs(rulesOf(project, facts), judged)
  const named = refsOf(principal)
  return (update) => {
    const isNamed = named(update.ref)
    if (isNamed !== true) return isNamed === 'too-much' ? tooMuch : declined('ref_outside_trust')
    const branch = branchOf(update.ref)
    if (branch !== undefined) return checkBranch(branch, update, protectedRefs, judged, facts)
    const tag = tagOf(update.ref)
    return tag === undefined ? passed : checkTag(tag, update, protectedRefs, judged, facts)
  }
}
