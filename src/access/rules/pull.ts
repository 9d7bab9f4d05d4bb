import type { Principal } from '../../core/principal.ts'
import type { ProjectFacts } from '../../core/project.ts'
import type { Facts } from '../facts.ts'
import { jobDownloads, jobSees } from './job.ts'
import { trustedDownloads } from './trusted.ts'
import { anyoneDownloads, tokenReaches, userDownloads, userSees } from './visibility.ts'

/** Whether the principal may know that the project exists. */
export const sees = (principal: Principal, project: ProjectFacts, facts: Pick<Facts, 'role' | 'key' | 'job'>): boolean => {
  switch (principal.kind) {
    case 'anonymous':
      return project.visibility === 'public'
    case 'user':
      return userSees(principal.user, facts.role, project)
    case 'deploy-token':
    case 'trusted':
      return tokenReaches(principal.home, project)
    case 'deploy-key':
      return facts.key.attached || project.visibility === 'public'
    case 'job':
      return jobSees(principal, project, facts)
  }
}

/** Whether the principal may read the project's code (gitlab `git_access.rb`, `check_download_access!`). */
export const downloads = (principal: Principal, project: ProjectFacts, facts: Facts): boolean => {
  if (project.repositoryAccess === 'disabled') return false
  switch (principal.kind) {
    case 'anonymous':
      return anyoneDownloads(project)
    case 'user':
      return userDownloads(principal.user, facts.role, project)
    case 'deploy-token':
      return tokenReaches(principal.home, project)
    case 'deploy-key':
      return facts.key.attached || anyoneDownloads(project)
    case 'job':
      return jobDownloads(principal, project, facts)
    case 'trusted':
      return trustedDownloads(facts.role, project)
  }
}
