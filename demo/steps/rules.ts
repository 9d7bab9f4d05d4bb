import { clone, type Group, push } from './step.ts'

const project = 'castle/private'
const asksForName = 'could not read Username'

export const visibility: Group = {
  title: 'Nobody and strangers',
  about: 'What you may not see does not exist for you. Whoever shows nothing is asked who they are.',
  steps: [
    { shows: 'nothing', does: clone('castle/public'), gives: 'allowed' },
    { shows: 'nothing', does: push('castle/public'), gives: 'ability_missing_push', says: asksForName },
    { shows: 'nothing', does: clone(project), gives: 'project_invisible', says: asksForName },
    { shows: 'stranger', does: clone('castle/internal'), gives: 'allowed' },
    { shows: 'stranger', does: clone(project), gives: 'project_invisible' },
    { shows: 'stranger', does: push('castle/public'), gives: 'push_denied' },
  ],
}

export const roles: Group = {
  title: 'Roles',
  about: 'Members of a private project: Reporters read, Developers write, Maintainers write where it is protected.',
  steps: [
    { shows: 'guest', does: clone(project), gives: 'download_denied' },
    { shows: 'reporter', does: clone(project), gives: 'allowed' },
    { shows: 'reporter', does: push(project), gives: 'push_denied' },
    { shows: 'developer', does: push(project), gives: 'allowed' },
    { shows: 'developer', does: push(project, 'ahead:main', `push main of ${project}`), gives: 'branch_push_denied' },
    { shows: 'maintainer', does: push(project, 'ahead:main', `push main of ${project}`), gives: 'allowed' },
  ],
}

export const protection: Group = {
  title: 'Protected branches and tags',
  about: 'They hold for everyone, Owners too: main is protected, and so are tags that match v*.',
  steps: [
    {
      shows: 'maintainer',
      does: push(project, '+aside:main', `force-push main of ${project}`),
      gives: 'branch_force_push',
    },
    { shows: 'owner', does: push(project, ':main', `delete main of ${project}`), gives: 'default_branch_deletion' },
    {
      shows: 'developer',
      does: push(project, 'ahead:refs/tags/v2', `push tag v2 to ${project}`),
      gives: 'protected_tag_creation_denied',
    },
    { shows: 'maintainer', does: push(project, 'ahead:refs/tags/v2', `push tag v2 to ${project}`), gives: 'allowed' },
    { shows: 'owner', does: push(project, '+ahead:refs/tags/v1', `move tag v1 of ${project}`), gives: 'protected_tag_update' },
  ],
}

export const ban: Group = {
  title: 'Guessing',
  about: 'Ten wrong credentials in a minute, and an address is shut out of git for an hour, with right ones too. Others are not.',
  steps: [
    { shows: 'guesser', does: clone(project), gives: 'address_banned', says: 'Forbidden' },
    { shows: 'developer', does: clone(project), gives: 'allowed' },
  ],
}

export const paths: Group = {
  title: 'Archived, renamed, not there yet',
  about: 'An archive only reads, an old path still leads home, and a push to a free path makes a private project.',
  steps: [
    { shows: 'developer', does: clone('castle/archived'), gives: 'allowed' },
    { shows: 'maintainer', does: push('castle/archived'), gives: 'project_archived' },
    { shows: 'developer', does: clone('castle/old-name'), gives: 'allowed' },
    {
      shows: 'developer',
      does: push('castle/old-name'),
      gives: 'allowed',
      says: "Project 'castle/old-name' was moved to 'castle/new-name'.",
    },
    { shows: 'developer', does: push('developer/brand-new', 'ahead:main'), gives: 'allowed' },
    { shows: 'developer', does: clone('developer/brand-new'), gives: 'allowed' },
    { shows: 'stranger', does: push('castle/brand-new', 'ahead:main'), gives: 'project_absent' },
  ],
}
