import { accessLevels } from '../core/access-level.ts'
import type { RefRule, RefRuleAction } from '../core/project.ts'
import { PatternIndex } from './rules/patterns.ts'
import { type Judged, rulesAdmit } from './rules/ref-rules.ts'

/** What the rules say of one branch, as the API shows it (gitlab `API::Entities::Branch`). */
export interface BranchStanding {
  readonly protected: boolean
  readonly developers_can_push: boolean
  readonly developers_can_merge: boolean
  /** For the one who asks. */
  readonly can_push: boolean
}

/** A row that names the very role (gitlab `ProtectedRef.developers_can?`). */
const namesDevelopers = (rule: RefRule, action: RefRuleAction): boolean =>
  rule.levels.some((row) => row.kind === 'role' && row.action === action && row.level === accessLevels.developer)

const byRule = (rule: RefRule, judged: Judged | undefined): BranchStanding => ({
  protected: true,
  developers_can_push: namesDevelopers(rule, 'push'),
  developers_can_merge: namesDevelopers(rule, 'merge'),
  can_push: judged !== undefined && rulesAdmit([rule], 'push', judged),
})

const closed: BranchStanding = { protected: true, developers_can_push: false, developers_can_merge: false, can_push: false }

/**
 * The standing of each branch of a project.
 * @param judged who asks; undefined for nobody, and for those who may push nothing
 */
export const branchStandings = (rules: readonly RefRule[], judged: Judged | undefined): ((name: string) => BranchStanding) => {
  const index = new PatternIndex(
    rules.flatMap((rule) => (rule.kind === 'branch' ? [[rule.pattern, byRule(rule, judged)] as const] : [])),
  )
  return (name) => {
    const matching = index.matching(name)
    if (matching === 'too-much') return closed
    if (matching.length === 0) return { ...closed, protected: false, can_push: judged?.pushes === true }
    return {
      protected: true,
      developers_can_push: matching.some((rule) => rule.developers_can_push),
      developers_can_merge: matching.some((rule) => rule.developers_can_merge),
      can_push: matching.some((rule) => rule.can_push),
    }
  }
}

/** Whether a rule protects each tag; where there are too many to be asked, all of them count as protected. */
export const tagProtections = (rules: readonly RefRule[]): ((name: string) => boolean) => {
  const index = new PatternIndex(rules.flatMap(({ kind, pattern }) => (kind === 'tag' ? [[pattern, true] as const] : [])))
  return (name) => index.matching(name).length > 0
}
