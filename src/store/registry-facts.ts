import type { ImageFacts } from '../access/rules/registry.ts'
import type { ProjectId } from '../core/ids.ts'
import { type Principal, userBehind } from '../core/principal.ts'
import { jobReach } from './ci/allowlist.ts'
import { isArchivedIn } from './facts.ts'
import { lineageIds } from './namespaces.ts'
import { noLineage, noProject } from './nothing.ts'
import { roleIn } from './roles.ts'
import type { Reader } from './routes.ts'
import type { Store } from './sqlite.ts'

/** What is known of the project of an image. */
export interface StoredImages extends ImageFacts {
  readonly project: ImageFacts['project'] & { readonly fullPath: string }
}

/** A path on which a project stood once leads to no images: they lie under the name by which they were pushed. */
const projectAt = (reader: Reader, paths: readonly string[]) =>
  reader
    .selectFrom('routes')
    .innerJoin('projects', 'projects.id', 'routes.project_id')
    .innerJoin('namespaces', 'namespaces.id', 'projects.namespace_id')
    .where('routes.path_key', 'in', paths)
    .select([
      'projects.id as id',
      'routes.path as full_path',
      'projects.visibility as visibility',
      'projects.archived as archived',
      'projects.container_registry_access_level as image_access',
      'namespaces.lineage as lineage',
    ])
    .executeTakeFirst()

const roleOf = async (reader: Reader, principal: Principal, place: Parameters<typeof roleIn>[2], now: number) => {
  const user = userBehind(principal)
  return user === undefined ? 0 : roleIn(reader, user.id, place, now)
}

const isListed = async (reader: Reader, principal: Principal, project: ProjectId): Promise<boolean> =>
  principal.kind === 'job' && (await jobReach(reader, project, principal.home)).listed

/** Of a project that stands on one of these paths, which are those of one repository. */
const imagesOf = async (
  reader: Reader,
  principal: Principal,
  paths: readonly string[],
  now: number,
): Promise<StoredImages | undefined> => {
  const row = paths.length === 0 ? undefined : await projectAt(reader, paths)
  // What is not there is asked after as if it were: what is hidden takes as long.
  const id = row?.id ?? noProject
  const namespaces = lineageIds(row?.lineage ?? noLineage)
  const archived = await isArchivedIn(reader, row?.archived ?? 0, namespaces)
  const role = await roleOf(reader, principal, { namespaces, project: id }, now)
  const listed = await isListed(reader, principal, id)
  if (row === undefined) return undefined
  const { visibility, image_access: imageAccess, full_path: fullPath } = row
  return { project: { id, visibility, archived, namespaces, imageAccess, fullPath }, role, job: { listed } }
}

/**
 * All that is to be known of several repositories, in one transaction.
 * @param names for each repository the paths on which its project may stand
 */
export const readImages = (
  store: Pick<Store, 'read'>,
  principal: Principal,
  names: readonly (readonly string[])[],
  now: number,
): Promise<readonly (StoredImages | undefined)[]> =>
  store.read.transaction().execute(async (reader) => {
    const found: (StoredImages | undefined)[] = []
    for (const paths of names) found.push(await imagesOf(reader, principal, paths, now))
    return found
  })
