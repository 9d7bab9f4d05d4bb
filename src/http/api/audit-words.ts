import type { AuditEntity, AuditNote } from '../../core/audit.ts'
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

/** Of an event about the place itself: the thing is its own target. */
export const aboutProject = (project: Pick<Project, 'id' | 'full_path'>): Pick<AuditNote, 'entity' | 'target'> => ({
  entity: projectEntity(project),
  target: { type: 'Project', id: project.id, details: project.full_path },
})

export const aboutGroup = (group: Pick<Namespace, 'id' | 'full_path'>): Pick<AuditNote, 'entity' | 'target'> => ({
  entity: groupEntity(group),
  target: { type: 'Group', id: group.id, details: group.full_path },
})

export const aboutUser = (account: Pick<Account, 'id' | 'username'>): Pick<AuditNote, 'entity' | 'target'> => ({
  entity: userEntity(account),
  target: { type: 'User', id: account.id, details: account.username },
})

const textOf = (value: unknown): string | null => (value === null || value === undefined ? null : String(value))

/**
 * One note for each field that got another value.
 * @param names the fields that count, each with the name of its event
 */
export const changesOf = <Row extends object>(
  before: Row,
  after: Row,
  names: readonly (readonly [field: keyof Row & string, name: string])[],
  about: Pick<AuditNote, 'entity' | 'target'>,
): AuditNote[] =>
  names.flatMap(([field, name]) => {
    const [from, to] = [textOf(before[field]), textOf(after[field])]
    if (from === to) return []
    return [
      {
        ...about,
        name,
        message: `Changed ${field} from ${from ?? 'nothing'} to ${to ?? 'nothing'}`,
        change: { field, from, to },
      },
    ]
  })
