import { branchRule, byJob, type Case, create, inspect, on, pull, push, pushSome, role, update, userWith } from './case.ts'

const external = byJob(userWith({ isExternal: true }))
const nobodys = { ...byJob(), principal: { ...byJob().principal, user: undefined } } as ReturnType<typeof byJob>
const elsewhere = byJob(userWith(), 9)
const elsewhereExternal = byJob(userWith({ isExternal: true }), 9)
const nobodysElsewhere = { ...elsewhere, principal: { ...elsewhere.principal, user: undefined } } as ReturnType<typeof byJob>

const listed = { job: { listed: true, pushes: false } }
const pushing = { job: { listed: true, pushes: true } }
const protectedMain = [branchRule('main', [role('push', 40)])]

const pulls = (is: string, gives: string, rest: Omit<Case, 'is' | 'gives' | 'action'> = {}): Case => ({
  is,
  who: byJob(),
  action: pull,
  gives,
  ...rest,
})

const far = (is: string, gives: string, rest: Omit<Case, 'is' | 'gives' | 'action'> = {}): Case =>
  pulls(is, gives, { who: elsewhere, ...rest })

/** What the token of a running job opens (GitLab docs, "CI/CD job token"; `lib/gitlab/git_access.rb`, `project_policy.rb`). */
export const jobTokenCases: Readonly<Record<string, readonly Case[]>> = {
  'its own project': [
    pulls('a Reporter, private', 'upload-pack', { role: 20 }),
    pulls('a Developer, private', 'upload-pack', { role: 30 }),
    pulls('a Planner, private', 'download_denied', { role: 15 }),
    pulls('a Guest, private', 'download_denied', { role: 10 }),
    pulls('a Guest, internal', 'upload-pack', { role: 10, project: { visibility: 'internal' } }),
    pulls('a Guest, repository for members, public', 'upload-pack', {
      role: 10,
      project: { visibility: 'public', repositoryAccess: 'private' },
    }),
    pulls('no member any more, private', 'job_token_insufficient'),
    pulls('no member, internal', 'upload-pack', { project: { visibility: 'internal' } }),
    pulls('no member, external, internal', 'job_token_insufficient', { who: external, project: { visibility: 'internal' } }),
    pulls('no member, public', 'upload-pack', { project: { visibility: 'public' } }),
    pulls('no member, repository for members, public', 'download_denied', {
      project: { visibility: 'public', repositoryAccess: 'private' },
    }),
    pulls('an Owner, repository off', 'download_denied', { role: 50, project: { repositoryAccess: 'disabled' } }),
    pulls('an Owner, no project', 'project_absent', { role: 50, facts: { project: undefined } }),
    pulls('an Owner, repository not on disk', 'repository_absent', { role: 50, facts: { repositoryExists: false } }),
    pulls('a Developer, where git comes by SSH only', 'upload-pack', { role: 30, facts: { onlyProtocol: 'ssh' } }),
    pulls('an archived project', 'upload-pack', { role: 20, project: { archived: true } }),
    { is: 'a Reporter reads by the API', who: byJob(), role: 20, action: inspect, gives: 'inspect' },
  ],
  'its user': [
    pulls('is gone, private', 'project_invisible', { who: nobodys }),
    pulls('is gone, internal', 'project_invisible', { who: nobodys, project: { visibility: 'internal' } }),
    pulls('is gone, public', 'upload-pack', { who: nobodys, project: { visibility: 'public' } }),
    pulls('is deactivated', 'user_deactivated', { who: byJob(userWith({ state: 'deactivated' })), role: 50 }),
    pulls('is blocked', 'user_blocked', { who: byJob(userWith({ state: 'blocked' })), role: 50 }),
    pulls('is not confirmed', 'user_unconfirmed', { who: byJob(userWith({ isConfirmed: false })), role: 50 }),
    pulls('is a bot, Developer', 'upload-pack', { who: byJob(userWith({ kind: 'project_bot' })), role: 30 }),
  ],
  'another project, not on its allowlist': [
    far('an Owner there, private', 'job_token_not_listed', { role: 50 }),
    far('no member there, private', 'job_token_not_listed'),
    far('no member there, internal', 'upload-pack', { project: { visibility: 'internal' } }),
    far('external, internal', 'job_token_not_listed', { who: elsewhereExternal, project: { visibility: 'internal' } }),
    far('external, a member there, internal', 'job_token_not_listed', {
      who: elsewhereExternal,
      role: 30,
      project: { visibility: 'internal' },
    }),
    far('no member there, public', 'upload-pack', { project: { visibility: 'public' } }),
    far('an Owner there, repository for members, public', 'download_denied', {
      role: 50,
      project: { visibility: 'public', repositoryAccess: 'private' },
    }),
    far('an Owner there, repository for members, internal', 'download_denied', {
      role: 50,
      project: { visibility: 'internal', repositoryAccess: 'private' },
    }),
    far('an Owner there, repository off, public', 'download_denied', {
      role: 50,
      project: { visibility: 'public', repositoryAccess: 'disabled' },
    }),
    far('its user is gone, private', 'project_invisible', { who: nobodysElsewhere }),
    far('its user is gone, public', 'upload-pack', { who: nobodysElsewhere, project: { visibility: 'public' } }),
    far('no project', 'project_absent', { facts: { project: undefined } }),
  ],
  'another project, on its allowlist': [
    far('a Reporter there, private', 'upload-pack', { role: 20, facts: listed }),
    far('a Guest there, private', 'download_denied', { role: 10, facts: listed }),
    far('no member there, private', 'job_token_insufficient', { facts: listed }),
    far('external, no member there, internal', 'job_token_insufficient', {
      who: elsewhereExternal,
      project: { visibility: 'internal' },
      facts: listed,
    }),
    far('a Guest there, repository for members, public', 'upload-pack', {
      role: 10,
      project: { visibility: 'public', repositoryAccess: 'private' },
      facts: listed,
    }),
    far('no member there, repository for members, public', 'download_denied', {
      project: { visibility: 'public', repositoryAccess: 'private' },
      facts: listed,
    }),
  ],
  push: [
    { is: 'an Owner, pushes off', who: byJob(), role: 50, action: pushSome, gives: 'push_denied' },
    { is: 'a Developer, pushes on', who: byJob(), role: 30, facts: pushing, action: pushSome, gives: 'advertise-push' },
    { is: 'a Reporter, pushes on', who: byJob(), role: 20, facts: pushing, action: pushSome, gives: 'push_denied' },
    { is: 'no member, pushes on', who: byJob(), facts: pushing, action: pushSome, gives: 'job_token_insufficient' },
    {
      is: 'an Owner, archived',
      who: byJob(),
      role: 50,
      facts: pushing,
      project: { archived: true },
      action: pushSome,
      gives: 'project_archived',
    },
    {
      is: 'an Owner there, from another project, listed',
      who: elsewhere,
      role: 50,
      facts: pushing,
      action: pushSome,
      gives: 'push_denied',
    },
    {
      is: 'an Owner there, from another project, not listed',
      who: elsewhere,
      role: 50,
      action: pushSome,
      gives: 'job_token_not_listed',
    },
    {
      is: 'from another project, public',
      who: elsewhere,
      role: 50,
      project: { visibility: 'public' },
      action: pushSome,
      gives: 'push_denied',
    },
    {
      is: 'its user is gone, public',
      who: nobodys,
      facts: pushing,
      project: { visibility: 'public' },
      action: pushSome,
      gives: 'actor_cannot_upload',
    },
    {
      is: 'no project: none is made',
      who: byJob(),
      role: 50,
      facts: { project: undefined, creation: { kind: 'possible', namespaceId: 1 as never, path: 'new' } },
      action: pushSome,
      gives: 'project_absent',
    },
    {
      is: 'a Developer makes a branch',
      who: byJob(),
      role: 30,
      facts: pushing,
      action: push(create('refs/heads/topic')),
      gives: 'receive-pack',
    },
    {
      is: 'a Developer, a protected branch',
      who: byJob(),
      role: 30,
      facts: { ...pushing, ...on(...protectedMain) },
      action: push(update('refs/heads/main')),
      gives: 'quarantine + fast-forward + decline',
    },
    {
      is: 'a Maintainer, a protected branch',
      who: byJob(),
      role: 40,
      facts: { ...pushing, ...on(...protectedMain) },
      action: push(update('refs/heads/main')),
      gives: 'receive-pack + fast-forward',
    },
    {
      is: 'an Owner, pushes off, with refs',
      who: byJob(),
      role: 50,
      action: push(update('refs/heads/topic')),
      gives: 'push_denied',
    },
  ],
}
