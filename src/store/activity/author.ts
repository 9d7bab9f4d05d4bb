import type { AuditAuthor } from '../../core/audit.ts'
import type { Principal, User } from '../../core/principal.ts'
import type { Reader } from '../routes.ts'
import { userById } from '../users.ts'

const nobody: AuditAuthor = { kind: 'Unauthenticated', id: undefined, name: 'An unauthenticated user' }

const userAuthor = async (reader: Reader, { id, username }: User): Promise<AuditAuthor> => {
  const account = await userById(reader, id)
  return { kind: 'User', id, name: account?.name ?? username, ...(account && { email: account.email }) }
}

/** As whom somebody who was told apart stands in an event. */
export const authorOf = async (reader: Reader, principal: Principal | undefined): Promise<AuditAuthor> => {
  switch (principal?.kind) {
    case 'user':
      return userAuthor(reader, principal.user)
    case 'job':
      return principal.user === undefined ? nobody : userAuthor(reader, principal.user)
    case 'deploy-token':
      return { kind: 'DeployToken', id: principal.id, name: principal.username }
    case 'trusted':
      return { kind: 'Unauthenticated', id: undefined, name: `${principal.subject} of ${principal.issuer}` }
    case 'deploy-key':
      return { kind: 'DeployKey', id: principal.id, name: principal.title }
    default:
      return nobody
  }
}
