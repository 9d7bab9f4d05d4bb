import { z } from 'zod'
import { type Namespace, selectNamespaces } from '../../../store/namespaces.ts'
import { isTaken } from '../../../store/routes.ts'
import { contains } from '../../../store/search.ts'
import { groupsOf } from '../../../store/visible.ts'
import { type Answer, ok } from '../answer.ts'
import { type Call, type Route, route } from '../call.ts'
import { requireUser } from '../caller.ts'
import { words } from '../entity-words.ts'
import { notFound } from '../errors.ts'
import { flag, optional, text, whole } from '../input.ts'
import { paginate } from '../pagination.ts'
import { findNamespace } from '../reach.ts'
import { namespaceEntity, namespaceShape } from './namespace-shape.ts'

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

const existsInput = z.object({ parent_id: optional(whole()) })

const existsEntity = z.object({ exists: z.boolean(), suggests: z.array(words) }).meta({ id: 'NamespaceExists' })

/** Free names that are tried, for a path that is taken. */
const mostTries = 100

/** The first free path that continues a taken one: `path1`, `path2`. */
const freeLike = async (call: Call, path: string): Promise<string | undefined> => {
  for (let number = 1; number <= mostTries; number += 1) {
    if (!(await isTaken(call.parts.store.read, `${path}${number}`))) return `${path}${number}`
  }
  return undefined
}

/** `GET /namespaces/:id/exists`: whether the path is taken, by anything; GitLab tells that to every user. */
const exists = async (call: Call): Promise<Answer> => {
  const { parent_id } = call.read(existsInput)
  const parent = parent_id === undefined ? undefined : await findNamespace(call, String(parent_id))
  const path = parent === undefined ? call.word('id') : `${parent.group.full_path}/${call.word('id')}`
  if (!(await isTaken(call.parts.store.read, path))) return ok({ exists: false, suggests: [] })
  const free = await freeLike(call, path)
  return ok({ exists: true, suggests: free === undefined ? [] : [free.slice(free.lastIndexOf('/') + 1)] })
}

export const namespaceRoutes: readonly Route[] = [
  route('GET', '/namespaces', { input: [filterInput], output: namespaceEntity, paged: true, handler: list }),
  route('GET', '/namespaces/:id/exists', { input: [existsInput], output: existsEntity, handler: exists }),
  route('GET', '/namespaces/:id', { output: namespaceEntity, handler: get }),
]
