import type { Action } from '../core/action.ts'
import type { Authenticated } from '../core/credential.ts'
import type { ProjectId } from '../core/ids.ts'
import type { RefUpdate } from '../core/ref-update.ts'
import type { Refusal } from '../core/refusal.ts'
import { branchStandings } from './branch-standing.ts'
import { type Admission, type Decision, decide } from './decide.ts'
import type { Facts } from './facts.ts'
import type { FactSource } from './gate.ts'
import { isRefusal, refuseAccess } from './refuse.ts'
import { covers, type Standing } from './standing.ts'

/** A project that the API has found, and the path on which it was found. */
export interface Located {
  readonly id: ProjectId
  readonly full_path: string
}

/** What an API request asks of a repository: who, where, what. */
interface ApiQuestion {
  readonly who: Authenticated
  readonly project: Located
  readonly action: Action
}

const reading: Action = { kind: 'pull', service: 'inspect' }

/**
 * The way to repositories for the API, which has its own way to tell who calls and which project is meant: gather, then
 * decide, by the same rules as for git. It never makes a project.
 */
export class ApiGate {
  readonly #facts: Pick<FactSource, 'gather'>

  constructor(facts: Pick<FactSource, 'gather'>) {
    this.#facts = facts
  }

  /** Asks to read objects and refs. */
  async inspect(who: Authenticated, project: Located): Promise<Admission<'inspect'> | Refusal> {
    return (await this.#ask({ who, project, action: reading })) as Admission<'inspect'> | Refusal
  }

  /** Why no ref at all may be changed; undefined where some may. */
  async refusalToPush(who: Authenticated, project: Located): Promise<Refusal | undefined> {
    const decision = await this.#ask({ who, project, action: { kind: 'push', updates: 'unknown', origin: 'api' } })
    return isRefused(decision) ? decision : undefined
  }

  /**
   * Asks to make or delete refs. What is made must be there already, but for a tag object that comes along.
   * @param holders branches in which the commits of the new ones are known to lie: one that is protected is a good basis
   * for another, wherever in it the commit stands (gitlab `checks/branch_check.rb`, `safe_commit_for_new_protected_branch?`)
   */
  async changeRefs(
    who: Authenticated,
    project: Located,
    updates: readonly RefUpdate[],
    holders: readonly string[] = [],
  ): Promise<Admission<'change-refs'> | Refusal> {
    const action: Action = { kind: 'push', updates, origin: 'api' }
    const decision = await this.#ask({ who, project, action }, (facts) => withHolders(facts, updates, holders))
    return decision as Admission<'change-refs'> | Refusal
  }

  /** Asks again about an answer that is being written: whether its admission would be given now. */
  async stillInspects(who: Authenticated, project: Located, admission: Admission<'inspect'>): Promise<Standing> {
    const decision = await this.inspect(who, project)
    return !isRefused(decision) && covers(admission, decision) ? 'stands' : 'withdrawn'
  }

  /** By path, as facts are gathered; what answers there now may be another project than the one that was found. */
  async #ask({ who, project, action }: ApiQuestion, more = (facts: Facts) => facts): Promise<Decision> {
    const facts = await this.#facts.gather(who.principal, project.full_path, action)
    if (facts.project?.id !== project.id) return refuseAccess('project_absent')
    return decide({ who, action, facts: more(facts) })
  }
}

const withHolders = (facts: Facts, updates: readonly RefUpdate[], holders: readonly string[]): Facts => {
  const standingOf = branchStandings(facts.rules, undefined)
  if (!holders.some((name) => standingOf(name).protected)) return facts
  return { ...facts, protectedTips: new Set([...facts.protectedTips, ...updates.map(({ newId }) => newId)]) }
}

const isRefused = (decision: Decision): decision is Refusal => 'kind' in decision && isRefusal(decision)
