import { clone, type Group, push } from './step.ts'

const project = 'castle/private'
const elsewhere = 'other/vault'

export const bots: Group = {
  title: 'Project and group access tokens',
  about: 'Each has a bot behind it, a member of that project or group. Elsewhere it is as good as unknown.',
  steps: [
    { shows: 'project token', does: clone(project), gives: 'allowed' },
    { shows: 'project token', does: push(project), gives: 'allowed' },
    { shows: 'project token', does: clone(elsewhere), gives: 'out_of_reach' },
    { shows: 'group token', does: clone(project), gives: 'allowed' },
    { shows: 'group token', does: push('castle/internal'), gives: 'allowed' },
    { shows: 'group token', does: clone(elsewhere), gives: 'out_of_reach' },
  ],
}

export const deployTokens: Group = {
  title: 'Deploy token',
  about: 'Reads one project, or all of a group. Unlike other tokens it comes with a user name of its own.',
  steps: [
    { shows: 'project deploy token', does: clone(project), gives: 'allowed' },
    { shows: 'project deploy token', does: push(project), gives: 'ability_missing_push' },
    { shows: 'misnamed deploy token', does: clone(project), gives: 'username_mismatch' },
    { shows: 'project deploy token', does: clone('castle/internal'), gives: 'out_of_reach' },
    { shows: 'group deploy token', does: clone('castle/internal'), gives: 'allowed' },
    { shows: 'group deploy token', does: clone(elsewhere), gives: 'out_of_reach' },
  ],
}
