import { clone, type Group, push } from './step.ts'

const project = 'castle/private'

export const passwords: Group = {
  title: 'Password',
  about: 'Good for git as long as its owner may log in. Git is never told which part was wrong.',
  steps: [
    { shows: 'password', does: clone(project), gives: 'allowed' },
    { shows: 'password', does: push(project), gives: 'allowed' },
    { shows: 'wrong password', does: clone(project), gives: 'password_wrong' },
    { shows: 'blocked password', does: clone(project), gives: 'user_cannot_log_in' },
  ],
}

export const personalTokens: Group = {
  title: 'Personal access token',
  about: 'The user name beside it is ignored. Its scopes bound what its owner may do anyway.',
  steps: [
    { shows: 'api', does: clone(project), gives: 'allowed' },
    { shows: 'other name', does: push(project), gives: 'allowed' },
    { shows: 'read_repository', does: clone(project), gives: 'allowed' },
    { shows: 'read_repository', does: push(project), gives: 'ability_missing_push' },
    { shows: 'read_user', does: clone(project), gives: 'ability_missing_download' },
    { shows: 'expired', does: clone(project), gives: 'token_expired' },
    { shows: 'revoked', does: clone(project), gives: 'token_revoked' },
    { shows: 'mistyped', does: clone(project), gives: 'credential_unknown' },
    { shows: 'impersonation', does: clone(project), gives: 'allowed' },
    { shows: 'impersonation', does: push(project), gives: 'allowed' },
  ],
}
