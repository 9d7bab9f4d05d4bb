import { z } from 'zod'
import { accessLevels } from '../../../core/access-level.ts'
import type { RefRuleAction } from '../../../core/project.ts'
import {
  addLevels,
  addProtectedRef,
  changeLevel,
  changeProtectedRef,
  type ProtectedRef,
  protectedRefs,
  removeLevels,
  removeProtectedRef,
} from '../../../store/protected-refs.ts'
import { type Answer, created, noContent, ok } from '../answer.ts'
import { type Call, type Route, route } from '../call.ts'
import { wholeNumber, words, yesNo } from '../entity-words.ts'
import { conflict } from '../errors.ts'
import { flag, optional, text } from '../input.ts'
import { paginateRows } from '../pagination.ts'
import { refuseModified } from '../precondition.ts'
import { reachProject } from '../reach.ts'
import { findProtectedRef } from './find-protected-ref.ts'
import { aboutRule, ruleChanges } from './protected-audit.ts'
import { refuseBlank, refuseStrangers, refuseTooManyRows, tooMany } from './protected-level-checks.ts'
import { accessLevel, type LevelChanges, levelChanges, levelEntries, newLevels } from './protected-level-input.ts'
import { levelEntity, shapeLevels } from './protected-level-shape.ts'
import { refuseUnprotecting } from './protected-unprotect.ts'

/** gitlab `API::Entities::ProtectedBranch`. */
const branchEntity = z
  .object({
    id: wholeNumber,
    name: words,
    push_access_levels: z.array(levelEntity),
    merge_access_levels: z.array(levelEntity),
    allow_force_push: yesNo,
    unprotect_access_levels: z.array(levelEntity),
    code_owner_approval_required: yesNo,
    inherited: yesNo,
  })
  .meta({ id: 'ProtectedBranch' })

const shape = (rule: ProtectedRef): z.output<typeof branchEntity> => ({
  id: rule.id,
  name: rule.name,
  push_access_levels: shapeLevels(rule.levels, 'push'),
  merge_access_levels: shapeLevels(rule.levels, 'merge'),
  allow_force_push: rule.allow_force_push,
  unprotect_access_levels: shapeLevels(rule.levels, 'unprotect'),
  code_owner_approval_required: false,
  inherited: false,
})

const newInput = z.object({
  name: text(),
  push_access_level: accessLevel(),
  merge_access_level: accessLevel(),
  unprotect_access_level: accessLevel(),
  allowed_to_push: levelEntries(),
  allowed_to_merge: levelEntries(),
  allowed_to_unprotect: levelEntries(),
  allow_force_push: optional(flag()),
})

const changeInput = z.object({
  allow_force_push: optional(flag()),
  allowed_to_push: levelEntries(),
  allowed_to_merge: levelEntries(),
  allowed_to_unprotect: levelEntries(),
})

const filterInput = z.object({ search: optional(text()) })

const list = async (call: Call): Promise<Answer> => {
  const { project } = await reachProject(call, 'admin_protected_branches')
  const { search } = call.read(filterInput)
  const rules = await protectedRefs(call.parts.store.read, project.id, 'branch')
  const shown = search === undefined ? rules : rules.filter((rule) => rule.name.includes(search))
  return paginateRows(call, shown, shape)
}

const get = async (call: Call): Promise<Answer> => {
  const { project } = await reachProject(call, 'admin_protected_branches')
  return ok(shape(await findProtectedRef(call, project, 'branch')))
}

const protect = async (call: Call): Promise<Answer> => {
  const { project } = await reachProject(call, 'admin_protected_branches')
  const input = call.read(newInput)
  const levels = [
    ...newLevels('push', input.push_access_level, input.allowed_to_push, accessLevels.maintainer),
    ...newLevels('merge', input.merge_access_level, input.allowed_to_merge, accessLevels.maintainer),
    ...newLevels('unprotect', input.unprotect_access_level, input.allowed_to_unprotect, undefined),
  ]
  refuseBlank(input.name)
  refuseTooManyRows(levels.length)
  await refuseStrangers(call, project, levels)
  const rule = {
    project: project.id,
    kind: 'branch',
    name: input.name,
    allowForcePush: input.allow_force_push ?? false,
    levels,
  } as const
  const outcome = await call.parts.store.write
    .transaction()
    .execute((transaction) => addProtectedRef(transaction, rule, call.now))
  if (outcome === 'exists') throw conflict(`Protected branch '${input.name}' already exists`)
  if (outcome === 'full') throw tooMany('protected branches')
  const made = await findProtectedRef(call, project, 'branch', input.name)
  call.audit({ name: 'protected_branch_created', ...aboutRule(project, made), message: `Protected branch ${made.name}` })
  return created(shape(made))
}

const planChanges = (rule: ProtectedRef, input: z.infer<typeof changeInput>): LevelChanges => {
  const asked: readonly [RefRuleAction, typeof input.allowed_to_push][] = [
    ['push', input.allowed_to_push],
    ['merge', input.allowed_to_merge],
    ['unprotect', input.allowed_to_unprotect],
  ]
  const parts = asked.map(([action, entries]) => levelChanges(action, entries, rule.levels))
  return {
    add: parts.flatMap((part) => part.add),
    change: parts.flatMap((part) => part.change),
    remove: parts.flatMap((part) => part.remove),
  }
}

const change = async (call: Call): Promise<Answer> => {
  const reached = await reachProject(call, 'admin_protected_branches')
  const rule = await findProtectedRef(call, reached.project, 'branch')
  await refuseUnprotecting(call, reached, rule)
  const input = call.read(changeInput)
  const changes = planChanges(rule, input)
  refuseTooManyRows(rule.levels.length + changes.add.length - changes.remove.length)
  await refuseStrangers(call, reached.project, [...changes.add, ...changes.change.map(({ admits }) => admits)])
  await call.parts.store.write.transaction().execute(async (transaction) => {
    await removeLevels(transaction, changes.remove)
    for (const { id, admits } of changes.change) await changeLevel(transaction, id, admits)
    await addLevels(transaction, rule.id, changes.add)
    await changeProtectedRef(transaction, rule.id, input.allow_force_push, call.now)
  })
  const changed = await findProtectedRef(call, reached.project, 'branch')
  call.audit(...ruleChanges(reached.project, rule, changed))
  return ok(shape(changed))
}

const unprotect = async (call: Call): Promise<Answer> => {
  const reached = await reachProject(call, 'admin_protected_branches')
  const rule = await findProtectedRef(call, reached.project, 'branch')
  await refuseUnprotecting(call, reached, rule)
  refuseModified(call, rule.changed_at)
  await call.parts.store.write.transaction().execute((transaction) => removeProtectedRef(transaction, rule.id))
  call.audit({
    name: 'protected_branch_removed',
    ...aboutRule(reached.project, rule),
    message: `Unprotected branch ${rule.name}`,
  })
  return noContent
}

/** GitLab asks for the role only, not for a login first: nobody in particular gets 403, or 404 for what is hidden. */
export const protectedBranchRoutes: readonly Route[] = [
  route('GET', '/projects/:id/protected_branches', {
    open: true,
    input: [filterInput],
    output: branchEntity,
    paged: true,
    handler: list,
  }),
  route('POST', '/projects/:id/protected_branches', {
    open: true,
    input: [newInput],
    output: branchEntity,
    handler: protect,
  }),
  route('GET', '/projects/:id/protected_branches/:name', {
    open: true,
    output: branchEntity,
    handler: get,
  }),
  route('PATCH', '/projects/:id/protected_branches/:name', {
    open: true,
    input: [changeInput],
    output: branchEntity,
    handler: change,
  }),
  route('DELETE', '/projects/:id/protected_branches/:name', { open: true, handler: unprotect }),
]
