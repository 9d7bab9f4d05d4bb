import type { NamespaceId, ProjectId } from '../../src/core/ids.ts'
import { abilitiesForScopes } from '../../src/core/scope.ts'
import { anonymous, byDeployToken, byKey, byUser, type Case, pull, pushSome, userWith, writing } from './case.ts'

const admin = byUser(userWith({ isAdmin: true }))
const external = byUser(userWith({ isExternal: true }))
const pullOnly = byUser(userWith(), abilitiesForScopes(['read_repository']))
const useless = byUser(userWith(), abilitiesForScopes(['read_user']))
const repositoryReader = abilitiesForScopes(['read_repository'])
const ownToken = byDeployToken({ kind: 'project', id: 3 as ProjectId }, repositoryReader)
const groupToken = byDeployToken({ kind: 'group', id: 1 as NamespaceId }, repositoryReader)
const attached = { key: { attached: true, canPush: false } }

/** Who may see, fetch and push at all, before any ref is looked at (GitLab `lib/gitlab/git_access.rb`). */
export const projectCases: Readonly<Record<string, readonly Case[]>> = {
  visibility: [
    {
      is: 'anonymous pulls a public project',
      who: anonymous,
      project: { visibility: 'public' },
      action: pull,
      gives: 'upload-pack',
    },
    {
      is: 'anonymous pushes to a public project',
      who: anonymous,
      project: { visibility: 'public' },
      action: pushSome,
      gives: 'ability_missing_push',
    },
    {
      is: 'anonymous pulls an internal project',
      who: anonymous,
      project: { visibility: 'internal' },
      action: pull,
      gives: 'project_invisible',
    },
    { is: 'anonymous pulls a private project', who: anonymous, action: pull, gives: 'project_invisible' },
    { is: 'a stranger pulls an internal project', project: { visibility: 'internal' }, action: pull, gives: 'upload-pack' },
    {
      is: 'an external stranger pulls an internal project',
      who: external,
      project: { visibility: 'internal' },
      action: pull,
      gives: 'project_invisible',
    },
    {
      is: 'an external member pulls an internal project',
      who: external,
      role: 20,
      project: { visibility: 'internal' },
      action: pull,
      gives: 'upload-pack',
    },
    {
      is: 'an external stranger pulls a public project',
      who: external,
      project: { visibility: 'public' },
      action: pull,
      gives: 'upload-pack',
    },
    { is: 'a stranger pulls a private project', action: pull, gives: 'project_invisible' },
    { is: 'a stranger pushes to a public project', project: { visibility: 'public' }, action: pushSome, gives: 'push_denied' },
    { is: 'an administrator pulls a private project', who: admin, action: pull, gives: 'upload-pack' },
    { is: 'an administrator pushes to a private project', who: admin, action: pushSome, gives: 'advertise-push' },
  ],
  roles: [
    { is: 'Minimal access sees nothing', role: 5, action: pull, gives: 'project_invisible' },
    { is: 'a Guest pulls a private project', role: 10, action: pull, gives: 'download_denied' },
    { is: 'a Planner pulls a private project', role: 15, action: pull, gives: 'download_denied' },
    {
      is: 'a Guest pulls an internal project',
      role: 10,
      project: { visibility: 'internal' },
      action: pull,
      gives: 'upload-pack',
    },
    { is: 'a Reporter pulls', role: 20, action: pull, gives: 'upload-pack' },
    { is: 'a Reporter pushes', role: 20, action: pushSome, gives: 'push_denied' },
    { is: 'a Developer pushes', role: 30, action: pushSome, gives: 'advertise-push' },
    { is: 'a Maintainer pushes', role: 40, action: pushSome, gives: 'advertise-push' },
  ],
  'repository for members only, or off': [
    {
      is: 'anonymous, members only',
      who: anonymous,
      project: { visibility: 'public', repositoryAccess: 'private' },
      action: pull,
      gives: 'download_denied',
    },
    {
      is: 'a stranger, members only',
      project: { visibility: 'public', repositoryAccess: 'private' },
      action: pull,
      gives: 'download_denied',
    },
    {
      is: 'a Guest, members only',
      role: 10,
      project: { visibility: 'public', repositoryAccess: 'private' },
      action: pull,
      gives: 'upload-pack',
    },
    {
      is: 'a Reporter, members only',
      role: 20,
      project: { visibility: 'public', repositoryAccess: 'private' },
      action: pull,
      gives: 'upload-pack',
    },
    {
      is: 'an attached key, members only',
      who: byKey(),
      facts: attached,
      project: { repositoryAccess: 'private' },
      action: pull,
      gives: 'upload-pack',
    },
    { is: 'an Owner, off', role: 50, project: { repositoryAccess: 'disabled' }, action: pull, gives: 'download_denied' },
    {
      is: 'an administrator, off',
      who: admin,
      project: { repositoryAccess: 'disabled' },
      action: pull,
      gives: 'download_denied',
    },
    { is: 'an Owner pushes, off', role: 50, project: { repositoryAccess: 'disabled' }, action: pushSome, gives: 'push_denied' },
    {
      is: 'an attached key, off',
      who: byKey(),
      facts: attached,
      project: { repositoryAccess: 'disabled' },
      action: pull,
      gives: 'download_denied',
    },
  ],
  'abilities come before the project': [
    { is: 'a pull-only token pushes', who: pullOnly, role: 40, action: pushSome, gives: 'ability_missing_push' },
    {
      is: 'a pull-only token pushes to nothing',
      who: pullOnly,
      facts: { project: undefined },
      action: pushSome,
      gives: 'ability_missing_push',
    },
    {
      is: 'a token without a git scope pulls nothing',
      who: useless,
      facts: { project: undefined },
      action: pull,
      gives: 'ability_missing_download',
    },
    { is: 'a good token pulls nothing', facts: { project: undefined }, action: pull, gives: 'project_absent' },
    {
      is: 'a path without a namespace',
      facts: { project: undefined, creation: { kind: 'unparsable' } },
      action: pull,
      gives: 'namespace_unparsable',
    },
    { is: 'no repository on disk', role: 40, facts: { repositoryExists: false }, action: pull, gives: 'repository_absent' },
  ],
  'account states, in GitLab’s order': [
    { is: 'blocked', who: byUser(userWith({ state: 'blocked' })), role: 40, action: pull, gives: 'user_blocked' },
    { is: 'banned', who: byUser(userWith({ state: 'banned' })), role: 40, action: pull, gives: 'user_blocked' },
    {
      is: 'waiting for approval',
      who: byUser(userWith({ state: 'blocked_pending_approval' })),
      role: 40,
      action: pull,
      gives: 'user_pending_approval',
    },
    { is: 'deactivated', who: byUser(userWith({ state: 'deactivated' })), role: 40, action: pull, gives: 'user_deactivated' },
    {
      is: 'unconfirmed and blocked',
      who: byUser(userWith({ state: 'blocked', isConfirmed: false })),
      role: 40,
      action: pull,
      gives: 'user_unconfirmed',
    },
    {
      is: 'password expired',
      who: byUser(userWith({ passwordExpired: true })),
      role: 40,
      action: pull,
      gives: 'user_password_expired',
    },
    {
      is: 'the ghost',
      who: byUser(userWith({ kind: 'ghost', state: 'blocked' })),
      role: 40,
      action: pull,
      gives: 'user_internal',
    },
    {
      is: 'blocked, before abilities',
      who: byUser(userWith({ state: 'blocked' }), abilitiesForScopes([])),
      action: pull,
      gives: 'user_blocked',
    },
  ],
  archived: [
    { is: 'a Maintainer pulls', role: 40, project: { archived: true }, action: pull, gives: 'upload-pack' },
    { is: 'a Maintainer pushes', role: 40, project: { archived: true }, action: pushSome, gives: 'project_archived' },
    {
      is: 'a stranger pushes to a public one',
      project: { archived: true, visibility: 'public' },
      action: pushSome,
      gives: 'project_archived',
    },
    {
      is: 'a writing key pushes',
      who: byKey(),
      facts: writing,
      project: { archived: true },
      action: pushSome,
      gives: 'project_archived',
    },
  ],
  'deploy tokens': [
    { is: 'pulls its project', who: ownToken, action: pull, gives: 'upload-pack' },
    { is: 'of a group above pulls', who: groupToken, action: pull, gives: 'upload-pack' },
    {
      is: 'of another group',
      who: byDeployToken({ kind: 'group', id: 9 as NamespaceId }, repositoryReader),
      action: pull,
      gives: 'project_invisible',
    },
    { is: 'pushes', who: ownToken, action: pushSome, gives: 'ability_missing_push' },
    {
      is: 'pushes by some ability',
      who: byDeployToken({ kind: 'project', id: 3 as ProjectId }, abilitiesForScopes(['write_repository'])),
      action: pushSome,
      gives: 'actor_cannot_upload',
    },
    {
      is: 'for the registry only pulls',
      who: byDeployToken({ kind: 'project', id: 3 as ProjectId }, abilitiesForScopes(['read_registry'])),
      action: pull,
      gives: 'ability_missing_download',
    },
  ],
  'deploy keys': [
    { is: 'attached pulls', who: byKey(), facts: attached, action: pull, gives: 'upload-pack' },
    { is: 'not attached, private', who: byKey(), action: pull, gives: 'project_invisible' },
    { is: 'not attached, internal', who: byKey(), project: { visibility: 'internal' }, action: pull, gives: 'project_invisible' },
    { is: 'not attached, public, pulls', who: byKey(), project: { visibility: 'public' }, action: pull, gives: 'upload-pack' },
    {
      is: 'not attached, public, pushes',
      who: byKey(),
      project: { visibility: 'public' },
      action: pushSome,
      gives: 'key_read_only',
    },
    { is: 'attached read-only pushes', who: byKey(), facts: attached, action: pushSome, gives: 'key_read_only' },
    { is: 'attached read-write pushes', who: byKey(), facts: writing, action: pushSome, gives: 'advertise-push' },
    {
      is: 'of a blocked creator pulls',
      who: byKey(userWith({ state: 'blocked' })),
      facts: writing,
      action: pull,
      gives: 'user_blocked',
    },
    {
      is: 'of a blocked creator pushes',
      who: byKey(userWith({ state: 'blocked' })),
      facts: writing,
      action: pushSome,
      gives: 'user_blocked',
    },
  ],
  'push-to-create': [
    {
      is: 'where the user may create',
      facts: { project: undefined, creation: { kind: 'possible', namespaceId: 2 as NamespaceId, path: 'new-one' } },
      action: pushSome,
      gives: 'creation in 2 as new-one',
    },
    {
      is: 'a pull creates nothing',
      facts: { project: undefined, creation: { kind: 'possible', namespaceId: 2 as NamespaceId, path: 'new-one' } },
      action: pull,
      gives: 'project_absent',
    },
    {
      is: 'a bad name',
      facts: {
        project: undefined,
        creation: { kind: 'bad-name', message: 'Could not create project: Path new is a reserved name' },
      },
      action: pushSome,
      gives: 'project_not_creatable',
    },
    { is: 'where the user may not', facts: { project: undefined }, action: pushSome, gives: 'project_absent' },
    {
      is: 'a deploy key creates nothing',
      who: byKey(),
      facts: { project: undefined, creation: { kind: 'possible', namespaceId: 2 as NamespaceId, path: 'x' } },
      action: pushSome,
      gives: 'project_absent',
    },
  ],
}
