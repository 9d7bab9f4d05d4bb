import type { Selectable } from 'kysely'
import { accessLevels } from '../core/access-level.ts'
import type { FirstCommit } from '../core/first-commit.ts'
import type { NamespaceId, ProjectId, UserId } from '../core/ids.ts'
import { fitsInside, type Visibility } from '../core/visibility.ts'
import { adoptDefaultBranch } from './default-branch.ts'
import { instantOf } from './instant.ts'
import { type Namespace, namespaceById } from './namespaces.ts'
import { noProject } from './nothing.ts'
import { removeProjects } from './removal.ts'
import { addRoute, findByPath, isTaken, moveRoutes, type Reader, type Writer } from './routes.ts'
import type { ProjectsTable } from './schema.ts'
import type { Store } from './sqlite.ts'

/** A project, with the path on which it answers and the ids of the namespaces above it (`/1/4/`). */
export interface Project extends Selectable<ProjectsTable> {
  readonly full_path: string
  readonly lineage: string
}

/** The bare repositories on disk, as far as the life of a project needs them. */
export interface RepositoryShelf {
  /** Makes one for a project that has no id yet; quick to place, since that happens while others wait to write. */
  prepare(initialBranch: string, first?: FirstCommit): Promise<{ place(id: ProjectId): Promise<void>; discard(): Promise<void> }>
  remove(id: ProjectId): Promise<void>
}

/** Every project with its path and lineage: the start of each query for projects. */
export const selectProjects = (reader: Reader) =>
  reader
    .selectFrom('projects')
    .innerJoin('routes', 'routes.project_id', 'projects.id')
    .innerJoin('namespaces', 'namespaces.id', 'projects.namespace_id')
    .selectAll('projects')
    .select(['routes.path as full_path', 'namespaces.lineage as lineage'])

export const projectById = (reader: Reader, id: ProjectId): Promise<Project | undefined> =>
  selectProjects(reader).where('projects.id', '=', id).executeTakeFirst()

/** By its path of today or an old one; `moved` says that the path is an old one. */
export const projectByPath = async (
  reader: Reader,
  path: string,
): Promise<{ readonly project: Project; readonly moved: boolean } | undefined> => {
  const found = await findByPath(reader, path)
  const project = await projectById(reader, found?.projectId ?? noProject)
  return project && { project, moved: found?.moved === true }
}

/** By number or path, as GitLab's `:id` parameters take them; a name without a slash is no path of a project. */
export const findProject = async (reader: Reader, idOrPath: string): ReturnType<typeof projectByPath> => {
  if (!/^\d{1,15}$/.test(idOrPath)) return idOrPath.includes('/') ? projectByPath(reader, idOrPath) : undefined
  const project = await projectById(reader, Number(idOrPath) as ProjectId)
  return project && { project, moved: false }
}

export interface NewProject
  extends Pick<Project, 'name' | 'path' | 'description' | 'visibility' | 'repository_access_level' | 'initial_branch'> {
  readonly namespaceId: NamespaceId
  readonly creator: UserId
  /** Of its images; open to all who see the project where it is not said. */
  readonly container_registry_access_level?: Project['container_registry_access_level']
  /** What its initial branch begins with; without one the project is empty. */
  readonly firstCommit?: FirstCommit | undefined
}

/** Whose the project is: its creator's, and in a user's namespace also that user's. */
const addOwners = async (transaction: Writer, project: ProjectId, owners: ReadonlySet<UserId>, by: UserId, time: string) => {
  for (const owner of owners) {
    await transaction
      .insertInto('members')
      .values({
        namespace_id: null,
        project_id: project,
        user_id: owner,
        access_level: accessLevels.owner,
        expires_at: null,
        created_by: by,
        created_at: time,
      })
      .onConflict((conflict) => conflict.columns(['project_id', 'user_id']).doUpdateSet({ access_level: 50, expires_at: null }))
      .execute()
  }
}

/** The limit of a personal namespace, where its owner has reached it; groups have none. */
export const reachedLimit = async (
  reader: Reader,
  namespace: Pick<Namespace, 'id' | 'owner_id'>,
): Promise<number | undefined> => {
  if (namespace.owner_id === null) return undefined
  const { projects_limit } = await reader
    .selectFrom('users')
    .select('projects_limit')
    .where('id', '=', namespace.owner_id)
    .executeTakeFirstOrThrow()
  const { count } = await reader
    .selectFrom('projects')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('namespace_id', '=', namespace.id)
    .executeTakeFirstOrThrow()
  return count < projects_limit ? undefined : projects_limit
}

const insert = async (transaction: Writer, project: NewProject, namespace: Namespace, now: number): Promise<ProjectId> => {
  const time = instantOf(now)
  const { namespaceId, creator, firstCommit: _, ...columns } = project
  const times = { created_at: time, updated_at: time, last_activity_at: time }
  const { id } = await transaction
    .insertInto('projects')
    .values({ ...columns, ...times, namespace_id: namespaceId, creator_id: creator, default_branch: null, archived: 0 })
    .returning('id')
    .executeTakeFirstOrThrow()
  await addRoute(transaction, `${namespace.full_path}/${project.path}`, { namespace_id: null, project_id: id })
  const owners = new Set(namespace.owner_id === null ? [creator] : [creator, namespace.owner_id])
  await addOwners(transaction, id, owners, creator, time)
  return id
}

type Refused = 'taken' | 'namespace-gone' | 'no-room' | 'too-visible'

/** A group bounds what stands in it, a user's own namespace does not. */
const holds = ({ kind, visibility }: Namespace, inner: Visibility): boolean => kind === 'user' || fitsInside(inner, visibility)

const refusedIn = async (transaction: Writer, project: NewProject, namespace: Namespace): Promise<Refused | undefined> => {
  if (await isTaken(transaction, `${namespace.full_path}/${project.path}`)) return 'taken'
  if (!holds(namespace, project.visibility)) return 'too-visible'
  return (await reachedLimit(transaction, namespace)) === undefined ? undefined : 'no-room'
}

/**
 * Makes the rows and the repository, all or nothing: the repository is in its place before the rows are committed, and
 * is taken away again where they are not. Of several at once on one path, one makes it and the others are told `taken`.
 */
export const createProject = async (
  store: Store,
  project: NewProject,
  repositories: RepositoryShelf,
  now: number,
): Promise<Project | Refused> => {
  const repository = await repositories.prepare(project.initial_branch, project.firstCommit)
  let placed: ProjectId | undefined
  try {
    return await store.write.transaction().execute(async (transaction) => {
      const namespace = await namespaceById(transaction, project.namespaceId)
      if (namespace === undefined) return 'namespace-gone'
      const refused = await refusedIn(transaction, project, namespace)
      if (refused !== undefined) return refused
      const id = await insert(transaction, project, namespace, now)
      if (project.firstCommit !== undefined) {
        await adoptDefaultBranch(transaction, { id, namespace_id: namespace.id }, project.initial_branch, now)
      }
      await repository.place(id)
      placed = id
      return selectProjects(transaction).where('projects.id', '=', id).executeTakeFirstOrThrow()
    })
  } catch (fault) {
    if (placed !== undefined) await repositories.remove(placed)
    throw fault
  } finally {
    await repository.discard()
  }
}

export type ProjectChange = Partial<
  Pick<
    Project,
    | 'name'
    | 'path'
    | 'description'
    | 'visibility'
    | 'repository_access_level'
    | 'container_registry_access_level'
    | 'archived'
    | 'default_branch'
    | 'initial_branch'
  >
>

/** Whether the group may have become less visible since it was looked at. */
const isTooVisible = async (transaction: Writer, project: Project, asked: Visibility | undefined): Promise<boolean> => {
  if (asked === undefined || asked === project.visibility) return false
  const namespace = await namespaceById(transaction, project.namespace_id)
  return namespace !== undefined && !holds(namespace, asked)
}

/** Changes a project; a new `path` moves it and leaves a redirect. Nothing was written where the answer is a refusal. */
export const updateProject = async (
  transaction: Writer,
  id: ProjectId,
  change: ProjectChange,
  now: number,
): Promise<'updated' | 'taken' | 'gone' | 'too-visible'> => {
  const project = await projectById(transaction, id)
  if (project === undefined) return 'gone'
  if (await isTooVisible(transaction, project, change.visibility)) return 'too-visible'
  if (change.path !== undefined && change.path !== project.path) {
    const above = project.full_path.slice(0, project.full_path.length - project.path.length)
    if ((await moveRoutes(transaction, project.full_path, above + change.path)) === 'taken') return 'taken'
  }
  await transaction
    .updateTable('projects')
    .set({ ...change, updated_at: instantOf(now) })
    .where('id', '=', id)
    .execute()
  return 'updated'
}

/**
 * Moves a project into another namespace; its old path leads to it from now on. In a group that is less visible, it
 * becomes as little visible as the group; in a user's namespace that user becomes its Owner.
 */
export const transferProject = async (
  transaction: Writer,
  id: ProjectId,
  target: NamespaceId,
  now: number,
): Promise<'moved' | 'taken' | 'gone'> => {
  const project = await projectById(transaction, id)
  const namespace = await namespaceById(transaction, target)
  if (project === undefined || namespace === undefined) return 'gone'
  const path = `${namespace.full_path}/${project.path}`
  if ((await moveRoutes(transaction, project.full_path, path)) === 'taken') return 'taken'
  const visibility = holds(namespace, project.visibility) ? project.visibility : namespace.visibility
  const time = instantOf(now)
  await transaction
    .updateTable('projects')
    .set({ namespace_id: target, visibility, updated_at: time })
    .where('id', '=', id)
    .execute()
  if (namespace.owner_id !== null) {
    await addOwners(transaction, id, new Set([namespace.owner_id]), namespace.owner_id, time)
  }
  return 'moved'
}

/** The rows first, so that nothing can be served any more; then what is on disk. */
export const deleteProject = async (store: Store, id: ProjectId, repositories: RepositoryShelf): Promise<void> => {
  await store.write.transaction().execute((transaction) => removeProjects(transaction, [id]))
  await repositories.remove(id)
}
