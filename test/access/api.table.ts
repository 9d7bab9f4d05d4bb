import { abilitiesForScopes } from '../../src/core/scope.ts'
import {
  anonymous,
  branchRule,
  byUser,
  type Case,
  change,
  create,
  inspect,
  newId,
  on,
  remove,
  role,
  tagRule,
  update,
  userWith,
} from './case.ts'

const admin = byUser(userWith({ isAdmin: true }))
const reader = byUser(userWith(), abilitiesForScopes(['read_api']))
const guarded = on(
  branchRule('main', [role('push', 40), role('merge', 30)]),
  branchRule('safe/*', [role('push', 40), role('merge', 30)]),
)
const tags = (level: 0 | 30 | 40) => on(tagRule('v*', [role('create', level)]))
const made = create('refs/heads/safe/new')
const gone = remove('refs/heads/safe/old')
const tag = remove('refs/tags/v1')

/** What the API asks of a repository: the same rules, and what GitLab lets be done there and by no push. */
export const apiCases: Readonly<Record<string, readonly Case[]>> = {
  'reading through the API': [
    { is: 'a private project', role: 20, action: inspect, gives: 'inspect' },
    { is: 'a private project', role: 10, action: inspect, gives: 'download_denied' },
    { is: 'a private project', role: 0, action: inspect, gives: 'project_invisible' },
    { is: 'a public project', who: anonymous, project: { visibility: 'public' }, action: inspect, gives: 'inspect' },
    {
      is: 'a public project with code for members',
      who: anonymous,
      project: { visibility: 'public', repositoryAccess: 'private' },
      action: inspect,
      gives: 'download_denied',
    },
    {
      is: 'a repository that is switched off',
      role: 50,
      project: { repositoryAccess: 'disabled' },
      action: inspect,
      gives: 'download_denied',
    },
    { is: 'an archived project', role: 20, project: { archived: true }, action: inspect, gives: 'inspect' },
    { is: 'with a token that only reads', who: reader, role: 20, action: inspect, gives: 'inspect' },
    { is: 'where git comes by SSH only', role: 20, facts: { onlyProtocol: 'ssh' }, action: inspect, gives: 'inspect' },
    {
      is: 'a repository that is not there',
      role: 50,
      facts: { repositoryExists: false },
      action: inspect,
      gives: 'repository_absent',
    },
    { is: 'a project that is not there', who: admin, facts: { project: undefined }, action: inspect, gives: 'project_absent' },
  ],
  'changing refs through the API': [
    { is: 'a branch is made', role: 30, action: change(create('refs/heads/x')), gives: 'change-refs' },
    { is: 'a branch is made', role: 20, action: change(create('refs/heads/x')), gives: 'push_denied' },
    {
      is: 'a branch is made',
      who: anonymous,
      project: { visibility: 'public' },
      action: change(create('refs/heads/x')),
      gives: 'ability_missing_push',
    },
    {
      is: 'with a token that only reads',
      who: reader,
      role: 50,
      action: change(create('refs/heads/x')),
      gives: 'ability_missing_push',
    },
    {
      is: 'in an archived project',
      role: 50,
      project: { archived: true },
      action: change(create('refs/heads/x')),
      gives: 'project_archived',
    },
    {
      is: 'no project is made by the way',
      role: 0,
      facts: { project: undefined, creation: { kind: 'possible', namespaceId: 1 as never, path: 'x' } },
      action: change(create('refs/heads/x')),
      gives: 'project_absent',
    },
    { is: 'a protected branch, by who may push to it', role: 40, facts: guarded, action: change(made), gives: 'change-refs' },
    {
      is: 'a protected branch, by who may merge into it, from the tip of one',
      role: 30,
      facts: { ...guarded, protectedTips: new Set([newId]) },
      action: change(made),
      gives: 'change-refs',
    },
    {
      is: 'a protected branch, by who may merge into it, from elsewhere',
      role: 30,
      facts: guarded,
      action: change(made),
      gives: 'branch_creation_basis',
    },
    {
      is: 'a protected branch, by who may neither',
      role: 30,
      facts: on(branchRule('safe/*', [role('push', 40), role('merge', 40)])),
      action: change(made),
      gives: 'branch_creation_denied',
    },
    { is: 'a protected branch is deleted', role: 40, facts: guarded, action: change(gone), gives: 'change-refs' },
    { is: 'a protected branch is deleted', who: admin, facts: guarded, action: change(gone), gives: 'change-refs' },
    { is: 'a protected branch is deleted', role: 30, facts: guarded, action: change(gone), gives: 'branch_deletion_denied' },
    {
      is: 'the default branch is deleted',
      who: admin,
      role: 50,
      facts: guarded,
      action: change(remove('refs/heads/main')),
      gives: 'default_branch_deletion',
    },
    {
      is: 'of several the first that is declined declines all',
      role: 30,
      facts: guarded,
      action: change(create('refs/heads/x'), gone),
      gives: 'branch_deletion_denied',
    },
    { is: 'a protected tag is made', role: 40, facts: tags(40), action: change(create('refs/tags/v1')), gives: 'change-refs' },
    {
      is: 'a protected tag is made',
      role: 30,
      facts: tags(40),
      action: change(create('refs/tags/v1')),
      gives: 'protected_tag_creation_denied',
    },
    { is: 'a protected tag is deleted', role: 40, facts: tags(40), action: change(tag), gives: 'change-refs' },
    { is: 'a protected tag is deleted', role: 30, facts: tags(30), action: change(tag), gives: 'protected_tag_deletion_denied' },
    {
      is: 'a protected tag that nobody may make is deleted',
      role: 50,
      facts: tags(0),
      action: change(tag),
      gives: 'protected_tag_creation_denied',
    },
    {
      is: 'the first branch of a project that has only tags, preset 2',
      role: 30,
      project: { defaultBranch: undefined },
      action: change(create('refs/heads/main')),
      gives: 'default_branch_missing',
    },
    {
      is: 'the same',
      role: 40,
      project: { defaultBranch: undefined },
      action: change(create('refs/heads/main')),
      gives: 'change-refs',
    },
  ],
}

/** The API never moves a ref; asking for it is a fault. */
export const moving = change(update('refs/heads/x'))
