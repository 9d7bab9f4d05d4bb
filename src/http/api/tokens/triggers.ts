import { z } from 'zod'
import { mayOnProject, type ProjectAbility } from '../../../access/policy.ts'
import type { AuditNote } from '../../../core/audit.ts'
import type { TriggerId } from '../../../core/ids.ts'
import type { Project } from '../../../store/projects.ts'
import { createTrigger, deleteTrigger, type Trigger, triggersOf, updateTrigger } from '../../../store/triggers.ts'
import { lastExpiry } from '../../../tokens/lifetime.ts'
import { makeToken } from '../../../tokens/make.ts'
import { type Answer, created, noContent, ok } from '../answer.ts'
import { projectEntity } from '../audit-words.ts'
import { type Call, type Route, route } from '../call.ts'
import { requireUser } from '../caller.ts'
import { badRequest, forbidden, notFound, parameterError, plainNotFound } from '../errors.ts'
import { moment, optional, optionalText, text } from '../input.ts'
import { paginate } from '../pagination.ts'
import { refuseModified } from '../precondition.ts'
import { type ReachedProject, reachProject } from '../reach.ts'
import { shapeTrigger, shapeTriggers, triggerEntity } from './trigger-shape.ts'

const note = (name: string, message: string, project: Project, trigger: Trigger): AuditNote => ({
  name: `pipeline_trigger_token_${name}`,
  entity: projectEntity(project),
  target: { type: 'Ci::Trigger', id: trigger.id, details: trigger.description },
  message: `${message} pipeline trigger token ${trigger.id}`,
})

const listTriggers = async (call: Call): Promise<Answer> => {
  const { project } = await reachProject(call, 'manage_triggers')
  const query = triggersOf(call.parts.store.read, project.id, call.now).orderBy('id')
  return paginate(call, query, (rows) => shapeTriggers(call, rows))
}

/** Also a number below zero is a number: it is only nobody's. */
const idOf = (call: Call): TriggerId => {
  const word = call.word('trigger_id')
  if (!/^-?\d{1,15}$/.test(word)) throw parameterError('trigger_id is invalid')
  return Number(word) as TriggerId
}

const named = async (call: Call, ability: ProjectAbility): Promise<ReachedProject & { readonly trigger: Trigger }> => {
  const reached = await reachProject(call, ability)
  const trigger = await triggersOf(call.parts.store.read, reached.project.id, call.now)
    .where('id', '=', idOf(call))
    .executeTakeFirst()
  if (trigger === undefined) throw plainNotFound('404 Not found')
  return { ...reached, trigger }
}

const show = async (call: Call): Promise<Answer> => {
  const { trigger } = await named(call, 'manage_triggers')
  return ok(await shapeTrigger(call, trigger))
}

const newTrigger = z.object({ description: text(), expires_at: optional(moment()) })

/** GitLab's own bound for the life of a token, whatever an administrator set for access tokens. */
const life = { required: true, most: null }

/** An end must come before the last day begins (gitlab `Ci::Trigger`). */
const refuseExpiry = (expiresAt: string | undefined, now: number): void => {
  const last = lastExpiry(life, now)
  if (expiresAt === undefined || last === undefined || expiresAt.slice(0, 10) < last) return
  throw badRequest(JSON.stringify({ expires_at: [`must be before ${last}`] }))
}

const create = async (call: Call): Promise<Answer> => {
  const { project } = await reachProject(call, 'manage_triggers')
  const { description, expires_at } = call.read(newTrigger)
  refuseExpiry(expires_at, call.now)
  const fields = { project: project.id, owner: requireUser(call.caller).user.id, description, expiresAt: expires_at ?? null }
  const { store, sealer } = call.parts
  const trigger = await createTrigger(store, fields, makeToken('glptt-'), sealer, call.now)
  if (trigger === undefined) throw notFound('Project')
  call.audit(note('created', 'Created', project, trigger))
  return created(await shapeTrigger(call, trigger))
}

const change = z.object({ description: optionalText() })

const notItsOwner = 'The current user is not authorized to update the pipeline trigger token'

/** A trigger acts as its owner: nobody else changes it, not even an administrator (gitlab `Ci::TriggerPolicy`). */
const update = async (call: Call): Promise<Answer> => {
  const { project, standing, trigger } = await named(call, 'read_project')
  const { description = trigger.description } = call.read(change)
  const isOwner = requireUser(call.caller).user.id === trigger.owner_id
  if (!isOwner || !mayOnProject('manage_triggers', standing, project)) throw forbidden(notItsOwner)
  const changed = await updateTrigger(call.parts.store, trigger.id, { description }, call.now)
  if (changed === undefined) throw plainNotFound('404 Not found')
  const { description: from } = trigger
  call.audit({ ...note('updated', 'Changed', project, changed), change: { field: 'description', from, to: description } })
  return ok(await shapeTrigger(call, changed))
}

const remove = async (call: Call): Promise<Answer> => {
  const { project, trigger } = await named(call, 'manage_triggers')
  refuseModified(call, trigger.updated_at)
  if (!(await deleteTrigger(call.parts.store, trigger.id))) throw plainNotFound('404 Not found')
  call.audit(note('deleted', 'Deleted', project, trigger))
  return noContent
}

const path = '/projects/:id/triggers'

/** Pipeline trigger tokens (gitlab `lib/api/ci/triggers.rb`). What is started by them stands in `ci/trigger.ts`. */
export const triggerRoutes: readonly Route[] = [
  route('GET', path, { output: triggerEntity, paged: true, handler: listTriggers }),
  route('POST', path, { input: [newTrigger], output: triggerEntity, handler: create }),
  route('GET', `${path}/:trigger_id`, { output: triggerEntity, handler: show }),
  route('PUT', `${path}/:trigger_id`, { input: [change], output: triggerEntity, handler: update }),
  route('DELETE', `${path}/:trigger_id`, { handler: remove }),
]
