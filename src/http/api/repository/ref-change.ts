import type { Admission } from '../../../access/decide.ts'
import { wasRefused } from '../../../access/gate.ts'
import { isValidRefName } from '../../../access/rules/ref-name.ts'
import { branchOf, isCreation, type RefUpdate } from '../../../core/ref-update.ts'
import type { Refusal } from '../../../core/refusal.ts'
import type { NewTag } from '../../../git/ref-changes.ts'
import { projectEntity } from '../audit-words.ts'
import { asPrincipal } from '../caller-principal.ts'
import { ApiError } from '../errors.ts'
import { refuseModified } from '../precondition.ts'
import { type Code, endedEarly, refusedBy, tellDenied } from './code.ts'
import { dateOf, readCommits } from './commit-shape.ts'
import { protectedNames } from './protected-names.ts'
import { askForNames } from './ref-page.ts'

/** The zero id, which says that a ref is made or deleted. */
const noObject = '0'.repeat(40)

export const creationOf = (ref: string, newId: string): RefUpdate => ({ ref, oldId: noObject, newId })
export const deletionOf = (ref: string, oldId: string): RefUpdate => ({ ref, oldId, newId: noObject })

/** A name that the API makes no branch or tag of (gitlab `lib/gitlab/git_ref_validator.rb`). */
export const isGoodName = (name: string, prefix: 'refs/heads/' | 'refs/tags/'): boolean =>
  name !== 'HEAD' && !/^(?:-|refs\/(?:heads|tags|remotes)\/)/.test(name) && isValidRefName(prefix + name)

/** Whether another ref stands where a folder would have to be, or the other way round. */
export const isInTheWay = (refs: ReadonlyMap<string, string>, ref: string): boolean => {
  const words = ref.split('/')
  if (words.some((_, at) => at > 2 && refs.has(words.slice(0, at).join('/')))) return true
  return [...refs.keys()].some((other) => other.startsWith(`${ref}/`))
}

const declined = (message: string): ApiError =>
  new ApiError(400, { message }, { log: { 'meta.refusal_reason': 'ref_changed_meanwhile' } })

const kindOf = ({ ref }: RefUpdate): 'branch' | 'tag' => (branchOf(ref) === undefined ? 'tag' : 'branch')

const nameOf = ({ ref }: RefUpdate): string => ref.replace(/^refs\/(?:heads|tags)\//, '')

/** Notes what became of refs that rules protect; of others GitLab keeps no audit either. */
const note = async (code: Code, changes: readonly RefUpdate[]): Promise<void> => {
  const { call, project } = code
  const isProtected = { branch: await protectedNames(code, 'branch'), tag: await protectedNames(code, 'tag') }
  for (const change of changes) {
    const [kind, name] = [kindOf(change), nameOf(change)]
    if (!isProtected[kind](name)) continue
    const { oldId, newId } = change
    const [event, word] = isCreation(change) ? ['created', 'Created'] : ['deleted', 'Deleted']
    call.audit({
      name: `protected_${kind}_ref_${event}`,
      entity: projectEntity(project),
      target: { type: kind === 'branch' ? 'Gitlab::Git::Branch' : 'Gitlab::Git::Tag', id: null, details: name },
      message: `${word} protected ${kind} ${name}`,
      change: isCreation(change) ? { field: 'commit', from: null, to: newId } : { field: 'commit', from: oldId, to: null },
    })
  }
}

/** Throws 412 where the client knew the ref of another time; GitLab takes the time of its commit's author for that. */
export const refuseNewer = async (code: Code, id: string): Promise<void> => {
  if (code.call.unmodifiedSince === undefined) return
  const [commit] = await readCommits(code, [id])
  if (commit !== undefined) refuseModified(code.call, dateOf(commit.author))
}

/** A commit below the tip of a protected branch is looked for only where everything else is settled. */
const admit = async (code: Code, changes: readonly RefUpdate[]): Promise<Admission<'change-refs'> | Refusal> => {
  const { call, project } = code
  const { gate } = call.parts.code
  const who = asPrincipal(call.caller)
  const decision = await gate.changeRefs(who, project, changes)
  const [made, ...more] = changes
  const isOpen = wasRefused(decision) && decision.reason === 'branch_creation_basis' && more.length === 0
  if (!isOpen || made === undefined) return decision
  const holders = await askForNames(code, 'refs/heads/', { patterns: ['refs/heads'], contains: made.newId })
  return gate.changeRefs(who, project, changes, holders)
}

/**
 * Makes or deletes refs in the caller's name, all of them or none. Throws 400 with GitLab's sentence where a rule says
 * no, 403 where the caller may change nothing, and 400 where a ref changed since it was looked at.
 */
export const changeRefs = async (
  code: Code,
  changes: readonly RefUpdate[],
  { tag, refusal = refusedBy }: { readonly tag?: NewTag | undefined; readonly refusal?: typeof refusedBy } = {},
): Promise<void> => {
  const { engine } = code.call.parts.code
  const admission = await admit(code, changes)
  if (wasRefused(admission)) {
    tellDenied(code, admission)
    throw refusal(admission)
  }
  // Who asked may go: what was begun is brought to its end.
  const ending = await engine.changeRefs(admission, tag, AbortSignal.timeout(30_000))
  if (ending.kind !== 'exited') throw endedEarly(ending)
  if (ending.code !== 0) throw declined('Could not update the ref. Please refresh and try again.')
  await note(code, changes)
}
