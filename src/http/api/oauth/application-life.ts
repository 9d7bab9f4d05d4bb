import { randomBytes } from 'node:crypto'
import type { AuditEntity } from '../../../core/audit.ts'
import type { ApplicationId, UserId } from '../../../core/ids.ts'
import { entityOfAnyUser } from '../../../store/audit-entities.ts'
import {
  type ApplicationRow,
  createApplication,
  deleteApplication,
  renewSecret,
  selectApplications,
} from '../../../store/oauth/applications.ts'
import { userById } from '../../../store/users.ts'
import { makeToken } from '../../../tokens/make.ts'
import { type Answer, created, noContent, ok } from '../answer.ts'
import type { Call } from '../call.ts'
import { notFound } from '../errors.ts'
import { numberIn } from '../input.ts'
import { paginate } from '../pagination.ts'
import { wantedApplication } from './application-input.ts'
import { applicationShape, newApplicationShape } from './application-shape.ts'

/** GitLab's beginning of secrets of applications. */
const secretPrefix = 'gloas-'

const entityOf = async (call: Call, owner: UserId | null): Promise<AuditEntity> => {
  const account = owner === null ? undefined : await userById(call.parts.store.read, owner)
  return entityOfAnyUser(call.parts.store.read, account)
}

export const auditApplication = async (call: Call, row: ApplicationRow, name: string, message: string): Promise<void> => {
  call.audit({
    name: `oauth_application_${name}`,
    entity: await entityOf(call, row.owner_id),
    target: { type: 'OauthApplication', id: row.id, details: row.name },
    message,
  })
}

/** Applications of one owner; undefined: the instance's. */
export const listed = (call: Call, owner: UserId | undefined): Promise<Answer> =>
  paginate(call, selectApplications(call.parts.store.read, owner).orderBy('id'), (rows) => rows.map(applicationShape))

export const make = async (call: Call, owner: UserId | undefined): Promise<Answer> => {
  const wanted = wantedApplication(call)
  const { secret, digest } = makeToken(secretPrefix)
  const uid = randomBytes(32).toString('hex')
  const fields = { ...wanted, uid, secretDigest: digest, trusted: false, owner }
  const row = await createApplication(call.parts.store, fields, call.now)
  await auditApplication(call, row, 'created', `Added OAuth application ${row.name} for ${wanted.scopes.join(' ')}`)
  return created(newApplicationShape(row, secret))
}

/** The application of `:id`, where it is this owner's. Throws 404. */
export const named = async (call: Call, owner: UserId | undefined): Promise<ApplicationRow> => {
  const id = numberIn(call.word('id'), 'id') as ApplicationId
  const row = await selectApplications(call.parts.store.read, owner).where('id', '=', id).executeTakeFirst()
  if (row === undefined) throw notFound('Application')
  return row
}

/** Its codes, devices and tokens go with it. */
export const remove = async (call: Call, row: ApplicationRow): Promise<Answer> => {
  if (!(await deleteApplication(call.parts.store, row.id))) throw notFound('Application')
  await auditApplication(call, row, 'destroyed', `Removed OAuth application ${row.name}, and all that it held`)
  return noContent
}

export const renew = async (call: Call, row: ApplicationRow): Promise<Answer> => {
  const { secret, digest } = makeToken(secretPrefix)
  const renewed = await renewSecret(call.parts.store, row.id, digest, call.now)
  if (renewed === undefined) throw notFound('Application')
  await auditApplication(call, row, 'secret_renewed', `Renewed the secret of OAuth application ${row.name}`)
  return ok(newApplicationShape(renewed, secret))
}
