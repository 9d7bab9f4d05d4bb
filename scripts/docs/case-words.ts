import { wasRefused } from '../../src/access/gate.ts'
import { presetLike, presetProtections } from '../../src/access/rules/preset.ts'
import { memberLevelNames } from '../../src/core/access-level.ts'
import type { Authenticated } from '../../src/core/credential.ts'
import type { User } from '../../src/core/principal.ts'
import type { RefRule, RefRuleLevel } from '../../src/core/project.ts'
import { isCreation, isDeletion, type RefUpdate } from '../../src/core/ref-update.ts'
import { byUser, type Case, decisionOf, projectWith } from '../../test/access/case.ts'

const roleNames: Readonly<Record<number, string>> = { 0: 'none', ...memberLevelNames }

const levelNames: Readonly<Record<number, string>> = { 0: 'No one', 30: 'Developers', 40: 'Maintainers', 60: 'Administrators' }

const userWords = (user: User): string => {
  const name = user.isAdmin ? 'administrator' : user.isExternal ? 'external user' : user.kind === 'ghost' ? 'ghost user' : 'user'
  const marks = [
    name,
    user.state === 'active' ? undefined : user.state.replaceAll('_', ' '),
    user.isConfirmed ? undefined : 'unconfirmed',
    user.passwordExpired ? 'password expired' : undefined,
  ]
  return marks.filter((mark) => mark !== undefined).join(', ')
}

const abilityWords = ({ abilities }: Authenticated): string => {
  if (abilities.has('push_code')) return ''
  return abilities.has('download_code') ? ', token for fetching only' : ', token without a git scope'
}

const keyWords = (key: { attached: boolean; canPush: boolean } | undefined): string => {
  if (key === undefined || !key.attached) return 'deploy key, not attached'
  return key.canPush ? 'deploy key, read-write' : 'deploy key, read-only'
}

const jobWords = (home: number, reach: { listed: boolean; pushes: boolean } = { listed: false, pushes: false }): string => {
  if (home === projectWith().id) return `job of the project${reach.pushes ? ', which lets jobs push' : ''}`
  return `job of another project, ${reach.listed ? '' : 'not '}on the allowlist`
}

export const whoWords = ({ who = byUser(), facts }: Case): string => {
  const { principal } = who
  switch (principal.kind) {
    case 'anonymous':
      return 'nobody'
    case 'user':
      return `${userWords(principal.user)}${abilityWords(who)}`
    case 'deploy-token':
      return `deploy token of a ${principal.home.kind}`
    case 'trusted':
      return `from outside, trusted by a ${principal.home.kind}, for ${principal.refs.map((ref) => `\`${ref}\``).join(', ') || 'no ref'}`
    case 'deploy-key':
      return `${keyWords(facts?.key)}; creator: ${principal.creator === undefined ? 'deleted' : userWords(principal.creator)}`
    case 'job':
      return `${jobWords(principal.home.id, facts?.job)}; its user: ${principal.user === undefined ? 'deleted' : userWords(principal.user)}`
  }
}

export const roleWords = ({ role = 0 }: Case): string => roleNames[role] ?? String(role)

const rowWords = (row: RefRuleLevel): string => {
  switch (row.kind) {
    case 'role':
      return `${row.action} ${levelNames[row.level] ?? row.level}`
    case 'user':
      return `${row.action} one user`
    case 'group':
      return `${row.action} a group`
    case 'deploy-key':
      return `${row.action} a deploy key${row.canPush ? '' : ' (now read-only)'}`
  }
}

const ruleWords = ({ kind, pattern, levels, allowForcePush }: RefRule): string =>
  `${kind} \`${pattern}\`: ${levels.map(rowWords).join(', ')}${allowForcePush ? ', force push allowed' : ''}`

const repositoryWords = { enabled: undefined, private: 'repository for members', disabled: 'repository off' } as const

export const projectWords = ({ project = {}, facts = {} }: Case): string => {
  if ('project' in facts && facts.project === undefined) return 'none at this path'
  const marks = [
    project.visibility ?? 'private',
    repositoryWords[project.repositoryAccess ?? 'enabled'],
    project.archived ? 'archived' : undefined,
    'defaultBranch' in project && project.defaultBranch === undefined
      ? `${facts.hasBranches === true ? 'a branch but no default one yet' : 'empty'}, preset ${presetLike(project.defaultProtection ?? presetProtections[2])}`
      : undefined,
    facts.repositoryExists === false ? 'repository not on disk' : undefined,
    ...(facts.rules ?? []).map(ruleWords),
  ]
  return marks.filter((mark) => mark !== undefined).join('; ')
}

const shorten = (ref: string): string => {
  const name = ref.replace(/^refs\/(heads|tags)\//, (_, kind: string) => (kind === 'tags' ? 'tag ' : ''))
  return name.replace(/([0-9a-f])\1{39,}/, (id) => `${id.slice(0, 4)}…(${id.length})`)
}

const updateWords = (update: RefUpdate): string => {
  const verb = isCreation(update) ? 'make' : isDeletion(update) ? 'delete' : 'update'
  return `${verb} ${shorten(update.ref)}`
}

export const actionWords = ({ action }: Case): string => {
  if (action.kind === 'pull') return action.service === 'inspect' ? 'read' : 'fetch'
  if (action.updates !== 'unknown' && action.origin === 'api') return action.updates.map(updateWords).join(', ')
  return action.updates === 'unknown' ? 'push' : `push: ${action.updates.map(updateWords).join(', ')}`
}

export const answerWords = (row: Case): string => {
  const decision = decisionOf(row)
  if (wasRefused(decision)) return `no: \`${decision.reason}\``
  if ('kind' in decision) return 'yes: the project is made, private'
  const forced = decision.obligations.find(({ kind }) => kind === 'fast-forward')
  const declined = decision.obligations.find(({ kind }) => kind === 'decline')
  const ifForced = forced === undefined ? '' : `; forced: no, \`${forced.refusal.reason}\``
  return `${declined === undefined ? 'yes' : `no: \`${declined.refusal.reason}\``}${ifForced}`
}
