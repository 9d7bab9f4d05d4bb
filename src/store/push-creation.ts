import type { CreationGrant } from '../access/decide.ts'
import type { Clock } from '../core/clock.ts'
import type { User } from '../core/principal.ts'
import { createProject, type Project, type RepositoryShelf } from './projects.ts'
import { readApplicationSettings } from './settings.ts'
import type { Store } from './sqlite.ts'

/**
 * Makes the project that a push is about to fill, always private. Where another push made one on the same path
 * meanwhile, that one stands, and the gate decides about it afresh: undefined then.
 */
export const createFromPush = async (
  store: Store,
  repositories: RepositoryShelf,
  grant: CreationGrant,
  creator: User,
  clock: Clock,
): Promise<Project | undefined> => {
  const settings = await readApplicationSettings(store.read)
  const project = {
    namespaceId: grant.namespaceId,
    creator: creator.id,
    name: grant.path,
    path: grant.path,
    description: '',
    visibility: 'private',
    repository_access_level: 'enabled',
    initial_branch: settings.default_branch_name,
  } as const
  const made = await createProject(store, project, repositories, clock())
  return typeof made === 'string' ? undefined : made
}
