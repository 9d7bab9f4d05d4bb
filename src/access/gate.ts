import type { Action, GitService } from '../core/action.ts'
import type { Clock } from '../core/clock.ts'
import type { Authenticated, Presented } from '../core/credential.ts'
import { countedAs, parseIp } from '../core/ip-address.ts'
import type { Principal, User } from '../core/principal.ts'
import type { ProjectFacts } from '../core/project.ts'
import type { RefUpdate } from '../core/ref-update.ts'
import type { Refusal } from '../core/refusal.ts'
import type { UsageLog } from '../core/usage.ts'
import { authenticate, type CredentialLookups, isAuthenticated, type Locate, type TargetProject } from './authenticate.ts'
import type { LoginBan, Try } from './ban.ts'
import { type Admission, type CreationGrant, decide, type PullDecision, type PushDecision } from './decide.ts'
import type { Facts } from './facts.ts'
import { isRefusal, refuseAccess, refuseAuthentication } from './refuse.ts'
import { covers, type Standing } from './standing.ts'

/** The rest of what is known of a project and a principal: implemented by `access/gather.ts` over store and repositories. */
export interface FactSource {
  /** The project that answers on a path, also on one that it had before it was renamed. */
  locate(path: string): Promise<TargetProject | undefined>
  gather(principal: Principal, path: string, action: Action): Promise<Facts>
}

export interface GateParts {
  readonly lookups: CredentialLookups
  readonly facts: FactSource
  readonly create: (grant: CreationGrant, creator: User, address: string | undefined) => Promise<void>
  readonly impersonationEnabled: boolean
  readonly registryEnabled: boolean
  readonly ban: LoginBan
  /** Told of every credential that was good. */
  readonly usage: UsageLog
  readonly clock: Clock
}

/** A request as both doors bring it: what was shown, and the project's path as the client wrote it, without `.git`. */
export interface Knock extends Try {
  readonly path: string
}

/** The answer at the gate, with all that the log needs. `who` is absent where authentication failed. */
export interface Entry<Granted> {
  readonly decision: Granted | Refusal
  readonly who: Authenticated | undefined
  readonly project: Pick<ProjectFacts, 'id' | 'fullPath' | 'movedFrom'> | undefined
}

type Pulled = Exclude<PullDecision, Refusal>
type Pushed = Admission<'receive-pack'> | Admission<'quarantine'>

/** Whether the request of somebody who is known now may go so far as to make a project. */
type MayCreate = (who: Authenticated) => Promise<boolean>

const always: MayCreate = async () => true

const nowhere: Locate = async () => undefined

const createsAgain = 'a project that was just made is asked to be made again'

/** The one way in for git, over either door: authenticate, gather, decide. */
export class Gate {
  readonly #parts: GateParts

  constructor(parts: GateParts) {
    this.#parts = parts
  }

  /** Asks for a fetch or an archive. */
  async pull<Service extends Exclude<GitService, 'receive-pack'>>(
    knock: Knock,
    service: Service,
  ): Promise<Entry<Admission<Service>>> {
    const entry = await this.#enter<Pulled>(knock, { kind: 'pull', service })
    return entry as Entry<Admission<Service>>
  }

  /**
   * Asks whether a push may be made at all, before its ref updates are known; makes the project where that is due.
   * @param mayCreate the door's own say, asked before a project is made; where it says no, there is no project
   */
  async advertisePush(knock: Knock, mayCreate: MayCreate = always): Promise<Entry<Admission<'advertise-push'>>> {
    return this.#enter(knock, { kind: 'push', updates: 'unknown' }, mayCreate)
  }

  /** Asks again, with the ref updates. Nothing is taken over from the first question. */
  async push(knock: Knock, updates: readonly RefUpdate[]): Promise<Entry<Pushed>> {
    return this.#enter(knock, { kind: 'push', updates })
  }

  /**
   * Asks again about a transfer that is under way: whether its admission would be given as it was. Unlike the first
   * question, it never makes a project.
   */
  async stillAdmits(knock: Knock, action: Action, admission: Admission): Promise<Standing> {
    const who = await this.#authenticate(knock.presented, () => this.#parts.facts.locate(knock.path))
    if (!isAuthenticated(who)) return who.reason === 'password_checks_busy' ? 'undecided' : 'withdrawn'
    const { decision } = await this.#ask(who, knock.path, action)
    if (wasRefused(decision) || isCreation(decision)) return 'withdrawn'
    return covers(admission, decision) ? 'stands' : 'withdrawn'
  }

  /** Who a credential belongs to, with no project in view (the welcome of `ssh -T`). */
  async identify(presented: Presented, from: Omit<Try, 'presented'> = { address: undefined }): Promise<Authenticated | Refusal> {
    const watched = this.#parts.ban.watch({ presented, ...from })
    if (watched.isBanned) return refuseAuthentication('address_banned')
    const who = await this.#authenticate(presented, nowhere)
    watched.end(who)
    return who
  }

  #authenticate(presented: Presented, locate: Locate): Promise<Authenticated | Refusal> {
    const { lookups, impersonationEnabled, registryEnabled, clock } = this.#parts
    return authenticate(presented, locate, lookups, { impersonationEnabled, registryEnabled, now: clock() })
  }

  async #enter<Granted>(knock: Knock, action: Action, mayCreate = always): Promise<Entry<Granted>> {
    const watched = this.#parts.ban.watch(knock)
    if (watched.isBanned) return { decision: refuseAuthentication('address_banned'), who: undefined, project: undefined }
    const who = await this.#authenticate(knock.presented, () => this.#parts.facts.locate(knock.path))
    watched.end(who)
    if (!isAuthenticated(who)) return { decision: who, who: undefined, project: undefined }
    this.#noteUse(who, knock)
    const first = await this.#ask(placed(who, knock.address), knock.path, action)
    if (!isCreation(first.decision)) return this.#entry(first, who)
    if (who.principal.kind !== 'user') throw new Error('only a user can make a project')
    if (!(await mayCreate(who))) return { decision: refuseAccess('project_absent'), who, project: undefined }
    await this.#parts.create(first.decision, who.principal.user, knock.address)
    const second = await this.#ask(who, knock.path, action)
    if (isCreation(second.decision)) throw new Error(createsAgain)
    return this.#entry(second, who)
  }

  #noteUse({ credential }: Authenticated, { address }: Knock): void {
    const { usage, clock } = this.#parts
    if (credential !== undefined) usage.note(credential, address, clock())
  }

  async #ask(who: Authenticated, path: string, action: Action): Promise<{ facts: Facts; decision: PullDecision | PushDecision }> {
    const facts = await this.#parts.facts.gather(who.principal, path, action)
    return { facts, decision: decide({ who, action, facts }) }
  }

  /** `decide` answers a pull with a pull admission and a push with a push one: its overloads say so. */
  #entry<Granted>(asked: { facts: Facts; decision: unknown }, who: Authenticated): Entry<Granted> {
    return { decision: asked.decision as Granted | Refusal, who, project: asked.facts.project }
  }
}

/** Somebody unknown is somebody from somewhere. */
export const placed = (who: Authenticated, address: string | undefined): Authenticated => {
  const parsed = who.principal.kind === 'anonymous' && address !== undefined ? parseIp(address) : undefined
  return parsed === undefined ? who : { ...who, from: countedAs(parsed) }
}

const isCreation = (decision: PullDecision | PushDecision): decision is CreationGrant =>
  'kind' in decision && decision.kind === 'creation'

export const wasRefused = <Granted extends object>(decision: Granted | Refusal): decision is Refusal =>
  isRefusal(decision as { kind?: unknown })
