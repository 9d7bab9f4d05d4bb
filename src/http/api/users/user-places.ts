import { z } from 'zod'
import { accessLevels } from '../../../core/access-level.ts'
import { keysOfProjectsOf } from '../../../store/deploy-keys.ts'
import { selectMemberships } from '../../../store/user-memberships.ts'
import { findUser } from '../../../store/users.ts'
import { hasProject } from '../../../store/visible.ts'
import { type Answer, ok } from '../answer.ts'
import { type Call, type Route, route } from '../call.ts'
import { requireAdmin, requireUser } from '../caller.ts'
import { wholeNumber, words } from '../entity-words.ts'
import { forbidden, notFound } from '../errors.ts'
import { oneOf, optional } from '../input.ts'
import { deployKeyEntity, deployKeyShape } from '../keys/key-shape.ts'
import { paginate } from '../pagination.ts'
import { usesOf } from '../tokens/last-use.ts'
import { accountOf } from './users.ts'

/** gitlab `API::Entities::Membership`. */
const membershipEntity = z
  .object({
    source_id: wholeNumber,
    source_name: words,
    source_type: z.enum(['Project', 'Namespace']),
    access_level: wholeNumber,
  })
  .meta({ id: 'Membership' })

const membershipFilter = z.object({ type: optional(oneOf(['Project', 'Namespace'])) })

/** `GET /users/:id/memberships`, for administrators. */
const memberships = async (call: Call): Promise<Answer> => {
  requireAdmin(call.caller)
  const { id } = await accountOf(call)
  const { type } = call.read(membershipFilter)
  const all = selectMemberships(call.parts.store.read, id, call.now)
  const query = type === undefined ? all : all.where(type === 'Project' ? 'project_id' : 'namespace_id', 'is not', null)
  return paginate(call, query.orderBy('members.id'), (rows) =>
    rows.map((row) => ({
      source_id: row.project_id ?? row.namespace_id,
      source_name: row.project_name ?? row.group_name,
      source_type: row.project_id === null ? 'Namespace' : 'Project',
      access_level: row.access_level,
    })),
  )
}

/** `GET /users/:id/project_deploy_keys`: of projects that both the caller and the user maintain (gitlab `lib/api/users.rb`). */
const projectDeployKeys = async (call: Call): Promise<Answer> => {
  const caller = requireUser(call.caller).user
  const { read } = call.parts.store
  const user = await findUser(read, call.word('id'))
  if (user === undefined) throw notFound('User')
  const both = [caller.id, user.id]
  if (!(await hasProject(read, both, accessLevels.maintainer, call.now))) throw forbidden('No common authorized project found')
  return paginate(call, keysOfProjectsOf(read, both, call.now), async (rows) => {
    const use = await usesOf(call, 'key', rows)
    return rows.map((key) => deployKeyShape(key, use(key)))
  })
}

const countNames = [
  'merge_requests',
  'assigned_issues',
  'assigned_merge_requests',
  'review_requested_merge_requests',
  'todos',
] as const

const nought = Object.fromEntries(countNames.map((name) => [name, 0]))
const countsEntity = z.object(Object.fromEntries(countNames.map((name) => [name, wholeNumber]))).meta({ id: 'UserCounts' })

/** Where users belong, and what waits for them: nothing does, since there are neither issues nor merge requests. */
export const userPlaceRoutes: readonly Route[] = [
  route('GET', '/users/:id/memberships', {
    input: [membershipFilter],
    output: membershipEntity,
    paged: true,
    handler: memberships,
  }),
  route('GET', '/users/:id/project_deploy_keys', {
    scopes: ['read_user'],
    output: deployKeyEntity,
    paged: true,
    handler: projectDeployKeys,
  }),
  route('GET', '/user_counts', { scopes: ['read_user'], output: countsEntity, handler: async () => ok(nought) }),
]
