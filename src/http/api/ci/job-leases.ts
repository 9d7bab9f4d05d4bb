import { z } from 'zod'
import { mayOnProject } from '../../../access/policy.ts'
import { inactiveReason } from '../../../access/rules/user-state.ts'
import type { JobId } from '../../../core/ids.ts'
import type { User } from '../../../core/principal.ts'
import { Secret } from '../../../core/secret.ts'
import { findRef } from '../../../pipelines/find-ref.ts'
import { refStanding, refusalToRun } from '../../../pipelines/permission.ts'
import { finishJob } from '../../../store/ci/finish.ts'
import type { JobRow } from '../../../store/ci/jobs.ts'
import { createLease, findLease, leasesOf, mostLeases } from '../../../store/ci/leases.ts'
import type { Project } from '../../../store/projects.ts'
import { toUser } from '../../../store/user-row.ts'
import { findUser } from '../../../store/users.ts'
import { makeToken } from '../../../tokens/make.ts'
import { type Answer, created, noContent } from '../answer.ts'
import { projectEntity } from '../audit-words.ts'
import { type Call, type Route, route } from '../call.ts'
import { requireUser } from '../caller.ts'
import { maybeMoment, momentWords, words } from '../entity-words.ts'
import { badRequest, forbidden, plainNotFound } from '../errors.ts'
import { filledText, numberIn, optional, text, whole } from '../input.ts'
import { paginate } from '../pagination.ts'
import { type ReachedProject, reachProject } from '../reach.ts'
import { jobEntity, shapeJob, shapeJobs } from './job-shape.ts'

const leaseEntity = jobEntity.extend({ deadline: maybeMoment }).meta({ id: 'JobLease' })
const newLeaseEntity = jobEntity.extend({ deadline: momentWords, token: words }).meta({ id: 'NewJobLease' })

/** A day. */
const mostSeconds = 86_400

const input = z.object({
  ref: filledText(),
  seconds: whole(),
  user: optional(text()),
  name: optional(text()),
})

const tell = (call: Call, project: Project, lease: JobRow, done: 'created' | 'ended'): void =>
  call.audit({
    name: `job_lease_${done}`,
    entity: projectEntity(project),
    target: { type: 'Ci::Build', id: lease.id, details: lease.name },
    message: `Job lease ${lease.id} was ${done}`,
  })

/** Whose rights the lease has: the caller's. Administrators alone lease for others, as they alone impersonate them. */
const holder = async (call: Call, named: string | undefined): Promise<User> => {
  const { user, isAdmin } = requireUser(call.caller)
  if (named === undefined) return user
  const account = await findUser(call.parts.store.read, named)
  if (account?.id === user.id) return user
  if (!isAdmin) throw forbidden('Only administrators may lease a job for another user')
  if (account === undefined) throw plainNotFound('404 User Not Found')
  const found = toUser(account, call.now)
  if (inactiveReason(found) !== undefined) throw badRequest('The user may do nothing at present')
  return found
}

/** Throws 403 where the user could run no pipeline on the ref, and 400 where there is none of that name. */
const placeOf = async (call: Call, { project }: ReachedProject, user: User, name: string) => {
  const found = await findRef(call.parts, project.id, name)
  const ref = found?.ref ?? { name, tag: false }
  const refusal = await refusalToRun(call.parts, { project, user, ref }, call.now)
  if (refusal !== undefined) throw forbidden(refusal)
  if (found === undefined) throw badRequest('Reference not found')
  const standing = await refStanding(call.parts.store.read, { project, user, ref }, call.now)
  return { ...found, protected: standing.protected }
}

const create = async (call: Call): Promise<Answer> => {
  const reached = await reachProject(call, 'run_pipelines')
  const { seconds, name = 'lease', ...asked } = call.read(input)
  if (seconds < 1 || seconds > mostSeconds) throw badRequest(`seconds must be between 1 and ${mostSeconds}`)
  const { project } = reached
  const user = await holder(call, asked.user)
  const { ref, id, protected: isProtected } = await placeOf(call, reached, user, asked.ref)
  const { digest, secret } = makeToken('glcbt-64_')
  const lease = {
    project: project.id,
    user: user.id,
    name,
    ref: ref.name,
    tag: ref.tag ? 1 : 0,
    sha: id,
    protected: isProtected ? 1 : 0,
    seconds,
    digest,
  } as const
  const { store } = call.parts
  const row = await store.write.transaction().execute((transaction) => createLease(transaction, lease, call.now))
  if (row === 'full') throw badRequest(`No more than ${mostLeases} leases of a project run at once`)
  tell(call, project, row, 'created')
  return created({ ...(await shapeJob(call, project, row)), deadline: row.deadline, token: Secret.open(secret) })
}

const list = async (call: Call): Promise<Answer> => {
  const { project } = await reachProject(call, 'run_pipelines')
  const query = leasesOf(call.parts.store.read, project.id).orderBy('id', 'desc')
  return paginate(call, query, async (rows) => {
    const shapes = await shapeJobs(call, project, rows)
    return shapes.map((shape, at) => ({ ...shape, deadline: rows[at]?.deadline ?? null }))
  })
}

/** One's own, or as a Maintainer. One that is over stays over. */
const end = async (call: Call): Promise<Answer> => {
  const { project, standing } = await reachProject(call)
  const id = numberIn(call.word('job_id'), 'job_id') as JobId
  const isOwn = (lease: JobRow): boolean => lease.user_id === requireUser(call.caller).user.id
  const lease = await findLease(call.parts.store.read, project.id, id)
  const isMaintainer = mayOnProject('admin_project', standing, project)
  if (lease === undefined) throw plainNotFound('404 Not found')
  if (!isMaintainer && !isOwn(lease)) throw forbidden()
  const ended = await call.parts.store.write
    .transaction()
    .execute((transaction) => finishJob(transaction, id, { status: 'success' }, call.now))
  if (ended) tell(call, project, lease, 'ended')
  return noContent
}

const at = '/projects/:id/sallyport/job_leases'

/** Job tokens for CI systems that are no runner of ours. GitLab has nothing of the kind. */
export const jobLeaseRoutes: readonly Route[] = [
  route('GET', at, { summary: 'List job leases', output: leaseEntity, paged: true, handler: list }),
  route('POST', at, { summary: 'Lease a job token', input: [input], output: newLeaseEntity, handler: create }),
  route('DELETE', `${at}/:job_id`, { summary: 'End a job lease', handler: end }),
]
