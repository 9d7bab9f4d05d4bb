import { disclose, isAuthenticationReason } from '../../src/access/disclose.ts'
import { isRefReason, sentenceOf } from '../../src/access/refuse.ts'
import type { Principal } from '../../src/core/principal.ts'
import type { RefusalReason } from '../../src/core/refusal.ts'
import { replyTo } from '../../src/http/git/replies.ts'
import { refusalReply } from '../../src/ssh/replies.ts'
import { userWith } from '../../test/access/case.ts'
import { table } from './markdown.ts'

/** When each reason is given, in a few words. A reason without an entry does not compile. */
export const reasonMeanings: Record<RefusalReason, string> = {
  credential_missing: 'a user name without a password or token',
  credential_unknown: 'no such token, no such key, or a key for signing only',
  token_expired: 'the day in `expires_at` has come',
  token_revoked: 'revoked or rotated',
  impersonation_disabled: 'an impersonation token while `--impersonation off`',
  no_known_scope: 'none of its scopes is one that is offered',
  username_mismatch: 'a deploy token with another user name than its own',
  out_of_reach: 'a deploy token or bot of another project or group',
  repository_disabled: 'a deploy token where the repository is switched off',
  user_cannot_log_in: 'its user is blocked, banned or waits for approval; or a bot with a password',
  password_wrong: 'no such user, or another password',
  password_expired: "the user's password has expired",
  password_checks_busy: 'too many passwords are being checked',
  password_disabled: 'a password, and the instance takes none for git',
  two_factor_required: 'the right password of a user who signs in with a second factor: git takes a token',
  address_banned: 'too many wrong credentials came from this address',
  job_not_running: 'a job token whose job has ended, or whose time has passed',
  jobs_disabled: 'a job token where the project has no jobs any more',
  trust_withdrawn: 'the trust that gave it is switched off, or who answers for it may not give so much any more',
  protocol_disabled: 'the instance lets git come by the other protocol only',
  key_expired: 'the SSH key has expired',
  user_internal: 'the user belongs to the server itself',
  user_pending_approval: 'the user waits for approval',
  user_deactivated: 'the user is deactivated',
  user_unconfirmed: "the user's e-mail address is not confirmed",
  user_blocked: 'the user is blocked or banned; for a deploy key: its creator',
  user_password_expired: "the user's password has expired",
  ability_missing_download: 'the token has no scope to fetch',
  ability_missing_push: 'the token has no scope to push',
  project_absent: 'no project at this path',
  namespace_unparsable: 'the path has no group or user in it',
  project_invisible: 'there is a project, which the caller may not know of',
  repository_absent: 'the project has no repository on disk',
  download_denied: 'the caller sees the project but not its code',
  job_token_not_listed: 'a job of a project that is not on the allowlist of this one',
  job_token_insufficient: 'the job is let in, but its user may not see the project; administrators count as members',
  project_archived: 'the project or a group above it is archived',
  key_read_only: 'the deploy key has no write access here',
  actor_cannot_upload: 'a deploy token that pushes',
  push_denied: 'the role is below Developer',
  project_not_creatable: 'push-to-create with a name that no project may have',
  ref_push_denied: "a deploy key's creator no longer sees the project",
  ref_outside_trust: 'somebody from outside, and a ref that the trust does not name',
  default_branch_deletion: 'deletion of the default branch',
  branch_name_is_object_id: 'the new name begins like an object id',
  branch_name_invalid: 'git refuses such a name',
  branch_force_push: 'a forced push, and no matching rule allows force',
  branch_creation_denied: 'neither push nor merge permission on the new protected branch',
  branch_creation_basis: 'merge permission only, and a new commit',
  branch_creation_web_only: 'merge permission only, from a protected branch',
  branch_deletion_denied: 'deletion of a protected branch, below Maintainer',
  branch_deletion_web_only: 'deletion of a protected branch, Maintainer and above',
  branch_push_denied: 'no row of a matching rule admits the user',
  default_branch_missing: 'the first push of an empty project, which the preset forbids',
  tag_change_denied: 'change or deletion of a tag, below Developer',
  tag_named_like_default_branch: 'a new tag with the name of the default branch',
  tag_name_is_object_id: 'the new name begins like an object id',
  tag_name_prohibited: 'git refuses such a name',
  protected_tag_update: 'a protected tag is moved',
  protected_tag_deletion_denied: 'deletion of a protected tag, below Maintainer',
  protected_tag_deletion_web_only: 'deletion of a protected tag, Maintainer and above',
  protected_tag_creation_denied: 'no row of a matching rule admits the user',
  too_many_protected: 'more protected refs in one push than can be checked (Sallyport only)',
  live_token: 'the push brings a token of this server that still works (Sallyport only)',
}

export const isReason = (name: string): name is RefusalReason => Object.hasOwn(reasonMeanings, name)

const someone: Principal = { kind: 'user', user: userWith() }

/** Accounts whose password or token is not accepted over HTTP at all; with a key they are told why. */
const loginReasons = new Set<RefusalReason>(['user_internal', 'user_pending_approval', 'user_blocked', 'user_password_expired'])

/** A declined ref is told inside git's own protocol, by both doors. */
const declined = 'the push is declined'

const refusalOf = (reason: RefusalReason) =>
  ({ kind: 'refusal', reason, message: sentenceOf(reason), credential: undefined, ref: undefined }) as const

const overHttp = (reason: RefusalReason): string => {
  if (reason.startsWith('key_')) return 'does not occur'
  if (loginReasons.has(reason)) return '401: no login'
  return isRefReason(reason) ? `200, ${declined}` : String(replyTo(disclose(refusalOf(reason), someone), '').status)
}

/** Over SSH only a key can be wrong; one that is not known never gets past the login. */
const overSsh = (reason: RefusalReason): string => {
  if (reason.startsWith('job')) return 'does not occur'
  if (isRefReason(reason)) return declined
  if (isAuthenticationReason(reason)) return reason === 'credential_unknown' ? 'no login' : 'does not occur'
  return `exit ${refusalReply(disclose(refusalOf(reason), someone)).exit}`
}

const sentence = (reason: RefusalReason): string =>
  isAuthenticationReason(reason) ? disclosedText(reason) : (sentenceOf(reason).split('\n')[0] ?? '')

const disclosedText = (reason: RefusalReason): string => {
  const disclosure = disclose(refusalOf(reason), undefined)
  return 'message' in disclosure ? disclosure.message : 'HTTP Basic: Access denied. …'
}

/** Every reason with what the client gets to see. */
export const reasons = (): string =>
  table(
    ['Reason in the log', 'When', 'The client reads', 'HTTP', 'SSH'],
    Object.entries(reasonMeanings).flatMap(([reason, meaning]) =>
      isReason(reason) ? [[`\`${reason}\``, meaning, sentence(reason), overHttp(reason), overSsh(reason)]] : [],
    ),
  )
