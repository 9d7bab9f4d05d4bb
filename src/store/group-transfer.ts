import { sql } from 'kysely'
import type { NamespaceId } from '../core/ids.ts'
import { fitsInside, type Visibility, visibilities } from '../core/visibility.ts'
import { instantOf } from './instant.ts'
import { atOrBelow, lineageIds, type Namespace, namespaceById } from './namespaces.ts'
import { moveRoutes, type Writer } from './routes.ts'

/** GitLab's bound for groups within groups. */
export const deepestGroup = 20

/** The lineages of a group and all below it: ids, from the root down. */
const relocate = async (transaction: Writer, { id, lineage }: Namespace, parent: Namespace | undefined): Promise<string> => {
  const moved = `${parent?.lineage ?? '/'}${id}/`
  await transaction
    .updateTable('namespaces')
    .set({ lineage: sql<string>`${moved} || substr(lineage, ${lineage.length + 1})` })
    .where(atOrBelow(lineage))
    .execute()
  return moved
}

/** What is more visible than the new parent becomes as little visible. */
const narrow = async (transaction: Writer, lineage: string, most: Visibility): Promise<void> => {
  const wider = visibilities.filter((other) => !fitsInside(other, most))
  if (wider.length === 0) return
  const below = transaction.selectFrom('namespaces').select('id').where(atOrBelow(lineage))
  await transaction
    .updateTable('projects')
    .set({ visibility: most })
    .where('namespace_id', 'in', below)
    .where('visibility', 'in', wider)
    .execute()
  await transaction
    .updateTable('namespaces')
    .set({ visibility: most })
    .where('id', 'in', below)
    .where('visibility', 'in', wider)
    .execute()
}

const depthBelow = async (transaction: Writer, { lineage }: Namespace): Promise<number> => {
  const rows = await transaction.selectFrom('namespaces').select('lineage').where(atOrBelow(lineage)).execute()
  return Math.max(...rows.map((row) => lineageIds(row.lineage).length)) - lineageIds(lineage).length
}

/**
 * Moves a group with all that stands in it below another one, or to the top. Old paths lead on to the new ones. What
 * would be more visible than its new parent becomes as little visible.
 */
export const transferGroup = async (
  transaction: Writer,
  id: NamespaceId,
  target: NamespaceId | undefined,
  now: number,
): Promise<'moved' | 'taken' | 'within-itself' | 'too-deep' | 'gone'> => {
  const group = await namespaceById(transaction, id)
  const parent = target === undefined ? undefined : await namespaceById(transaction, target)
  if (group === undefined || (target !== undefined && parent === undefined)) return 'gone'
  if (parent !== undefined && lineageIds(parent.lineage).includes(id)) return 'within-itself'
  const above = parent === undefined ? 0 : lineageIds(parent.lineage).length
  if (above + 1 + (await depthBelow(transaction, group)) > deepestGroup) return 'too-deep'
  const path = parent === undefined ? group.path : `${parent.full_path}/${group.path}`
  if ((await moveRoutes(transaction, group.full_path, path)) === 'taken') return 'taken'
  const lineage = await relocate(transaction, group, parent)
  await transaction
    .updateTable('namespaces')
    .set({ parent_id: parent?.id ?? null, updated_at: instantOf(now) })
    .where('id', '=', id)
    .execute()
  if (parent !== undefined) await narrow(transaction, lineage, parent.visibility)
  return 'moved'
}
