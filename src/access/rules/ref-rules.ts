import { accessLevels } from '../../core/access-level.ts'
import type { User } from '../../core/principal.ts'
import type { RefRule, RefRuleAction, RefRuleLevel, Role } from '../../core/project.ts'

/** Whether a pattern of a protection rule names this branch or tag: exact, or `*` for any run of characters. */
export const patternMatches = (pattern: string, name: string): boolean => {
  if (!pattern.includes('*')) return pattern === name
  const pieces = pattern.split('*')
  const first = pieces[0] ?? ''
  const last = pieces.at(-1) ?? ''
  if (!name.startsWith(first) || name.length < first.length + last.length || !name.endsWith(last)) return false
  let at = first.length
  const end = name.length - last.length
  for (const piece of pieces.slice(1, -1)) {
    const found = name.indexOf(piece, at)
    if (found < 0 || found + piece.length > end) return false
    at = found + piece.length
  }
  return true
}

export const matchingRules = (rules: readonly RefRule[], kind: RefRule['kind'], name: string): readonly RefRule[] =>
  rules.filter((rule) => rule.kind === kind && patternMatches(rule.pattern, name))

/** The user as whom a ref update is judged: the one who pushes, or the creator of the deploy key in use. */
export interface Judged {
  readonly user: User
  readonly role: Role
  /** `push_code` of the user; for a deploy key that of its creator. */
  readonly pushes: boolean
}

const roleAdmits = (level: number, judged: Judged): boolean => {
  if (level === accessLevels.noAccess) return false
  if (level === accessLevels.admin) return judged.user.isAdmin
  return judged.pushes && judged.role >= level
}

/** One access-level row. Administrators get no bypass: their membership counts like anyone's. */
const rowAdmits = (row: RefRuleLevel, judged: Judged): boolean => {
  switch (row.kind) {
    case 'role':
      return roleAdmits(row.level, judged)
    case 'user':
      return judged.pushes && row.userId === judged.user.id
    case 'group':
      return judged.pushes && row.memberIds.includes(judged.user.id)
    case 'deploy-key':
      return row.canPush && row.creatorId === judged.user.id
  }
}

/** The most permissive row of any matching rule wins. */
export const rulesAdmit = (rules: readonly RefRule[], action: RefRuleAction, judged: Judged): boolean =>
  rules.some((rule) => rule.levels.some((row) => row.action === action && rowAdmits(row, judged)))
