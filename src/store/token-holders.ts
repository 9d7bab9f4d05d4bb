import type { NamespaceId, ProjectId, UserId } from '../core/ids.ts'
import { findNamespace } from './namespaces.ts'
import { findProject } from './projects.ts'
import type { Reader } from './routes.ts'
import { findUser } from './users.ts'

/** Whose tokens are meant: each by number, or by username or path. */
export interface NamedHolders {
  readonly user?: string | undefined
  readonly project?: string | undefined
  readonly group?: string | undefined
}

export interface Holders {
  readonly user: UserId | undefined
  readonly project: ProjectId | undefined
  readonly group: NamespaceId | undefined
}

const groupId = async (reader: Reader, word: string): Promise<NamespaceId | undefined> => {
  const namespace = await findNamespace(reader, word)
  return namespace?.kind === 'group' ? namespace.id : undefined
}

/** Finds them; of those that are named and not there, `missing` is the first one's kind. */
export const findHolders = async (
  reader: Reader,
  { user, project, group }: NamedHolders,
): Promise<Holders | { readonly missing: 'User' | 'Project' | 'Group' }> => {
  const holders = {
    user: user === undefined ? undefined : (await findUser(reader, user))?.id,
    project: project === undefined ? undefined : (await findProject(reader, project))?.project.id,
    group: group === undefined ? undefined : await groupId(reader, group),
  }
  if (user !== undefined && holders.user === undefined) return { missing: 'User' }
  if (project !== undefined && holders.project === undefined) return { missing: 'Project' }
  return group !== undefined && holders.group === undefined ? { missing: 'Group' } : holders
}
