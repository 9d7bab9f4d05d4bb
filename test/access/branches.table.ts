import type { NamespaceId, UserId } from '../../src/core/ids.ts'
import { branchRule, byKey, byUser, type Case, create, newId, on, push, remove, role, update, userWith, writing } from './case.ts'

const admin = byUser(userWith({ isAdmin: true }))
const main = update('refs/heads/main')
const maintainers = branchRule('main', [role('push', 40), role('merge', 40)])
const nobody = branchRule('main', [role('push', 0), role('merge', 0)])
const empty = { defaultBranch: undefined }

const passes = 'receive-pack + fast-forward'
/** Nothing but git knows whether it is forced, which GitLab asks first; it is declined in any case. */
const declinedByRole = 'quarantine + fast-forward + decline'

/** What may be done to branches (GitLab `lib/gitlab/checks/branch_check.rb`). */
export const branchCases: Readonly<Record<string, readonly Case[]>> = {
  'unprotected branches': [
    { is: 'a Developer updates', role: 30, action: push(update('refs/heads/topic')), gives: 'receive-pack' },
    { is: 'a Developer deletes', role: 30, action: push(remove('refs/heads/topic')), gives: 'receive-pack' },
    { is: 'a Developer creates', role: 30, action: push(create('refs/heads/topic')), gives: 'receive-pack' },
    {
      is: 'other refs ask for the push right alone',
      role: 30,
      action: push(create('refs/notes/commits')),
      gives: 'receive-pack',
    },
  ],
  'protected branches: levels': [
    { is: 'Developer on Maintainers', role: 30, facts: on(maintainers), action: push(main), gives: declinedByRole },
    { is: 'Maintainer on Maintainers', role: 40, facts: on(maintainers), action: push(main), gives: passes },
    { is: 'Owner on Maintainers', role: 50, facts: on(maintainers), action: push(main), gives: passes },
    {
      is: 'Developer on Developers',
      role: 30,
      facts: on(branchRule('main', [role('push', 30)])),
      action: push(main),
      gives: passes,
    },
    { is: 'Owner on No one', role: 50, facts: on(nobody), action: push(main), gives: declinedByRole },
    { is: 'administrator on No one', who: admin, role: 50, facts: on(nobody), action: push(main), gives: declinedByRole },
    {
      is: 'administrator who is a Guest on Maintainers',
      who: admin,
      role: 10,
      facts: on(maintainers),
      action: push(main),
      gives: declinedByRole,
    },
    {
      is: 'administrator on Administrators',
      who: admin,
      facts: on(branchRule('main', [role('push', 60)])),
      action: push(main),
      gives: passes,
    },
    {
      is: 'Owner on Administrators',
      role: 50,
      facts: on(branchRule('main', [role('push', 60)])),
      action: push(main),
      gives: declinedByRole,
    },
    {
      is: 'a user row names the user',
      role: 30,
      facts: on(branchRule('main', [{ kind: 'user', action: 'push', userId: 7 as UserId }])),
      action: push(main),
      gives: passes,
    },
    {
      is: 'a user row names another',
      role: 30,
      facts: on(branchRule('main', [{ kind: 'user', action: 'push', userId: 8 as UserId }])),
      action: push(main),
      gives: declinedByRole,
    },
    {
      is: 'a group row holds the user',
      role: 30,
      facts: on(branchRule('main', [{ kind: 'group', action: 'push', groupId: 1 as NamespaceId, memberIds: [7 as UserId] }])),
      action: push(main),
      gives: passes,
    },
    {
      is: 'a merge row is no push row',
      role: 40,
      facts: on(branchRule('main', [role('push', 0), role('merge', 40)])),
      action: push(main),
      gives: declinedByRole,
    },
  ],
  'protected branches: several rules and wildcards': [
    {
      is: 'a wildcard matches',
      role: 30,
      facts: on(branchRule('release/*', [role('push', 40)])),
      action: push(update('refs/heads/release/1')),
      gives: declinedByRole,
    },
    {
      is: 'a wildcard does not match',
      role: 30,
      facts: on(branchRule('release/*', [role('push', 40)])),
      action: push(update('refs/heads/releases')),
      gives: 'receive-pack',
    },
    {
      is: 'the most permissive row wins',
      role: 30,
      facts: on(nobody, branchRule('m*', [role('push', 30)])),
      action: push(main),
      gives: passes,
    },
    {
      is: 'any rule may allow force',
      role: 30,
      facts: on(branchRule('main', [role('push', 30)]), branchRule('m*', [role('push', 0)], true)),
      action: push(main),
      gives: 'receive-pack',
    },
    {
      is: 'force allowed, role missing',
      role: 30,
      facts: on(branchRule('main', [role('push', 40)], true)),
      action: push(main),
      gives: 'branch_push_denied',
    },
  ],
  'making branches': [
    {
      is: 'a protected one, by who may push',
      role: 40,
      facts: on(branchRule('*', [role('push', 40)])),
      action: push(create('refs/heads/new')),
      gives: 'receive-pack',
    },
    {
      is: 'a protected one, without push or merge',
      role: 30,
      facts: on(branchRule('*', [role('push', 40), role('merge', 40)])),
      action: push(create('refs/heads/new')),
      gives: 'branch_creation_denied',
    },
    {
      is: 'with merge, from an unprotected base',
      role: 30,
      facts: on(branchRule('*', [role('push', 40), role('merge', 30)])),
      action: push(create('refs/heads/new')),
      gives: 'branch_creation_basis',
    },
    {
      is: 'with merge, from a protected base',
      role: 30,
      facts: { ...on(branchRule('*', [role('push', 40), role('merge', 30)])), protectedTips: new Set([newId]) },
      action: push(create('refs/heads/new')),
      gives: 'branch_creation_web_only',
    },
    {
      is: 'named like an object',
      role: 40,
      action: push(create(`refs/heads/${'c'.repeat(40)}-x`)),
      gives: 'branch_name_is_object_id',
    },
    { is: 'with an invalid name', role: 40, action: push(create('refs/heads/a..b')), gives: 'branch_name_invalid' },
    {
      is: 'an object-like name may be deleted',
      role: 40,
      action: push(remove(`refs/heads/${'c'.repeat(40)}`)),
      gives: 'receive-pack',
    },
  ],
  'deleting branches': [
    {
      is: 'the default branch, by an Owner',
      role: 50,
      action: push(remove('refs/heads/main')),
      gives: 'default_branch_deletion',
    },
    {
      is: 'a protected one, by a Developer',
      role: 30,
      facts: on(branchRule('old', [role('push', 30)])),
      action: push(remove('refs/heads/old')),
      gives: 'branch_deletion_denied',
    },
    {
      is: 'a protected one, by a Maintainer',
      role: 40,
      facts: on(branchRule('old', [role('push', 30)])),
      action: push(remove('refs/heads/old')),
      gives: 'branch_deletion_web_only',
    },
    {
      is: 'a protected one, by an administrator',
      who: admin,
      facts: on(branchRule('old', [role('push', 30)])),
      action: push(remove('refs/heads/old')),
      gives: 'branch_deletion_web_only',
    },
  ],
  'the first push, by preset': [
    {
      is: '2 full: a Developer',
      role: 30,
      project: empty,
      action: push(create('refs/heads/main')),
      gives: 'default_branch_missing',
    },
    { is: '2 full: a Maintainer', role: 40, project: empty, action: push(create('refs/heads/main')), gives: 'receive-pack' },
    {
      is: '2 full: an administrator',
      who: admin,
      project: empty,
      action: push(create('refs/heads/main')),
      gives: 'receive-pack',
    },
    {
      is: '3 developers merge: a Developer',
      role: 30,
      project: { ...empty, protectionPreset: 3 },
      action: push(create('refs/heads/main')),
      gives: 'default_branch_missing',
    },
    {
      is: '0 none: a Developer',
      role: 30,
      project: { ...empty, protectionPreset: 0 },
      action: push(create('refs/heads/main')),
      gives: 'receive-pack',
    },
    {
      is: '1 developers push: a Developer',
      role: 30,
      project: { ...empty, protectionPreset: 1 },
      action: push(create('refs/heads/main')),
      gives: 'receive-pack',
    },
    {
      is: '4 initial push: a Developer',
      role: 30,
      project: { ...empty, protectionPreset: 4 },
      action: push(create('refs/heads/main')),
      gives: 'receive-pack',
    },
    {
      is: 'a key of a Guest',
      who: byKey(),
      role: 10,
      facts: writing,
      project: empty,
      action: push(create('refs/heads/main')),
      gives: 'default_branch_missing',
    },
  ],
  'the whole push falls with one ref': [
    {
      is: 'a bad one behind a good one',
      role: 40,
      action: push(update('refs/heads/topic'), remove('refs/heads/main')),
      gives: 'default_branch_deletion',
    },
    {
      is: 'a bad one behind a question of force',
      role: 40,
      facts: on(maintainers),
      action: push(main, remove('refs/heads/main')),
      gives: declinedByRole,
    },
    {
      is: 'a bad one before a question of force needs no git',
      role: 40,
      facts: on(maintainers),
      action: push(remove('refs/heads/main'), main),
      gives: 'default_branch_deletion',
    },
  ],
}
