import { z } from 'zod'
import { type Namespace, selectNamespaces } from '../../store/namespaces.ts'
import { contains } from '../../store/search.ts'
import { groupsOf } from '../../store/visible.ts'
import { type Answer, ok } from './answer.ts'
import { type Call, type Route, route } from './call.ts'
import { requireUser } from './caller.ts'
import { notFound } from './errors.ts'
import { flag, optional, text } from './input.ts'
import { namespaceEntity, namespaceShape } from './namespace-shape.ts'
import { paginate } from './pagination.ts'
import { findNamespace } from './reach.ts'

const filterInput = z.object({ search: optional(text()), owned_only: optional(flag()), top_level_only: optional(flag()) })

const owner = 50
const guest = 10

/** The caller's own namespace and the groups of which it is a member; all of them for administrators. */
const list = (call: Call): Promise<Answer> => {
  const { user } = requireUser(call.caller)
  const { search, owned_only, top_level_only } = call.read(filterInput)
  const all = user.isAdmin && owned_only !== true
  const query = selectNamespaces(call.parts.store.read)
    .$if(!all, (some) =>
      some.where(({ or, eb }) => or([eb('owner_id', '=', user.id), groupsOf(user.id, owned_only ? owner : guest, call.now)])),
    )
    .$if(top_level_only === true, (some) => some.where('parent_id', 'is', null))
    .$if(search !== undefined, (some) =>
      some.where(({ or }) => or([contains('namespaces.name', search ?? ''), contains('routes.path', search ?? '')])),
    )
    .orderBy('namespaces.id')
  return paginate(call, query, (rows: Namespace[]) => rows.map((row) => namespaceShape(row, call.parts.settings)))
}

const get = async (call: Call): Promise<Answer> => {
  const found = await findNamespace(call, call.word('id'))
  if (found === undefined) throw notFound('Namespace')
  return ok(namespaceShape(found.group, call.parts.settings))
}

export const namespaceRoutes: readonly Route[] = [
  route('GET', '/namespaces', { input: [filterInput], output: namespaceEntity, paged: true, handler: list }),
  route('GET', '/namespaces/:id', { output: namespaceEntity, handler: get }),
]
