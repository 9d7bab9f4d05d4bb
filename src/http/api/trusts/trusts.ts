import { mayHandleLevel, type Standing } from '../../../access/policy.ts'
import type { AuditEntity, AuditNote } from '../../../core/audit.ts'
import type { TrustId } from '../../../core/ids.ts'
import type { DeployTokenHome } from '../../../core/principal.ts'
import {
  createTrust,
  deleteTrust,
  mostTrusts,
  type TrustRow,
  type TrustTerms,
  trustById,
  trustsOf,
  updateTrust,
} from '../../../store/trusts.ts'
import { type Answer, created, noContent, ok } from '../answer.ts'
import { groupEntity, projectEntity } from '../audit-words.ts'
import { type Call, type Route, route } from '../call.ts'
import { requireUser } from '../caller.ts'
import { badRequest, forbidden, notFound } from '../errors.ts'
import { numberIn } from '../input.ts'
import { paginate } from '../pagination.ts'
import { reachGroup, reachProject } from '../reach.ts'
import { changedTerms, changedTrust, newTerms, newTrust } from './trust-input.ts'
import { shapeTrust, shapeTrusts, tellTrust, toldTrustEntity, trustEntity } from './trust-shape.ts'

interface Place {
  readonly home: DeployTokenHome
  readonly entity: AuditEntity
  readonly standing: Standing
}

type Kind = DeployTokenHome['kind']

/** Throws 404 and 403: Maintainers alone make, change and see trusts. */
const placeOf: Record<Kind, (call: Call) => Promise<Place>> = {
  async project(call) {
    const { project, standing } = await reachProject(call, 'manage_trusts')
    return { home: { kind: 'project', id: project.id }, entity: projectEntity(project), standing }
  },
  async group(call) {
    const { group, standing } = await reachGroup(call, 'manage_trusts')
    return { home: { kind: 'group', id: group.id }, entity: groupEntity(group), standing }
  },
}

const named = async (call: Call, { home }: Place): Promise<TrustRow> => {
  const id = numberIn(call.word('trust_id'), 'trust_id') as TrustId
  const row = await trustById(call.parts.store.read, home, id)
  if (row === undefined) throw notFound('Trust')
  return row
}

const note = (done: 'created' | 'updated' | 'deleted', row: TrustRow, { entity }: Place, what: string): AuditNote => ({
  name: `trust_${done}`,
  entity,
  target: { type: 'Trust', id: row.id, details: row.name },
  message: `${what} trust ${row.name} in ${row.issuer}`,
})

const fields = [
  'name',
  'enabled',
  'issuer',
  'jwks_uri',
  'audience',
  'claims',
  'access_level',
  'scopes',
  'refs',
  'life',
  'single_use',
  'sponsor_id',
] as const

const textOf = (value: string | number | null): string | null => (value === null ? null : String(value))

/** One event for each field; one in any case, since what was given ends in any case. */
const changeNotes = (before: TrustRow, after: TrustRow, place: Place): readonly AuditNote[] => {
  const changes = fields
    .map((field) => ({ field, from: textOf(before[field]), to: textOf(after[field]) }))
    .filter(({ from, to }) => from !== to)
  if (changes.length === 0) return [note('updated', after, place, 'Saved')]
  return changes.map((change) => ({ ...note('updated', after, place, `Changed ${change.field} of`), change }))
}

/** Nobody gives a role above the own one, and whoever saves a trust answers for it. */
const refuseLevel = ({ standing }: Place, { level }: TrustTerms): void => {
  if (!mayHandleLevel(standing, level)) throw forbidden()
}

const listTrusts =
  (kind: Kind) =>
  async (call: Call): Promise<Answer> => {
    const { home } = await placeOf[kind](call)
    return paginate(call, trustsOf(call.parts.store.read, home).orderBy('id'), (rows) => shapeTrusts(call, rows))
  }

const create =
  (kind: Kind) =>
  async (call: Call): Promise<Answer> => {
    const place = await placeOf[kind](call)
    const terms = newTerms(call)
    refuseLevel(place, terms)
    const row = await createTrust(call.parts.store, place.home, terms, requireUser(call.caller).user.id, call.now)
    if (row === 'full') throw badRequest(`No more than ${mostTrusts} trusts can stand at one ${kind}`)
    call.audit(note('created', row, place, 'Created'))
    return created(await shapeTrust(call, row))
  }

const show =
  (kind: Kind) =>
  async (call: Call): Promise<Answer> =>
    ok(await tellTrust(call, await named(call, await placeOf[kind](call))))

const update =
  (kind: Kind) =>
  async (call: Call): Promise<Answer> => {
    const place = await placeOf[kind](call)
    const before = await named(call, place)
    const terms = changedTerms(call, before)
    refuseLevel(place, terms)
    const after = await updateTrust(call.parts.store, before.id, terms, requireUser(call.caller).user.id, call.now)
    if (after === undefined) throw notFound('Trust')
    call.audit(...changeNotes(before, after, place))
    return ok(await shapeTrust(call, after))
  }

const remove =
  (kind: Kind) =>
  async (call: Call): Promise<Answer> => {
    const place = await placeOf[kind](call)
    const row = await named(call, place)
    if (!(await deleteTrust(call.parts.store, row.id))) throw notFound('Trust')
    call.audit(note('deleted', row, place, 'Deleted'))
    return noContent
  }

const routesOf = (kind: Kind): readonly Route[] => {
  const path = `/${kind}s/:id/sallyport/trusts`
  const one = `${path}/:trust_id`
  const summary = `trust in outside issuers, of a ${kind}`
  return [
    route('GET', path, { output: trustEntity, paged: true, summary, handler: listTrusts(kind) }),
    route('POST', path, { input: [newTrust], output: trustEntity, summary, handler: create(kind) }),
    route('GET', one, { output: toldTrustEntity, summary: `${summary}, with its last refusals`, handler: show(kind) }),
    route('PUT', one, { input: [changedTrust], output: trustEntity, summary, handler: update(kind) }),
    route('DELETE', one, { summary, handler: remove(kind) }),
  ]
}

/** Whom from outside a project or group lets in. GitLab has nothing of the kind. */
export const trustRoutes: readonly Route[] = [...routesOf('project'), ...routesOf('group')]
