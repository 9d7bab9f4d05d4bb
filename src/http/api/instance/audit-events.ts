import { z } from 'zod'
import { mayOnGroup, mayOnProject } from '../../../access/policy.ts'
import type { UserId } from '../../../core/ids.ts'
import { type AuditScope, auditEventById, auditEvents, newestFirst } from '../../../store/activity/audit-list.ts'
import { type Answer, ok } from '../answer.ts'
import { type Call, type Route, route } from '../call.ts'
import { requireAdmin, requireUser } from '../caller.ts'
import { notFound, parameterError } from '../errors.ts'
import { moment, numberIn, oneOf, optional, whole } from '../input.ts'
import type { Keyset } from '../keyset.ts'
import { paginate } from '../pagination.ts'
import { reachGroup, reachProject } from '../reach.ts'
import { auditEventEntity, auditEventShape, entityTypes } from './audit-shape.ts'

type Place = Pick<AuditScope, 'kind' | 'id' | 'author'>

const times = z.object({ created_after: optional(moment()), created_before: optional(moment()) })

const kindsByType = Object.fromEntries(Object.entries(entityTypes).map(([kind, type]) => [type, kind])) as Readonly<
  Record<(typeof entityTypes)[keyof typeof entityTypes], keyof typeof entityTypes>
>

const entityInput = z.object({
  entity_type: optional(oneOf(Object.values(entityTypes))),
  entity_id: optional(whole()),
})

/** Walked along the indexes by time: the newest first. */
const keyset: Keyset = {
  type: 'AuditEvent',
  table: 'activity.audit_events',
  by: 'created_at',
  direction: 'desc',
  orders: { created_at: ['desc'] },
}

/** What this process has not written yet belongs to the list too. Where it cannot be written, the rest is read. */
const upToNow = async ({ parts }: Call): Promise<void> => {
  const { refusals, trail } = parts.activity
  await refusals.settled()
  await trail.settled().catch(() => {})
}

const listed = async (call: Call, place: Place): Promise<Answer> => {
  const { created_after, created_before } = call.read(times)
  await upToNow(call)
  const query = auditEvents(call.parts.store.read, { ...place, from: created_after, to: created_before })
  return paginate(call, newestFirst(query), (rows) => rows.map(auditEventShape), keyset)
}

const shown = async (call: Call, place: Place, word: string): Promise<Answer> => {
  const id = numberIn(call.word(word), word)
  await upToNow(call)
  const event = await auditEventById(call.parts.store.read, { ...place, from: undefined, to: undefined }, id)
  if (event === undefined) throw notFound()
  return ok(auditEventShape(event))
}

const wholeInstance = (call: Call): Place => {
  requireAdmin(call.caller)
  return { kind: undefined, id: undefined, author: undefined }
}

const asked = (call: Call): Place => {
  const place = wholeInstance(call)
  const { entity_type, entity_id } = call.read(entityInput)
  if (entity_type === undefined && entity_id !== undefined) throw parameterError('entity_type is missing')
  return { ...place, kind: entity_type && kindsByType[entity_type], id: entity_id }
}

/** Who does not administer a project or group sees there what it did itself (gitlab `filter_by_author`). */
const authorFor = (call: Call, administers: boolean): UserId | undefined =>
  administers ? undefined : requireUser(call.caller).user.id

const ofProject = async (call: Call): Promise<Place> => {
  const { project, standing } = await reachProject(call, 'read_audit_events')
  const author = authorFor(call, mayOnProject('admin_project', standing, project))
  return { kind: 'Project', id: project.id, author }
}

const ofGroup = async (call: Call): Promise<Place> => {
  const { group, standing } = await reachGroup(call, 'read_audit_events')
  const author = authorFor(call, mayOnGroup('admin_group', standing, group, true))
  return { kind: 'Group', id: group.id, author }
}

const many = { output: auditEventEntity, paged: true } as const
const one = { output: auditEventEntity } as const

/** gitlab `ee/lib/api/audit_events.rb`, `ee/lib/ee/api/projects.rb`, `ee/lib/ee/api/groups.rb`. */
export const auditEventRoutes: readonly Route[] = [
  route('GET', '/audit_events', { ...many, input: [times, entityInput], handler: (call) => listed(call, asked(call)) }),
  route('GET', '/audit_events/:id', { ...one, handler: (call) => shown(call, wholeInstance(call), 'id') }),
  route('GET', '/projects/:id/audit_events', {
    ...many,
    input: [times],
    handler: async (call) => listed(call, await ofProject(call)),
  }),
  route('GET', '/projects/:id/audit_events/:audit_event_id', {
    ...one,
    handler: async (call) => shown(call, await ofProject(call), 'audit_event_id'),
  }),
  route('GET', '/groups/:id/audit_events', {
    ...many,
    input: [times],
    handler: async (call) => listed(call, await ofGroup(call)),
  }),
  route('GET', '/groups/:id/audit_events/:audit_event_id', {
    ...one,
    handler: async (call) => shown(call, await ofGroup(call), 'audit_event_id'),
  }),
]
