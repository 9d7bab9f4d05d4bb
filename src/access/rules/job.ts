import type { Principal, User } from '../../core/principal.ts'
import type { ProjectFacts } from '../../core/project.ts'
import type { Facts } from '../facts.ts'
import { anyoneDownloads, codeIsOpen, userDownloads, userPushes, userSees } from './visibility.ts'

type Job = Extract<Principal, { kind: 'job' }>

const isHome = ({ home }: Job, project: Pick<ProjectFacts, 'id'>): boolean => home.id === project.id

/** Whether a job comes with all that its user may do here: at home always, elsewhere where the project lets it in. */
export const isLetIn = (job: Job, project: Pick<ProjectFacts, 'id'>, facts: Pick<Facts, 'job'>): boolean =>
  isHome(job, project) || facts.job.listed

/** What is open to every user, whatever the role, to a job that is not let in. Nobody is an external user everywhere. */
const isOpenTo = (user: User, project: Pick<ProjectFacts, 'visibility'>): boolean => userSees(user, 0, project)

/** A job whose user is gone sees what nobody in particular sees (gitlab `project_policy.rb`, `project_allowed_for_job_token`). */
export const jobSees = (job: Job, project: ProjectFacts, facts: Pick<Facts, 'role' | 'job'>): boolean => {
  const { user } = job
  if (user === undefined) return project.visibility === 'public'
  return isLetIn(job, project, facts) ? userSees(user, facts.role, project) : isOpenTo(user, project)
}

/** `build_download_code`: as the job's user, or as everyone where the job is not let in and the code is open to all. */
export const jobDownloads = (job: Job, project: ProjectFacts, facts: Facts): boolean => {
  const { user } = job
  if (user === undefined) return anyoneDownloads(project)
  if (isLetIn(job, project, facts)) return userDownloads(user, facts.role, project)
  return codeIsOpen(project) && isOpenTo(user, project)
}

/** `build_push_code`: to the job's own project alone, where that lets its jobs push, and as the job's user. */
export const jobPushes = (job: Job, project: ProjectFacts, facts: Facts): boolean =>
  job.user !== undefined && isHome(job, project) && facts.job.pushes && userPushes(job.user, facts.role, project)
