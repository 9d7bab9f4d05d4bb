import type { Action } from '../core/action.ts'
import type { Authenticated, CredentialRef } from '../core/credential.ts'
import type { NamespaceId, ProjectId } from '../core/ids.ts'
import type { Principal } from '../core/principal.ts'
import type { ProjectFacts } from '../core/project.ts'
import { isCreation, isDeletion, type RefUpdate } from '../core/ref-update.ts'
import type { AccessReason, Refusal } from '../core/refusal.ts'
import type { Facts } from './facts.ts'
import { accountSentence, insufficientText, notListedText, refuseAccess, refuseRef } from './refuse.ts'
import { isLetIn } from './rules/job.ts'
import { downloads, sees } from './rules/pull.ts'
import { pushReason, updateCheck } from './rules/push.ts'
import { canLogIn, inactiveReason } from './rules/user-state.ts'

/**
 * What an admission lets git do. `advertise-push` shows refs to one who may push at all; `receive-pack` takes a push;
 * `quarantine` takes a push that will be declined in any case, only to learn which sentence GitLab would use. For the
 * API, `inspect` reads objects and refs, and `change-refs` makes or deletes just the refs that it names.
 */
export type Admitted =
  | 'upload-pack'
  | 'upload-archive'
  | 'inspect'
  | 'advertise-push'
  | 'receive-pack'
  | 'quarantine'
  | 'change-refs'

/** What an admitted push still has to show inside quarantine, in this order; the first that fails declines all of it. */
export type Obligation =
  | { readonly kind: 'fast-forward'; readonly update: RefUpdate; readonly text: string }
  /** No live token of this server may be in what the push brings; `revoke`: one that is ends. */
  | { readonly kind: 'inspection'; readonly revoke: boolean; readonly text: string }
  | { readonly kind: 'decline'; readonly text: string }

/** An obligation with the refusal that it turns into where it is not met: for the log, since the client has read the text. */
export type Owed = Obligation & { readonly refusal: Refusal }

/** What an admission holds besides its service. */
interface Allowed {
  readonly obligations?: readonly Owed[]
  readonly changes?: readonly RefUpdate[]
}

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
  /** Where somebody unknown comes from: by that alone one of them is told from another. */
  readonly from: string | undefined
  /** Milliseconds: when the credential ends by itself; undefined where it does not. */
  readonly endsAt: number | undefined
  readonly obligations: readonly Owed[]
  /** Nothing was ever pushed: the first branch that lands becomes the default branch. */
  readonly firstPush: boolean
  /** What `change-refs` changes; a push brings its own commands. */
  readonly changes: readonly RefUpdate[]

  constructor(service: Kind, who: Authenticated, project: ProjectFacts, allowed: Allowed) {
    this.service = service
    this.repository = project.id
    this.principal = who.principal
    this.credential = who.credential
    this.from = who.from
    this.endsAt = who.endsAt
    this.obligations = Object.freeze([...(allowed.obligations ?? [])])
    this.changes = Object.freeze((allowed.changes ?? []).map((change) => Object.freeze({ ...change })))
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
  allowed: Allowed = {},
): Admission<Kind> => {
  const admission = new Admission(service, who, project, allowed)
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

export type PullDecision = Admission<'upload-pack'> | Admission<'upload-archive'> | Admission<'inspect'> | Refusal
export type PushDecision =
  | Admission<'advertise-push'>
  | Admission<'receive-pack'>
  | Admission<'quarantine'>
  | Admission<'change-refs'>
  | CreationGrant
  | Refusal
export type Decision = PullDecision | PushDecision

const activityReason = (principal: Principal): AccessReason | undefined => {
  if (principal.kind === 'user') return inactiveReason(principal.user)
  if (principal.kind === 'job') return principal.user && inactiveReason(principal.user)
  if (principal.kind !== 'deploy-key') return undefined
  const { creator } = principal
  return creator && !canLogIn(creator) ? inactiveReason(creator) : undefined
}

const abilityReason = (who: Authenticated, { kind }: Action): AccessReason | undefined => {
  if (kind === 'push') return who.abilities.has('push_code') ? undefined : 'ability_missing_push'
  return who.abilities.has('download_code') ? undefined : 'ability_missing_download'
}

const isOfApi = (action: Action): boolean => (action.kind === 'push' ? action.origin === 'api' : action.service === 'inspect')

const overSsh: ReadonlySet<CredentialRef['kind']> = new Set(['user-key', 'deploy-key', 'trust-certificate'])

/** A key has signed only over SSH; all else comes over HTTP. */
const protocolOf = ({ credential }: Authenticated): 'ssh' | 'http' =>
  credential !== undefined && overSsh.has(credential.kind) ? 'ssh' : 'http'

/** The API is neither of git's protocols, and jobs clone by HTTP whatever is allowed. */
const protocolRefusal = ({ who, action, facts }: Question): Refusal | undefined => {
  if (isOfApi(action) || who.principal.kind === 'job') return undefined
  const protocol = protocolOf(who)
  if (facts.onlyProtocol === undefined || facts.onlyProtocol === protocol) return undefined
  return refuseAccess('protocol_disabled', { message: `Git access over ${protocol.toUpperCase()} is not allowed` })
}

/** Steps 2 to 4 of GitLab's order, which hold before any project is looked up. */
const reasonAgainst = ({ who, action }: Question): AccessReason | undefined =>
  activityReason(who.principal) ?? abilityReason(who, action)

const absent = (question: Question): CreationGrant | Refusal => {
  const { creation } = question.facts
  if (creation.kind === 'unparsable') return refuseAccess('namespace_unparsable')
  const { who, action } = question
  const creates = action.kind === 'push' && !isOfApi(action) && who.principal.kind === 'user'
  if (!creates) return refuseAccess('project_absent')
  if (creation.kind === 'bad-name') return refuseAccess('project_not_creatable', { message: creation.message })
  if (creation.kind === 'impossible') return refuseAccess('project_absent')
  return { kind: 'creation', namespaceId: creation.namespaceId, path: creation.path }
}

/** A job with a user is told that the project is there, and what it lacks (gitlab `check_project_accessibility!`). */
const invisible = (principal: Principal, project: ProjectFacts, facts: Facts): Refusal => {
  if (principal.kind !== 'job' || principal.user === undefined) return refuseAccess('project_invisible')
  return isLetIn(principal, project, facts)
    ? refuseAccess('job_token_insufficient', { message: insufficientText(project.id) })
    : refuseAccess('job_token_not_listed', { message: notListedText(principal.home, project.id) })
}

const decidePull = ({ who, action, facts }: Question<Pull>, project: ProjectFacts): PullDecision =>
  downloads(who.principal, project, facts) ? mint(action.service, who, project) : refuseAccess('download_denied')

/** How many questions of force git is asked in one push: each one starts a process of it. */
const mostForceQuestions = 1000

/** What comes last, once every rule is content: tokens that are still good must not get into a repository. */
const owedToShield = ({ pushShield }: ProjectFacts, updates: readonly RefUpdate[]): readonly Owed[] => {
  const brings = updates.find((update) => !isDeletion(update))
  if (!pushShield.enabled || brings === undefined) return []
  const refusal = refuseRef('live_token', brings.ref)
  return [{ kind: 'inspection', revoke: pushShield.revoke, text: refusal.message, refusal }]
}

/** The first update that is declined declines the push. A question that only git can answer before it goes along. */
const decideUpdates = (question: Question, project: ProjectFacts, updates: readonly RefUpdate[]): PushDecision => {
  const { who, facts } = question
  const obligations: Owed[] = []
  const check = updateCheck(who.principal, project, facts, 'git')
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
    return mint('quarantine', who, project, {
      obligations: [...obligations, { kind: 'decline', text: refusal.message, refusal }],
    })
  }
  return mint('receive-pack', who, project, { obligations: [...obligations, ...owedToShield(project, updates)] })
}

/** The same for refs that the API makes or deletes. It moves none: whether that were forced, nobody would ask git. */
const decideChanges = ({ who, facts }: Question, project: ProjectFacts, changes: readonly RefUpdate[]): PushDecision => {
  const check = updateCheck(who.principal, project, facts, 'api')
  for (const change of changes) {
    if (!isCreation(change) && !isDeletion(change)) throw new Error('the API makes and deletes refs, and moves none')
    const verdict = check(change)
    if (verdict.kind === 'declined') return refuseRef(verdict.reason, change.ref, verdict.message)
    if (verdict.kind === 'unless-forced') return refuseRef(verdict.reason, change.ref)
  }
  return mint('change-refs', who, project, { changes })
}

const decidePush = (question: Question<Push>, project: ProjectFacts): PushDecision => {
  const { who, action, facts } = question
  const reason = pushReason(who.principal, project, facts)
  if (reason !== undefined) return refuseAccess(reason)
  if (action.updates === 'unknown') return mint('advertise-push', who, project)
  const decideAll = isOfApi(action) ? decideChanges : decideUpdates
  return decideAll(question, project, action.updates)
}

/**
 * GitLab's order (gitlab `lib/gitlab/git_access.rb`): protocol, account, ability, project, repository, then pull or push.
 * Pure and total: values in, a value out. The only maker of admissions.
 */
export function decide(question: Question<Pull>): PullDecision | CreationGrant
export function decide(question: Question<Push>): PushDecision
export function decide(question: Question): Decision
export function decide(question: Question): Decision {
  const { action, facts, who } = question
  const closed = protocolRefusal(question)
  if (closed !== undefined) return closed
  const early = reasonAgainst(question)
  if (early !== undefined) return refuseAccess(early, { message: accountSentence(early, facts.baseUrl) })
  const { project } = facts
  if (project === undefined) return absent(question)
  if (!sees(who.principal, project, facts)) return invisible(who.principal, project, facts)
  if (!facts.repositoryExists) return refuseAccess('repository_absent')
  return action.kind === 'pull' ? decidePull({ who, action, facts }, project) : decidePush({ who, action, facts }, project)
}
