import type { KeyId, UserId } from '../../src/core/ids.ts'
import { branchRule, byKey, byUser, type Case, keyRow, on, push, role, update, userWith, writing } from './case.ts'

const main = update('refs/heads/main')
const maintainers = branchRule('main', [role('push', 40), role('merge', 40)])
const passes = 'receive-pack + fast-forward'
/** Nothing but git knows whether it is forced, which GitLab asks first; it is declined in any case. */
const declinedByRole = 'quarantine + fast-forward + decline'

/** Pushes with a deploy key, which are judged as its creator's (GitLab `deploy_key_access`, `protected_ref_deploy_key_access`). */
export const deployKeyCases: Readonly<Record<string, readonly Case[]>> = {
  'deploy keys on refs': [
    {
      is: 'a Guest creator, unprotected',
      who: byKey(),
      role: 10,
      facts: writing,
      action: push(update('refs/heads/topic')),
      gives: 'receive-pack',
    },
    {
      is: 'a creator who lost a private project',
      who: byKey(),
      role: 0,
      facts: writing,
      action: push(update('refs/heads/topic')),
      gives: 'ref_push_denied',
    },
    {
      is: 'a creator without role in a public project',
      who: byKey(),
      role: 0,
      facts: writing,
      project: { visibility: 'public' },
      action: push(update('refs/heads/topic')),
      gives: 'receive-pack',
    },
    {
      is: 'a deleted creator',
      who: { ...byKey(), principal: { kind: 'deploy-key', id: 5 as KeyId, title: 'ci', creator: undefined } },
      facts: writing,
      action: push(update('refs/heads/topic')),
      gives: 'ref_push_denied',
    },
    {
      is: 'a Maintainer creator on Maintainers',
      who: byKey(),
      role: 40,
      facts: { ...writing, ...on(maintainers) },
      action: push(main),
      gives: passes,
    },
    {
      is: 'a Developer creator on Maintainers',
      who: byKey(),
      role: 30,
      facts: { ...writing, ...on(maintainers) },
      action: push(main),
      gives: declinedByRole,
    },
    {
      is: 'No one and the key',
      who: byKey(),
      role: 10,
      facts: { ...writing, ...on(branchRule('main', [role('push', 0), keyRow()])) },
      action: push(main),
      gives: passes,
    },
    {
      is: 'another write key of the same creator',
      who: byKey(),
      role: 10,
      facts: { ...writing, ...on(branchRule('main', [keyRow({ keyId: 6 as KeyId })])) },
      action: push(main),
      gives: passes,
    },
    {
      is: 'the creator in person',
      role: 30,
      facts: on(branchRule('main', [role('push', 0), keyRow()])),
      action: push(main),
      gives: passes,
    },
    {
      is: 'another user beside the row',
      who: byUser(userWith({ id: 8 as UserId })),
      role: 40,
      facts: on(branchRule('main', [role('push', 0), keyRow()])),
      action: push(main),
      gives: declinedByRole,
    },
    {
      is: 'a row whose key may not write any more',
      who: byKey(),
      role: 10,
      facts: { ...writing, ...on(branchRule('main', [keyRow({ canPush: false })])) },
      action: push(main),
      gives: declinedByRole,
    },
  ],
}
