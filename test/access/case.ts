import { type Admission, type Decision, decide } from '../../src/access/decide.ts'
import type { Facts } from '../../src/access/facts.ts'
import { wasRefused } from '../../src/access/gate.ts'
import { presetProtections } from '../../src/access/rules/preset.ts'
import type { Action } from '../../src/core/action.ts'
import type { Authenticated } from '../../src/core/credential.ts'
import type { JobId, KeyId, NamespaceId, ProjectId, TrustGrantId, TrustId, UserId } from '../../src/core/ids.ts'
import type { Principal, Trusted, User } from '../../src/core/principal.ts'
import type { ProjectFacts, RefRule, RefRuleLevel, Role } from '../../src/core/project.ts'
import type { RefUpdate } from '../../src/core/ref-update.ts'
import { type Abilities, fullAbilities, readOnlyAbilities, readWriteAbilities } from '../../src/core/scope.ts'

const oldId = 'a'.repeat(40)
export const newId = 'b'.repeat(40)
const noId = '0'.repeat(40)

export const userWith = (fields: Partial<User> = {}): User => ({
  id: 7 as UserId,
  username: 'ada',
  state: 'active',
  kind: 'human',
  isAdmin: false,
  isExternal: false,
  isConfirmed: true,
  passwordExpired: false,
  ...fields,
})

export const projectWith = (fields: Partial<ProjectFacts> = {}): ProjectFacts => ({
  id: 3 as ProjectId,
  fullPath: 'castle/gate',
  visibility: 'private',
  archived: false,
  repositoryAccess: 'enabled',
  defaultBranch: 'main',
  defaultProtection: presetProtections[2],
  pushShield: { enabled: false, revoke: false },
  namespaces: [1, 2] as NamespaceId[],
  movedFrom: undefined,
  ...fields,
})

export const factsWith = (fields: Partial<Facts> = {}): Facts => ({
  project: projectWith(),
  creation: { kind: 'impossible' },
  role: 0,
  key: { attached: false, canPush: false },
  job: { listed: false, pushes: false },
  rules: [],
  repositoryExists: true,
  hasBranches: false,
  protectedTips: new Set(),
  onlyProtocol: undefined,
  baseUrl: 'http://castle.test',
  ...fields,
})

export const byUser = (user: User = userWith(), abilities: Abilities = fullAbilities): Authenticated => ({
  principal: { kind: 'user', user },
  credential: { kind: 'personal-access-token', id: 1 },
  abilities,
})

export const anonymous: Authenticated = { principal: { kind: 'anonymous' }, credential: undefined, abilities: readOnlyAbilities }

export const byKey = (creator: User | undefined = userWith()): Authenticated => ({
  principal: { kind: 'deploy-key', id: 5 as KeyId, title: 'ci', creator },
  credential: { kind: 'deploy-key', id: 5 },
  abilities: readWriteAbilities,
})

export const byDeployToken = (
  home: Extract<Principal, { kind: 'deploy-token' }>['home'],
  abilities: Abilities,
): Authenticated => ({
  principal: { kind: 'deploy-token', id: 4 as never, username: 'deployer', home },
  credential: { kind: 'deploy-token', id: 4 },
  abilities,
})

/** A job of the project of `projectWith`, unless it is said to run in another. */
export const byJob = (user: User | undefined = userWith(), home = 3): Authenticated => ({
  principal: {
    kind: 'job',
    id: 6 as JobId,
    home: { id: home as ProjectId, fullPath: 'castle/works/mill', namespaces: [1, 4] as NamespaceId[] },
    user,
  },
  credential: { kind: 'job-token', id: 6 },
  abilities: readWriteAbilities,
})

/** Somebody from outside, let into the project of `projectWith`. */
export const byTrust = (fields: Partial<Trusted> = {}): Trusted => ({
  kind: 'trusted',
  id: 8 as TrustGrantId,
  trust: 2 as TrustId,
  issuer: 'https://ci.example.org',
  subject: 'repo:octo/ship',
  home: { kind: 'project', id: 3 as ProjectId },
  role: 30,
  refs: ['refs/heads/*'],
  ...fields,
})

export const trusted = (fields: Partial<Trusted> = {}, abilities: Abilities = readWriteAbilities): Authenticated => ({
  principal: byTrust(fields),
  credential: { kind: 'trust-token', id: 8 },
  abilities,
})

export const pull: Action = { kind: 'pull', service: 'upload-pack' }
export const pushSome: Action = { kind: 'push', updates: 'unknown' }
export const inspect: Action = { kind: 'pull', service: 'inspect' }
export const change = (...updates: RefUpdate[]): Action => ({ kind: 'push', updates, origin: 'api' })
export const push = (...updates: RefUpdate[]): Action => ({ kind: 'push', updates })

export const update = (ref: string): RefUpdate => ({ ref, oldId, newId })
export const create = (ref: string): RefUpdate => ({ ref, oldId: noId, newId })
export const remove = (ref: string): RefUpdate => ({ ref, oldId, newId: noId })

export const role = (action: RefRuleLevel['action'], level: 0 | 30 | 40 | 60): RefRuleLevel => ({ kind: 'role', action, level })

export const branchRule = (pattern: string, levels: RefRuleLevel[], allowForcePush = false): RefRule => ({
  kind: 'branch',
  pattern,
  allowForcePush,
  levels,
})

export const tagRule = (pattern: string, levels: RefRuleLevel[]): RefRule => ({
  kind: 'tag',
  pattern,
  allowForcePush: false,
  levels,
})

/** A row that names a deploy key; its creator is the user of `userWith`. */
export const keyRow = (fields: Partial<Extract<RefRuleLevel, { kind: 'deploy-key' }>> = {}): RefRuleLevel => ({
  kind: 'deploy-key',
  action: 'push',
  keyId: 5 as KeyId,
  creatorId: 7 as UserId,
  canPush: true,
  ...fields,
})
/** A project on which these rules stand. */
export const on = (...rules: RefRule[]) => ({ rules })
/** The key in use may write here. */
export const writing = { key: { attached: true, canPush: true } }

const admitted = (admission: Admission): string => {
  const asked = admission.obligations.map((obligation) => obligation.kind)
  return [admission.service, ...asked].join(' + ')
}

/** A decision in one word: the service that was admitted with its obligations, or the reason of the refusal. */
export const verdict = (decision: Decision): string => {
  if (wasRefused(decision)) return decision.reason
  return 'kind' in decision ? `creation in ${decision.namespaceId} as ${decision.path}` : admitted(decision)
}

export interface Case {
  readonly is: string
  readonly who?: Authenticated
  readonly role?: Role
  readonly project?: Partial<ProjectFacts>
  readonly facts?: Partial<Facts>
  readonly action: Action
  readonly gives: string
}

/** What the rules say of a case. */
export const decisionOf = ({ who = byUser(), role: held = 0, project, facts, action }: Case): Decision =>
  decide({ who, action, facts: factsWith({ role: held, project: projectWith(project), ...facts }) })

/** The same in one word, as `gives` has it. */
export const judge = (row: Case): string => verdict(decisionOf(row))
