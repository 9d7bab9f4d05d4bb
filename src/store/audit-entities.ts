import type { AuditEntity } from '../core/audit.ts'
import type { NamespaceId, ProjectId } from '../core/ids.ts'
import { namespaceById } from './namespaces.ts'
import { projectById } from './projects.ts'
import type { Reader } from './routes.ts'
import type { Account } from './users.ts'

export const projectEntity = async (reader: Reader, id: ProjectId): Promise<AuditEntity | undefined> => {
  const project = await projectById(reader, id)
  return project && { kind: 'Project', id: project.id, path: project.full_path }
}

export const groupEntity = async (reader: Reader, id: NamespaceId | null): Promise<AuditEntity | undefined> => {
  const group = id === null ? undefined : await namespaceById(reader, id)
  return group && { kind: 'Group', id: group.id, path: group.full_path }
}

/** Where events about a user belong; those of a bot, with its project or group. */
export const entityOfUser = async (reader: Reader, account: Account): Promise<AuditEntity> => {
  const home =
    account.bot_project_id === null
      ? await groupEntity(reader, account.bot_group_id)
      : await projectEntity(reader, account.bot_project_id)
  return home ?? { kind: 'User', id: account.id, path: account.username }
}

/** The same where the user may be gone, or never was: such events belong to the instance. */
export const entityOfAnyUser = async (reader: Reader, account: Account | undefined): Promise<AuditEntity> =>
  account === undefined ? { kind: 'Instance' } : entityOfUser(reader, account)
