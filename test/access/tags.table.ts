import { branchRule, byKey, type Case, create, keyRow, on, push, remove, role, tagRule, update, writing } from './case.ts'

/** What may be done to tags (GitLab `lib/gitlab/checks/tag_check.rb`). */
export const tagCases: Readonly<Record<string, readonly Case[]>> = {
  tags: [
    { is: 'a Developer makes one', role: 30, action: push(create('refs/tags/v1')), gives: 'receive-pack' },
    { is: 'a Developer moves one', role: 30, action: push(update('refs/tags/v1')), gives: 'receive-pack' },
    {
      is: 'a key of a Guest moves one',
      who: byKey(),
      role: 10,
      facts: writing,
      action: push(update('refs/tags/v1')),
      gives: 'tag_change_denied',
    },
    {
      is: 'a key of a Guest makes one',
      who: byKey(),
      role: 10,
      facts: writing,
      action: push(create('refs/tags/v1')),
      gives: 'receive-pack',
    },
    {
      is: 'named like the default branch',
      role: 40,
      action: push(create('refs/tags/main')),
      gives: 'tag_named_like_default_branch',
    },
    { is: 'named like an object', role: 40, action: push(create(`refs/tags/${'d'.repeat(64)}`)), gives: 'tag_name_is_object_id' },
    {
      is: 'protected: a Maintainer makes one',
      role: 40,
      facts: on(tagRule('v*', [role('create', 40)])),
      action: push(create('refs/tags/v1')),
      gives: 'receive-pack',
    },
    {
      is: 'protected: a Developer makes one',
      role: 30,
      facts: on(tagRule('v*', [role('create', 40)])),
      action: push(create('refs/tags/v1')),
      gives: 'protected_tag_creation_denied',
    },
    {
      is: 'protected: an Owner moves one',
      role: 50,
      facts: on(tagRule('v*', [role('create', 40)])),
      action: push(update('refs/tags/v1')),
      gives: 'protected_tag_update',
    },
    {
      is: 'protected: a Developer deletes one',
      role: 30,
      facts: on(tagRule('v*', [role('create', 30)])),
      action: push(remove('refs/tags/v1')),
      gives: 'protected_tag_deletion_denied',
    },
    {
      is: 'protected: an Owner deletes one',
      role: 50,
      facts: on(tagRule('v*', [role('create', 30)])),
      action: push(remove('refs/tags/v1')),
      gives: 'protected_tag_deletion_web_only',
    },
    {
      is: 'protected: the row names the key',
      who: byKey(),
      role: 10,
      facts: { ...writing, ...on(tagRule('v*', [keyRow({ action: 'create' })])) },
      action: push(create('refs/tags/v1')),
      gives: 'receive-pack',
    },
    {
      is: 'a branch rule is no tag rule',
      role: 30,
      facts: on(branchRule('v*', [role('push', 40)])),
      action: push(create('refs/tags/v1')),
      gives: 'receive-pack',
    },
  ],
}
