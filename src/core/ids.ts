/** Numeric ids that cannot be mistaken for one another. The number is the one that GitLab's API shows. */
declare const brand: unique symbol
type Id<Name extends string> = number & { readonly [brand]: Name }

export type UserId = Id<'user'>
export type NamespaceId = Id<'namespace'>
export type ProjectId = Id<'project'>
export type AccessTokenId = Id<'access-token'>
export type DeployTokenId = Id<'deploy-token'>
export type TriggerId = Id<'trigger'>
export type TrustId = Id<'trust'>
export type TrustGrantId = Id<'trust-grant'>
export type KeyId = Id<'key'>
export type ProtectedRefId = Id<'protected-ref'>
export type MemberId = Id<'member'>
export type InvitationId = Id<'invitation'>
export type PipelineId = Id<'pipeline'>
export type JobId = Id<'job'>
export type RunnerId = Id<'runner'>
export type VariableId = Id<'variable'>
export type ApplicationId = Id<'application'>
export type OauthCodeId = Id<'oauth-code'>
export type OauthDeviceId = Id<'oauth-device'>
export type OauthTokenId = Id<'oauth-token'>
