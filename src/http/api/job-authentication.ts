import { accountSentence } from '../../access/refuse.ts'
import { inactiveReason } from '../../access/rules/user-state.ts'
import type { CredentialRef } from '../../core/credential.ts'
import { asJobUser } from '../../core/principal.ts'
import type { Secret } from '../../core/secret.ts'
import { jobByToken, jobHomeOf } from '../../store/ci/job-tokens.ts'
import type { JobRow } from '../../store/ci/jobs.ts'
import { readCiSettings } from '../../store/ci/settings.ts'
import { projectById } from '../../store/projects.ts'
import { toUser } from '../../store/user-row.ts'
import { userById } from '../../store/users.ts'
import type { JobCaller } from './caller.ts'
import { forbidden, unauthorized } from './errors.ts'
import type { ApiParts } from './parts.ts'
import type { Shown } from './presented.ts'
import { baseUrl } from './urls.ts'

/** The audit is told of a job's token that was used in vain. */
const tellRefused = (reason: string, job: JobRow, { address }: Shown, parts: ApiParts): void => {
  const credential: CredentialRef = { kind: 'job-token', id: job.id }
  parts.activity.refusals.refused({ door: 'api', reason, credential, push: false, address, at: parts.clock() })
}

const accountOf = async ({ user_id }: JobRow, { store }: ApiParts) =>
  user_id === null ? undefined : userById(store.read, user_id)

/**
 * The job whose token this is, while it runs (gitlab `Ci::AuthJobFinder`). Throws 401 where it does not, also where its
 * user is gone, and 403 where that may do nothing.
 */
export const jobCaller = async (secret: Secret, shown: Shown, parts: ApiParts): Promise<JobCaller> => {
  const { read } = parts.store
  const found = await jobByToken(read, secret, parts.clock())
  if (found === undefined) throw unauthorized('credential_unknown')
  const { job } = found
  if (found.kind === 'over') {
    tellRefused('job_not_running', job, shown, parts)
    throw unauthorized('job_not_running')
  }
  const [project, account] = [await projectById(read, job.project_id), await accountOf(job, parts)]
  if (project === undefined || account === undefined) throw unauthorized('job_without_user')
  if ((await readCiSettings(read, project.id)).jobs_enabled === 0) throw unauthorized('jobs_disabled')
  const user = toUser(account, parts.clock())
  const reason = inactiveReason(user)
  if (reason !== undefined) {
    tellRefused(reason, job, shown, parts)
    throw forbidden(accountSentence(reason, baseUrl(parts.settings)), reason)
  }
  return { kind: 'job', job, home: jobHomeOf(project), user: asJobUser(user), account }
}
