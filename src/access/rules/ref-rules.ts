import { accessLevels } from '../../core/access-level.ts'
import type { UserId } from '../../core/ids.ts'
import type { User } from '../../core/principal.ts'
import type { RefRule, RefRuleAction, RefRuleLevel, Role } from '../../core/project.ts'
import { PatternIndex } from './patterns.ts'

/** The user as whom a ref update is judged: the one who pushes, or the creator of the deploy key in use. */
export interface Judged {
  /** Undefined for somebody from outside, who has a role and is nobody whom a rule could name. */
  readonly user: User | undefined
  readonly role: Role
  /** `push_code` of the user; for a deploy key that of its creator. */
  readonly pushes: boolean
  /** Through which door the change comes: some may be made by the API that no push may make (GitLab's `updated_from_web?`). */
  readonly origin: 'git' | 'api'
}

export const judgesAdmin = ({ user }: Judged): boolean => user?.isAdmin === true

/** Whether a row names the very user: nobody is no one in particular. */
const isNamed = (id: UserId | undefined, { user }: Judged): boolean => user !== undefined && id === user.id

const roleAdmits = (level: number, judged: Judged): boolean => {
  if (level === accessLevels.noAccess) return false
  if (level === accessLevels.admin) return judgesAdmin(judged)
  return judged.pushes && judged.role >= level
}

/** One access-level row. Administrators get no bypass: their membership counts like anyone's. */
const rowAdmits = (row: RefRuleLevel, judged: Judged): boolean => {
  switch (row.kind) {
    case 'role':
      return roleAdmits(row.level, judged)
    case 'user':
      return judged.pushes && isNamed(row.userId, judged)
    case 'group':
      return judged.pushes && row.memberIds.some((id) => isNamed(id, judged))
    case 'deploy-key':
      return row.canPush && isNamed(row.creatorId, judged)
  }
}

/** What the rules of one ref leave to a user. */
export interface Protection {
  readonly pushes: boolean
  readonly merges: boolean
  readonly creates: boolean
  /** For anyone who pushes. */
  readonly forces: boolean
}

/** The most permissive row of any matching rule wins. */
export const rulesAdmit = (rules: readonly RefRule[], action: RefRuleAction, judged: Judged): boolean =>
  rules.some((rule) => rule.levels.some((row) => row.action === action && rowAdmits(row, judged)))

const protectionBy = (rule: RefRule, judged: Judged): Protection => ({
  pushes: rulesAdmit([rule], 'push', judged),
  merges: rulesAdmit([rule], 'merge', judged),
  creates: rulesAdmit([rule], 'create', judged),
  forces: rule.allowForcePush,
})

const together = (all: readonly Protection[]): Protection => ({
  pushes: all.some(({ pushes }) => pushes),
  merges: all.some(({ merges }) => merges),
  creates: all.some(({ creates }) => creates),
  forces: all.some(({ forces }) => forces),
})

/** The rules of a project for one user and one push: their rows are read once, however many refs are asked about. */
export class ProtectedRefs {
  readonly #indexes: Readonly<Record<RefRule['kind'], PatternIndex<Protection>>>

  constructor(rules: readonly RefRule[], judged: Judged) {
    const index = (kind: RefRule['kind']) =>
      new PatternIndex(
        rules.filter((rule) => rule.kind === kind).map((rule) => [rule.pattern, protectionBy(rule, judged)] as const),
      )
    this.#indexes = { branch: index('branch'), tag: index('tag') }
  }

  /** Undefined where no rule protects the ref; `too-much` where the push has asked about too many. */
  of(kind: RefRule['kind'], name: string): Protection | undefined | 'too-much' {
    const matching = this.#indexes[kind].matching(name)
    if (matching === 'too-much') return matching
    return matching.length === 0 ? undefined : together(matching)
  }
}
