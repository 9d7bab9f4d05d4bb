import type { AuditEntity, AuditNote, AuditTarget } from '../../core/audit.ts'
import type { Namespace } from '../../store/namespaces.ts'
import type { Project } from '../../store/projects.ts'
import type { Account } from '../../store/users.ts'

export const userEntity = ({ id, username }: Pick<Account, 'id' | 'username'>): AuditEntity => ({
  kind: 'User',
  id,
  path: username,
})

export const projectEntity = ({ id, full_path }: Pick<Project, 'id' | 'full_path'>): AuditEntity => ({
  kind: 'Project',
  id,
  path: full_path,
})

export const groupEntity = ({ id, full_path }: Pick<Namespace, 'id' | 'full_path'>): AuditEntity => ({
  kind: 'Group',
  id,
  path: full_path,
})

/** The kind of an access token in the names of its events: whose it is says that. */
const familyOf = ({ bot_project_id, bot_group_id }: Pick<Account, 'bot_project_id' | 'bot_group_id'>): string => {
  if (bot_project_id !== null) return 'project'
  return bot_group_id === null ? 'personal' : 'group'
}

/** GitLab deletes a project's or group's token, and revokes a personal one. */
export const revocationName = (account: Pick<Account, 'bot_project_id' | 'bot_group_id'>): string => {
  const family = familyOf(account)
  return family === 'personal' ? 'personal_access_token_revoked' : `${family}_access_token_deleted`
}

export const creationName = (account: Pick<Account, 'bot_project_id' | 'bot_group_id'>): string =>
  `${familyOf(account)}_access_token_created`

export const tokenTarget = ({ id, name }: { readonly id: number; readonly name: string }): AuditTarget => ({
  type: 'PersonalAccessToken',
  id,
  details: name,
})

/** One note for each field that got another value. */
export const changesOf = <Row extends object>(
  before: Row,
  after: Row,
  names: Readonly<Partial<Record<keyof Row & string, string>>>,
  about: Pick<AuditNote, 'entity' | 'target'>,
): AuditNote[] =>
  Object.entries(names).flatMap(([field, name]) => {
    const [from, to] = [textOf(before, field), textOf(after, field)]
    if (name === undefined || from === to) return []
    return [{ ...about, name: String(name), message: `Changed ${field} from ${from} to ${to}`, change: { field, from, to } }]
  })

const textOf = (row: object, field: string): string | null => {
  const value = (row as Record<string, unknown>)[field]
  return value === null || value === undefined ? null : String(value)
}
