import { type Expression, type ExpressionBuilder, type Kysely, type SqlBool, sql, type Transaction } from 'kysely'
import type { NamespaceId, ProjectId } from '../core/ids.ts'
import type { Schema } from './schema.ts'

/** A connection to read from: the store's own, or the transaction in which one writes. */
export type Reader = Kysely<Schema>
export type Writer = Transaction<Schema>

export type RouteTarget =
  | { readonly namespace_id: NamespaceId; readonly project_id: null }
  | { readonly namespace_id: null; readonly project_id: ProjectId }

/** Paths are ASCII, and differ by more than case. */
export const pathKey = (path: string): string => path.toLowerCase()

/** Users, groups and projects share one space of paths. Nobody else can write while the caller's transaction lasts. */
export const isTaken = async (reader: Reader, path: string): Promise<boolean> => {
  const route = await reader.selectFrom('routes').select('path_key').where('path_key', '=', pathKey(path)).executeTakeFirst()
  return route !== undefined
}

/** Gives a free path to something new; an old path of something else that led here leads here no more. */
export const addRoute = async (transaction: Writer, path: string, target: RouteTarget): Promise<void> => {
  await transaction.deleteFrom('redirects').where('path_key', '=', pathKey(path)).execute()
  await transaction
    .insertInto('routes')
    .values({ path_key: pathKey(path), path, ...target })
    .execute()
}

type Routed = ExpressionBuilder<Schema, 'routes'>

/** The path itself and all below it: `/` is followed by `0` in ASCII, so this range is an index scan. */
const atOrBelow =
  (key: string) =>
  ({ eb, or, and }: Routed): Expression<SqlBool> =>
    or([eb('path_key', '=', key), and([eb('path_key', '>=', `${key}/`), eb('path_key', '<', `${key}0`)])])

const leaveRedirects = async (transaction: Writer, oldKey: string): Promise<void> => {
  await transaction
    .insertInto('redirects')
    .columns(['path_key', 'path', 'namespace_id', 'project_id'])
    .expression((from) =>
      from.selectFrom('routes').select(['path_key', 'path', 'namespace_id', 'project_id']).where(atOrBelow(oldKey)),
    )
    .execute()
}

const rewrite = async (transaction: Writer, oldKey: string, newPath: string): Promise<void> => {
  const rest = oldKey.length + 1
  await transaction
    .updateTable('routes')
    .set({
      path: sql<string>`${newPath} || substr(path, ${rest})`,
      path_key: sql<string>`${pathKey(newPath)} || substr(path_key, ${rest})`,
    })
    .where(atOrBelow(oldKey))
    .execute()
}

const takeOverRedirects = async (transaction: Writer, newKey: string): Promise<void> => {
  await transaction
    .deleteFrom('redirects')
    .where('path_key', 'in', (from) => from.selectFrom('routes').select('path_key').where(atOrBelow(newKey)))
    .execute()
}

/**
 * Moves a path with all that stands below it. Each old path leads to its thing from now on; a redirect that stood on a
 * new path is gone. A change of case alone leaves no redirect.
 */
export const moveRoutes = async (transaction: Writer, oldPath: string, newPath: string): Promise<'moved' | 'taken'> => {
  const [oldKey, newKey] = [pathKey(oldPath), pathKey(newPath)]
  if (oldKey !== newKey) {
    if (await isTaken(transaction, newPath)) return 'taken'
    await leaveRedirects(transaction, oldKey)
  }
  await rewrite(transaction, oldKey, newPath)
  await takeOverRedirects(transaction, newKey)
  return 'moved'
}

/** What answers on a path; `moved` where it answered on that path once and has another one now. */
export interface Found {
  readonly namespaceId: NamespaceId | null
  readonly projectId: ProjectId | null
  readonly moved: boolean
}

const standingOn = (reader: Reader, table: 'routes' | 'redirects', key: string) =>
  reader
    .selectFrom(table)
    .select(['namespace_id', 'project_id', sql.lit(table === 'routes' ? 0 : 1).as('moved')])
    .where('path_key', '=', key)

/** One question, wherever the path is found and if it is not: who counts time learns nothing by it. */
export const findByPath = async (reader: Reader, path: string): Promise<Found | undefined> => {
  const key = pathKey(path)
  const row = await standingOn(reader, 'routes', key)
    .unionAll(standingOn(reader, 'redirects', key))
    .orderBy('moved')
    .limit(1)
    .executeTakeFirst()
  return row && { namespaceId: row.namespace_id, projectId: row.project_id, moved: row.moved === 1 }
}
