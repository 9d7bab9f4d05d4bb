import { clone, type Group, push } from './step.ts'

const project = 'castle/private'
const notLoggedIn = 'Permission denied (publickey)'

export const userKeys: Group = {
  title: 'SSH key of a user',
  about: 'The key says who is there; the login name is always git.',
  steps: [
    { shows: 'ed25519', does: clone(project), gives: 'allowed' },
    { shows: 'ed25519', does: push(project), gives: 'allowed' },
    { shows: 'rsa', does: push(project), gives: 'allowed' },
    { shows: 'signing key', does: clone(project), gives: 'key_unknown', says: notLoggedIn },
    { shows: 'expired key', does: clone(project), gives: 'key_expired' },
    { shows: 'unknown key', does: clone(project), gives: 'key_unknown', says: notLoggedIn },
    { shows: 'blocked key', does: clone(project), gives: 'user_blocked' },
  ],
}

const toMain = push(project, 'ahead:main', `push main of ${project}`)

export const deployKeys: Group = {
  title: 'Deploy key',
  about: 'Belongs to projects and writes only where each of them lets it. It pushes as whoever added it.',
  steps: [
    { shows: 'reading key', does: clone(project), gives: 'allowed' },
    { shows: 'reading key', does: push(project), gives: 'key_read_only' },
    { shows: 'writing key', does: push(project), gives: 'allowed' },
    { shows: 'writing key', does: clone('castle/internal'), gives: 'project_invisible' },
    { shows: 'shared key', does: push(project), gives: 'allowed' },
    { shows: 'shared key', does: push('castle/internal'), gives: 'key_read_only' },
    { shows: 'key of a guest', does: push(project), gives: 'allowed' },
    { shows: 'key of a guest', does: toMain, gives: 'branch_push_denied' },
    { shows: 'key of one who left', does: clone(project), gives: 'allowed' },
    { shows: 'key of one who left', does: push(project), gives: 'ref_push_denied' },
  ],
}
