import type { NamespaceId, ProjectId, UserId } from '../../src/core/ids.ts'
import { abilitiesForScopes } from '../../src/core/scope.ts'
import {
  branchRule,
  type Case,
  create,
  keyRow,
  on,
  pull,
  push,
  pushSome,
  remove,
  role,
  tagRule,
  trusted,
  update,
} from './case.ts'

const topic = update('refs/heads/topic')
const main = update('refs/heads/main')
const maintainers = branchRule('main', [role('push', 40), role('merge', 40)])
const developers = branchRule('main', [role('push', 30)])
const reading = abilitiesForScopes(['read_repository'])
const everyRef = { refs: ['refs/*'] }

/** Somebody from outside in projects. The role comes from the trust (`roleOfTrusted`), so the column has it. */
export const trustedProjectCases: Readonly<Record<string, readonly Case[]>> = {
  'somebody from outside': [
    { is: 'a Reporter fetches', who: trusted({ role: 20 }, reading), role: 20, action: pull, gives: 'upload-pack' },
    { is: 'a Developer pushes', who: trusted(), role: 30, action: pushSome, gives: 'advertise-push' },
    { is: 'a Reporter pushes', who: trusted({ role: 20 }), role: 20, action: pushSome, gives: 'push_denied' },
    { is: 'without scope to push', who: trusted({}, reading), role: 30, action: pushSome, gives: 'ability_missing_push' },
    {
      is: 'without scope to fetch',
      who: trusted({}, abilitiesForScopes(['read_registry'])),
      role: 30,
      action: pull,
      gives: 'ability_missing_download',
    },
    {
      is: 'in a project of the group',
      who: trusted({ home: { kind: 'group', id: 1 as NamespaceId } }),
      role: 30,
      action: pull,
      gives: 'upload-pack',
    },
    {
      is: 'in another project',
      who: trusted({ home: { kind: 'project', id: 9 as ProjectId } }),
      action: pull,
      gives: 'project_invisible',
    },
    {
      is: 'in another public project',
      who: trusted({ home: { kind: 'project', id: 9 as ProjectId } }),
      project: { visibility: 'public' },
      action: pull,
      gives: 'project_invisible',
    },
    {
      is: 'an archived project',
      who: trusted(),
      role: 30,
      project: { archived: true },
      action: pushSome,
      gives: 'project_archived',
    },
    {
      is: 'a repository that is off',
      who: trusted(),
      role: 30,
      project: { repositoryAccess: 'disabled' },
      action: pull,
      gives: 'download_denied',
    },
    { is: 'where no project is', who: trusted(), facts: { project: undefined }, action: pushSome, gives: 'project_absent' },
    {
      is: 'where a project could be made',
      who: trusted(),
      facts: { project: undefined, creation: { kind: 'possible', namespaceId: 1 as NamespaceId, path: 'new' } },
      action: pushSome,
      gives: 'project_absent',
    },
    { is: 'HTTP is closed', who: trusted(), role: 30, facts: { onlyProtocol: 'ssh' }, action: pull, gives: 'protocol_disabled' },
    {
      is: 'SSH is closed to a certificate',
      who: { ...trusted(), credential: { kind: 'trust-certificate', id: 8 } },
      role: 30,
      facts: { onlyProtocol: 'http' },
      action: pull,
      gives: 'protocol_disabled',
    },
  ],
}

/** Which refs a trust lets be pushed; rules of branches and tags hold besides, and name nobody from outside. */
export const trustedRefCases: Readonly<Record<string, readonly Case[]>> = {
  'somebody from outside on refs': [
    { is: 'a branch that is named', who: trusted(), role: 30, action: push(topic), gives: 'receive-pack' },
    {
      is: 'a tag, and only branches are named',
      who: trusted(),
      role: 30,
      action: push(create('refs/tags/v1')),
      gives: 'ref_outside_trust',
    },
    {
      is: 'two refs, one of them named',
      who: trusted(),
      role: 30,
      action: push(topic, create('refs/tags/v1')),
      gives: 'ref_outside_trust',
    },
    { is: 'no ref is named', who: trusted({ refs: [] }), role: 30, action: push(topic), gives: 'ref_outside_trust' },
    {
      is: 'a longer name',
      who: trusted({ refs: ['refs/heads/top'] }),
      role: 30,
      action: push(topic),
      gives: 'ref_outside_trust',
    },
    { is: 'another namespace', who: trusted(), role: 30, action: push(create('refs/notes/commits')), gives: 'ref_outside_trust' },
    {
      is: 'its deletion',
      who: trusted({ refs: ['refs/heads/main'] }),
      role: 30,
      action: push(remove('refs/heads/topic')),
      gives: 'ref_outside_trust',
    },
    {
      is: 'protected for Maintainers',
      who: trusted(everyRef),
      role: 30,
      facts: on(maintainers),
      action: push(main),
      gives: 'quarantine + fast-forward + decline',
    },
    {
      is: 'protected for Maintainers, as one',
      who: trusted({ ...everyRef, role: 40 }),
      role: 40,
      facts: on(maintainers),
      action: push(main),
      gives: 'receive-pack + fast-forward',
    },
    {
      is: 'protected for Developers',
      who: trusted(everyRef),
      role: 30,
      facts: on(developers),
      action: push(main),
      gives: 'receive-pack + fast-forward',
    },
    {
      is: 'the default branch is not deleted',
      who: trusted({ ...everyRef, role: 40 }),
      role: 40,
      action: push(remove('refs/heads/main')),
      gives: 'default_branch_deletion',
    },
    {
      is: 'a rule that names a user',
      who: trusted(everyRef),
      role: 30,
      facts: on(branchRule('main', [{ kind: 'user', action: 'push', userId: 7 as UserId }], true)),
      action: push(main),
      gives: 'branch_push_denied',
    },
    {
      is: 'a rule that names a deploy key without creator',
      who: trusted(everyRef),
      role: 30,
      facts: on(branchRule('main', [keyRow({ creatorId: undefined })], true)),
      action: push(main),
      gives: 'branch_push_denied',
    },
    {
      is: 'a protected tag',
      who: trusted(everyRef),
      role: 30,
      facts: on(tagRule('v*', [role('create', 40)])),
      action: push(create('refs/tags/v1')),
      gives: 'protected_tag_creation_denied',
    },
    {
      is: 'administrators only',
      who: trusted({ ...everyRef, role: 40 }),
      role: 40,
      facts: on(branchRule('main', [role('push', 60)], true)),
      action: push(main),
      gives: 'branch_push_denied',
    },
  ],
}
