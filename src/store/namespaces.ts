import { type RawBuilder, type Selectable, type SqlBool, sql } from 'kysely'
import { accessLevels } from '../core/access-level.ts'
import type { NamespaceId, UserId } from '../core/ids.ts'
import { fitsInside, type Visibility, visibilities } from '../core/visibility.ts'
import { instantOf } from './instant.ts'
import { noNamespace } from './nothing.ts'
import { addRoute, findByPath, isTaken, moveRoutes, type Reader, type Writer } from './routes.ts'
import type { NamespacesTable } from './schema.ts'
import type { Store } from './sqlite.ts'

/** A user's or a group's namespace, with the path on which it answers. */
export interface Namespace extends Selectable<NamespacesTable> {
  readonly full_path: string
}

/** Ids from the root down to the namespace itself. */
export const lineageIds = (lineage: string): readonly NamespaceId[] =>
  lineage
    .split('/')
    .filter((part) => part !== '')
    .map((part) => Number(part) as NamespaceId)

/** Whether `namespaces` of a query is the one of this lineage, or stands below it. */
export const atOrBelow = (lineage: string): RawBuilder<SqlBool> =>
  sql<SqlBool>`(namespaces.lineage >= ${lineage} and namespaces.lineage < ${`${lineage}:`})`

/** The same without the one itself. */
export const below = (lineage: string): RawBuilder<SqlBool> =>
  sql<SqlBool>`(namespaces.lineage > ${lineage} and namespaces.lineage < ${`${lineage}:`})`

/** Every namespace with its path: the start of each query for namespaces. */
export const selectNamespaces = (reader: Reader) =>
  reader
    .selectFrom('namespaces')
    .innerJoin('routes', 'routes.namespace_id', 'namespaces.id')
    .selectAll('namespaces')
    .select('routes.path as full_path')

export const namespaceById = (reader: Reader, id: NamespaceId): Promise<Namespace | undefined> =>
  selectNamespaces(reader).where('namespaces.id', '=', id).executeTakeFirst()

/** By the path of today only; an old path of a group leads nowhere by itself. */
export const namespaceByPath = async (reader: Reader, path: string): Promise<Namespace | undefined> => {
  const found = await findByPath(reader, path)
  return namespaceById(reader, (found?.moved ? undefined : found?.namespaceId) ?? noNamespace)
}

/** By number or full path, as GitLab's `:id` parameters take them. */
export const findNamespace = (reader: Reader, idOrPath: string): Promise<Namespace | undefined> =>
  /^\d{1,15}$/.test(idOrPath) ? namespaceById(reader, Number(idOrPath) as NamespaceId) : namespaceByPath(reader, idOrPath)

export const namespaceOfUser = (reader: Reader, user: UserId): Promise<Namespace | undefined> =>
  selectNamespaces(reader).where('owner_id', '=', user).where('kind', '=', 'user').executeTakeFirst()

export const namespacesById = async (
  reader: Reader,
  ids: readonly NamespaceId[],
): Promise<ReadonlyMap<NamespaceId, Namespace>> => {
  if (ids.length === 0) return new Map()
  const rows = await selectNamespaces(reader)
    .where('namespaces.id', 'in', [...new Set(ids)])
    .execute()
  return new Map(rows.map((row) => [row.id, row]))
}

type Fields = Pick<Namespace, 'name' | 'path' | 'description' | 'visibility' | 'kind' | 'owner_id'> &
  Pick<Namespace, 'project_creation_level' | 'subgroup_creation_level' | 'default_branch_protection'> &
  Partial<Pick<Namespace, 'default_branch_protection_defaults'>>

type Parent = Pick<Namespace, 'id' | 'lineage' | 'full_path'>

const insert = async (transaction: Writer, fields: Fields, parent: Parent | undefined, now: number): Promise<NamespaceId> => {
  const time = instantOf(now)
  const { id } = await transaction
    .insertInto('namespaces')
    .values({ ...fields, parent_id: parent?.id ?? null, lineage: '', archived: 0, created_at: time, updated_at: time })
    .returning('id')
    .executeTakeFirstOrThrow()
  await transaction
    .updateTable('namespaces')
    .set({ lineage: `${parent?.lineage ?? '/'}${id}/` })
    .where('id', '=', id)
    .execute()
  const path = parent ? `${parent.full_path}/${fields.path}` : fields.path
  await addRoute(transaction, path, { namespace_id: id, project_id: null })
  return id
}

/** The namespace in which a new user's own projects stand. Nothing was written where the answer is `taken`. */
export const insertUserNamespace = async (
  transaction: Writer,
  user: { readonly id: UserId; readonly username: string; readonly name: string },
  now: number,
): Promise<NamespaceId | 'taken'> => {
  if (await isTaken(transaction, user.username)) return 'taken'
  const fields: Fields = {
    kind: 'user',
    owner_id: user.id,
    name: user.name,
    path: user.username,
    description: '',
    visibility: 'public',
    project_creation_level: 'owner',
    subgroup_creation_level: 'owner',
    default_branch_protection: null,
  }
  return insert(transaction, fields, undefined, now)
}

export interface NewGroup
  extends Pick<Namespace, 'name' | 'path' | 'description' | 'visibility' | 'project_creation_level'>,
    Pick<Namespace, 'subgroup_creation_level' | 'default_branch_protection'>,
    Partial<Pick<Namespace, 'default_branch_protection_defaults'>> {
  readonly parentId: NamespaceId | undefined
  /** Becomes its Owner. */
  readonly creator: UserId
}

const addOwner = async (transaction: Writer, group: NamespaceId, user: UserId, now: number): Promise<void> => {
  await transaction
    .insertInto('members')
    .values({
      namespace_id: group,
      project_id: null,
      user_id: user,
      access_level: accessLevels.owner,
      expires_at: null,
      created_by: user,
      created_at: instantOf(now),
    })
    .execute()
}

export const createGroup = (
  store: Store,
  group: NewGroup,
  now: number,
): Promise<Namespace | 'taken' | 'parent-gone' | 'too-visible'> =>
  store.write.transaction().execute(async (transaction) => {
    const { parentId, creator, ...fields } = group
    const parent = parentId === undefined ? undefined : await namespaceById(transaction, parentId)
    if (parentId !== undefined && parent === undefined) return 'parent-gone'
    if (parent !== undefined && !fitsInside(group.visibility, parent.visibility)) return 'too-visible'
    if (await isTaken(transaction, parent ? `${parent.full_path}/${group.path}` : group.path)) return 'taken'
    const id = await insert(transaction, { ...fields, kind: 'group', owner_id: null }, parent, now)
    await addOwner(transaction, id, creator, now)
    return selectNamespaces(transaction).where('namespaces.id', '=', id).executeTakeFirstOrThrow()
  })

export type NamespaceChange = Partial<Omit<Fields, 'kind' | 'owner_id'> & Pick<Namespace, 'archived'>>

/** What stands in a group and is more visible than the group would be. */
export const visibilityBarrier = async (
  reader: Reader,
  { id }: Pick<Namespace, 'id'>,
  asked: Visibility,
): Promise<'project' | 'subgroup' | undefined> => {
  const wider = visibilities.filter((other) => !fitsInside(other, asked))
  const inside = (table: 'projects' | 'namespaces', column: 'namespace_id' | 'parent_id') =>
    reader.selectFrom(table).select('id').where(column, '=', id).where('visibility', 'in', wider).executeTakeFirst()
  if (wider.length === 0) return undefined
  if ((await inside('projects', 'namespace_id')) !== undefined) return 'project'
  return (await inside('namespaces', 'parent_id')) === undefined ? undefined : 'subgroup'
}

const isBarred = async (transaction: Writer, namespace: Namespace, asked: Visibility | undefined): Promise<boolean> => {
  if (asked === undefined || asked === namespace.visibility) return false
  const { parent_id } = namespace
  const parent = parent_id === null ? undefined : await namespaceById(transaction, parent_id)
  if (parent !== undefined && !fitsInside(asked, parent.visibility)) return true
  return (await visibilityBarrier(transaction, namespace, asked)) !== undefined
}

/** Changes a namespace; a new `path` moves everything below it and leaves redirects. Nothing was written where it is a refusal. */
export const updateNamespace = async (
  transaction: Writer,
  id: NamespaceId,
  change: NamespaceChange,
  now: number,
): Promise<'updated' | 'taken' | 'gone' | 'barred'> => {
  const namespace = await namespaceById(transaction, id)
  if (namespace === undefined) return 'gone'
  if (await isBarred(transaction, namespace, change.visibility)) return 'barred'
  if (change.path !== undefined && change.path !== namespace.path) {
    const above = namespace.full_path.slice(0, namespace.full_path.length - namespace.path.length)
    if ((await moveRoutes(transaction, namespace.full_path, above + change.path)) === 'taken') return 'taken'
  }
  await transaction
    .updateTable('namespaces')
    .set({ ...change, updated_at: instantOf(now) })
    .where('id', '=', id)
    .execute()
  return 'updated'
}
