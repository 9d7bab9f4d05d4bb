import type { CredentialRef } from '../core/credential.ts'
import type { ProjectId } from '../core/ids.ts'
import type { JobHome } from '../core/principal.ts'
import type { AccessReason, AuthenticationReason, RefReason, Refusal, RefusalReason } from '../core/refusal.ts'

/** GitLab's sentences (gitlab `lib/gitlab/git_access.rb`, `lib/gitlab/checks/*`, `lib/gitlab/auth/*`), word for word. */
const accessTexts: Record<AccessReason, string> = {
  protocol_disabled: 'Git access over this protocol is not allowed',
  key_expired: 'Your SSH key has expired.',
  user_internal: 'This action cannot be performed by internal users',
  user_pending_approval: 'Your account is pending approval from your administrator and hence blocked.',
  user_deactivated:
    'Your account has been deactivated by your administrator. Please log back in from a web browser to reactivate your account',
  user_unconfirmed: 'Your primary email address is not confirmed. Please check your inbox for the confirmation instructions.',
  user_blocked: 'Your account has been blocked.',
  user_password_expired: 'Your password expired. Please access GitLab from a web browser to update your password.',
  ability_missing_download: 'You are not allowed to download code.',
  ability_missing_push: 'You are not allowed to upload code.',
  project_absent: "The project you were looking for could not be found or you don't have permission to view it.",
  project_invisible: "The project you were looking for could not be found or you don't have permission to view it.",
  namespace_unparsable: 'The namespace you were looking for could not be found.',
  repository_absent: 'A repository for this project does not exist yet.',
  download_denied: 'You are not allowed to download code from this project.',
  job_token_not_listed: 'Authentication by CI/CD job token not allowed.',
  job_token_insufficient: 'Insufficient permissions to pull from the repository.',
  project_archived: "You can't push code to an archived project.",
  key_read_only: 'This deploy key does not have write access to this project.',
  actor_cannot_upload: 'You are not allowed to upload code for this project.',
  push_denied: 'You are not allowed to push code to this project.',
  project_not_creatable: 'Could not create project',
}

const refTexts: Record<RefReason, string> = {
  ref_push_denied: 'You are not allowed to push code to this project.',
  ref_outside_trust: 'You are not allowed to push this ref: the trust that let you in names others.',
  default_branch_deletion: 'The default branch of a project cannot be deleted.',
  branch_name_is_object_id: 'You cannot create a branch with a SHA-1 or SHA-256 branch name.',
  branch_name_invalid: 'You cannot create a branch with an invalid name.',
  branch_force_push: 'You are not allowed to force push code to a protected branch on this project.',
  branch_creation_denied: 'You are not allowed to create protected branches on this project.',
  branch_creation_basis: 'You can only use an existing protected branch ref as the basis of a new protected branch.',
  branch_creation_web_only: 'You can only create protected branches using the web interface and API.',
  branch_deletion_denied:
    'You are not allowed to delete protected branches from this project. Only a project maintainer or owner can delete a protected branch.',
  branch_deletion_web_only: 'You can only delete protected branches using the web interface.',
  branch_push_denied: 'You are not allowed to push code to protected branches on this project.',
  default_branch_missing: 'A default branch (e.g. main) does not yet exist',
  tag_change_denied: 'You are not allowed to change existing tags on this project.',
  tag_named_like_default_branch: 'You cannot use default branch name to create a tag',
  tag_name_is_object_id: 'You cannot create a tag with a SHA-1 or SHA-256 tag name.',
  tag_name_prohibited: 'You cannot create a tag with a prohibited pattern.',
  protected_tag_update: 'Protected tags cannot be updated.',
  protected_tag_deletion_denied:
    'You are not allowed to delete protected tags from this project. Only a project maintainer or owner can delete a protected tag.',
  protected_tag_deletion_web_only: 'You can only delete protected tags using the web interface.',
  protected_tag_creation_denied: 'You are not allowed to create this tag as it is protected.',
  too_many_protected: 'You are not allowed to push more than 1000 protected branches at once.',
  live_token: 'The push holds a token of this server that still works.',
}

export const isRefReason = (reason: RefusalReason): reason is RefReason => Object.hasOwn(refTexts, reason)

const isAccessReason = (reason: RefusalReason): reason is AccessReason => Object.hasOwn(accessTexts, reason)

/** The one sentence for every failed authentication over git: wrong, expired and revoked look alike on purpose. */
export const accessDenied = (baseUrl: string): string =>
  "HTTP Basic: Access denied. If a password was provided for Git authentication, the password was incorrect or you're required to use a token " +
  'instead of a password. If a token was provided, it was either incorrect, expired, or improperly scoped. ' +
  `See ${baseUrl}/help/topics/git/troubleshooting_git.md#error-on-git-fetch-http-basic-access-denied`

export const sentenceOf = (reason: RefusalReason): string => {
  if (isRefReason(reason)) return refTexts[reason]
  if (isAccessReason(reason)) return accessTexts[reason]
  // Rack::Attack's word, as in GitLab; when the ban ends is not told.
  return reason === 'address_banned' ? 'Forbidden' : 'HTTP Basic: Access denied.'
}

/** The sentence for an account that may do nothing; GitLab ends the one for the deactivated with its own address. */
export const accountSentence = (reason: AccessReason, baseUrl: string): string =>
  reason === 'user_deactivated' ? `${accessTexts[reason]} at ${baseUrl}` : accessTexts[reason]

/** GitLab names the project of the job by the last part of its path. */
export const notListedText = ({ fullPath }: Pick<JobHome, 'fullPath'>, target: ProjectId): string =>
  `Authentication by CI/CD job token not allowed from ${fullPath.slice(fullPath.lastIndexOf('/') + 1)} to project #${target}.`

export const insufficientText = (target: ProjectId): string =>
  `Insufficient permissions to pull from the repository of project #${target}.`

const refusal = (
  reason: RefusalReason,
  parts: { message?: string; credential?: CredentialRef | undefined; ref?: string },
): Refusal =>
  Object.freeze({
    kind: 'refusal',
    reason,
    message: parts.message ?? sentenceOf(reason),
    credential: parts.credential,
    ref: parts.ref,
  })

export const refuseAuthentication = (reason: AuthenticationReason, credential?: CredentialRef): Refusal =>
  refusal(reason, { credential })

export const refuseAccess = (
  reason: AccessReason,
  parts: { readonly message?: string; readonly credential?: CredentialRef } = {},
): Refusal => refusal(reason, parts)

export const refuseRef = (reason: RefReason, ref: string, message?: string): Refusal =>
  refusal(reason, message === undefined ? { ref } : { ref, message })

export const isRefusal = (value: { readonly kind?: unknown }): value is Refusal => value.kind === 'refusal'
