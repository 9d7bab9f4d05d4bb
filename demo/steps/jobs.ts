import { clone, type Group, push } from './step.ts'

const project = 'castle/built'
const notLetIn = 'Authentication by CI/CD job token not allowed from built'

export const jobTokens: Group = {
  title: 'Job token',
  about: 'While the job runs: the rights of whoever began it, in its own project and where another one lists it.',
  steps: [
    { shows: 'job token', does: clone(project), gives: 'allowed' },
    { shows: 'job token', does: clone('castle/library'), gives: 'allowed' },
    { shows: 'job token', does: clone('castle/private'), gives: 'job_token_not_listed', says: notLetIn },
    { shows: 'job token', does: push(project), gives: 'push_denied' },
    { shows: 'ended job token', does: clone(project), gives: 'job_not_running' },
    { shows: 'lease', does: clone(project), gives: 'allowed' },
    { shows: 'ended lease', does: clone(project), gives: 'job_not_running' },
  ],
}
