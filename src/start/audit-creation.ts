import type { AuditTrail } from '../core/audit.ts'
import type { User } from '../core/principal.ts'
import type { Project } from '../store/projects.ts'
import type { Store } from '../store/sqlite.ts'
import { userById } from '../store/users.ts'

interface Creation {
  readonly project: Project
  readonly creator: User
  readonly address: string | undefined
  readonly at: number
}

/** A project that a push made; its event is on disk before git starts. */
export const recordCreation = async (
  trail: AuditTrail,
  store: Pick<Store, 'read'>,
  { project, creator, address, at }: Creation,
): Promise<void> => {
  const account = await userById(store.read, creator.id)
  const author = { kind: 'User', id: creator.id, name: account?.name ?? creator.username } as const
  trail.record([
    {
      name: 'project_created',
      entity: { kind: 'Project', id: project.id, path: project.full_path },
      target: { type: 'Project', id: project.id, details: project.full_path },
      message: 'Added project by a push',
      author: account === undefined ? author : { ...author, email: account.email },
      address,
      at,
    },
  ])
  await trail.settled()
}
