import type { Action, GitService } from '../core/action.ts'
import type { Authenticated, CredentialRef } from '../core/credential.ts'
import type { NamespaceId, ProjectId } from '../core/ids.ts'
import type { Principal } from '../core/principal.ts'
import type { ProjectFacts } from '../core/project.ts'
import type { RefUpdate } from '../core/ref-update.ts'
import type { AccessReason, Refusal } from '../core/refusal.ts'
import type { Facts } from './facts.ts'
import { accountSentence, refuseAccess, refuseRef } from './refuse.ts'
import { downloads, sees } from './rules/pull.ts'
import { pushReason, updateCheck } from './rules/push.ts'
import { canLogIn, inactiveReason } from './rules/user-state.ts'

/**
 * What an admission lets git do. `advertise-push` shows refs to one who may push at all; `receive-pack` takes a push;
 * `quarantine` takes a push that will be declined in any case, only to learn which sentence GitLab would use.
 */
export type Admitted = 'upload-pack' | 'upload-archive' | 'advertise-push' | 'receive-pack' | 'quarantine'

/** What an admitted push still has to show inside quarantine, in this order; the first that fails declines all of it. */
export type Obligation =
  | { readonly kind: 'fast-forward'; readonly update: RefUpdate; readonly text: string }
  | { readonly kind: 'decline'; readonly text: string }

/** An obligation with the refusal that it turns into where it is not met: for the log, since the client has read the text. */
export type Owed = Obligation & { readonly refusal: Refusal }

const minted = new WeakSet<object>()

/**
 * The proof that the rules were asked and said yes; git is not started without one (`git/process.ts`). It names ids,
 * never names, so that a rename between decision and start cannot matter. Only `decide` makes it.
 */
class Admission<Kind extends Admitted = Admitted> {
  readonly #sealed = true
  readonly service: Kind
  readonly repository: ProjectId
  readonly principal: Principal
  readonly credential: CredentialRef | undefined
  readonly obligations: readonly Owed[]
  /** Nothing was ever pushed: the first branch that lands becomes the default branch. */
  readonly firstPush: boolean

  constructor(service: Kind, who: Authenticated, project: ProjectFacts, obligations: readonly Owed[]) {
    this.service = service
    this.repository = project.id
    this.principal = who.principal
    this.credential = who.credential
    this.obligations = Object.freeze([...obligations])
    this.firstPush = project.defaultBranch === undefined
    Object.freeze(this)
  }

  static isGenuine(value: object): boolean {
    return #sealed in value && value.#sealed && minted.has(value)
  }
}

export type { Admission }

export const isAdmission = <Kind extends Admitted>(value: object, service: Kind): value is Admission<Kind> =>
  Admission.isGenuine(value) && (value as Admission).service === service

const mint = <Kind extends Admitted>(
  service: Kind,
  who: Authenticated,
  project: ProjectFacts,
  obligations: readonly Owed[] = [],
): Admission<Kind> => {
  const admission = new Admission(service, who, project, obligations)
  minted.add(admission)
  return admission
}

/** Leave to make a project by pushing to a path where none is. */
export interface CreationGrant {
  readonly kind: 'creation'
  readonly namespaceId: NamespaceId
  readonly path: string
}

export interface Question<Asked extends Action = Action> {
  readonly who: Authenticated
  readonly action: Asked
  readonly facts: Facts
}

type Pull = Extract<Action, { kind: 'pull' }>
type Push = Extract<Action, { kind: 'push' }>

export type PullDecision = Admission<'upload-pack'> | Admission<'upload-archive'> | Refusal
export type PushDecision =
  | Admission<'advertise-push'>
  | Admission<'receive-pack'>
  | Admission<'quarantine'>
  | CreationGrant
  | Refusal
export type Decision = PullDecision | PushDecision

const activityReason = (principal: Principal): AccessReason | undefined => {
  if (principal.kind === 'user') return inactiveReason(principal.user)
  if (principal.kind !== 'deploy-key') return undefined
  const { creator } = principal
  return creator && !canLogIn(creator) ? inactiveReason(creator) : undefined
}

const abilityReason = (who: Authenticated, service: GitService): AccessReason | undefined => {
  if (service === 'receive-pack') return who.abilities.has('push_code') ? undefined : 'ability_missing_push'
  return who.abilities.has('download_code') ? undefined : 'ability_missing_download'
}

/** Steps 2 to 4 of GitLab's order, which hold before any project is looked up. */
const reasonAgainst = ({ who, action }: Question): AccessReason | undefined =>
  activityReason(who.principal) ?? abilityReason(who, action.kind === 'push' ? 'receive-pack' : action.service)

const absent = (question: Question): CreationGrant | Refusal => {
  const { creation } = question.facts
  if (creation.kind === 'unparsable') return refuseAccess('namespace_unparsable')
  const creates = question.action.kind === 'push' && question.who.principal.kind === 'user'
  if (!creates) return refuseAccess('project_absent')
  if (creation.kind === 'bad-name') return refuseAccess('project_not_creatable', { message: creation.message })
  if (creation.kind === 'impossible') return refuseAccess('project_absent')
  return { kind: 'creation', namespaceId: creation.namespaceId, path: creation.path }
}

const decidePull = ({ who, action, facts }: Question<Pull>, project: ProjectFacts): PullDecision =>
  downloads(who.principal, project, facts) ? mint(action.service, who, project) : refuseAccess('download_denied')

/** How many questions of force git is asked in one push: each one starts a process of it. */
const mostForceQuestions = 1000

/** The first update that is declined declines the push. A question that only git can answer before it goes along. */
const decideUpdates = (question: Question, project: ProjectFacts, updates: readonly RefUpdate[]): PushDecision => {
  const { who, facts } = question
  const obligations: Owed[] = []
  const check = updateCheck(who.principal, project, facts)
  for (const update of updates) {
    const verdict = check(update)
    if (verdict.kind === 'unless-forced') {
      if (obligations.length === mostForceQuestions) return refuseRef('too_many_protected', update.ref)
      const refusal = refuseRef(verdict.reason, update.ref)
      obligations.push({ kind: 'fast-forward', update, text: refusal.message, refusal })
    }
    const settled = verdict.kind === 'unless-forced' ? verdict.otherwise : verdict
    if (settled.kind === 'passed') continue
    const refusal = refuseRef(settled.reason, update.ref, settled.message)
    if (obligations.length === 0) return refusal
    return mint('quarantine', who, project, [...obligations, { kind: 'decline', text: refusal.message, refusal }])
  }
  return mint('receive-pack', who, project, obligations)
}

const decidePush = (question: Question<Push>, project: ProjectFacts): PushDecision => {
  const { who, action, facts } = question
  const reason = pushReason(who.principal, project, facts)
  if (reason !== undefined) return refuseAccess(reason)
  return action.updates === 'unknown' ? mint('advertise-push', who, project) : decideUpdates(question, project, action.updates)
}

/**
 * GitLab's order (gitlab `lib/gitlab/git_access.rb`): account, ability, project, repository, then pull or push.
 * Pure and total: values in, a value out. The only maker of admissions.
 */
export function decide(question: Question<Pull>): PullDecision | CreationGrant
export function decide(question: Question<Push>): PushDecision
export function decide(question: Question): Decision
export function decide(question: Question): Decision {
  const { action, facts, who } = question
  const early = reasonAgainst(question)
  if (early !== undefined) return refuseAccess(early, { message: accountSentence(early, facts.baseUrl) })
  const { project } = facts
  if (project === undefined) return absent(question)
  if (!sees(who.principal, project, facts)) return refuseAccess('project_invisible')
  if (!facts.repositoryExists) return refuseAccess('repository_absent')
  return action.kind === 'pull' ? decidePull({ who, action, facts }, project) : decidePush({ who, action, facts }, project)
}
