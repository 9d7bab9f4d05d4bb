import type { AccessLevel, ProtectionLevel } from './access-level.ts'
import type { KeyId, NamespaceId, ProjectId, UserId } from './ids.ts'
import type { FeatureLevel, Visibility } from './visibility.ts'

/**
 * GitLab's integer presets of `default_branch_protection`: 0 none, 1 developers push, 2 full (the default),
 * 3 developers merge, 4 full but developers may do the initial push.
 */
export const protectionPresets = [0, 1, 2, 3, 4] as const
export type ProtectionPreset = (typeof protectionPresets)[number]

/** How the default branch of a new project is protected (GitLab's `default_branch_protection_defaults`). */
export interface DefaultProtection {
  readonly push: ProtectionLevel
  readonly merge: ProtectionLevel
  readonly force: boolean
  /** Developers may make the first branch of an empty repository. */
  readonly developersFirst: boolean
}

/** What becomes of a push that brings a token of this server which still works. */
export interface PushShield {
  /** It is refused. */
  readonly enabled: boolean
  /** The token ends with it. */
  readonly revoke: boolean
}

/** A project as access rules see it. */
export interface ProjectFacts {
  readonly id: ProjectId
  readonly fullPath: string
  readonly visibility: Visibility
  /** The project itself or a group above it is archived. */
  readonly archived: boolean
  readonly repositoryAccess: FeatureLevel
  /** Undefined until the first push: only then is there a branch that can be the default. */
  readonly defaultBranch: string | undefined
  readonly defaultProtection: DefaultProtection
  readonly pushShield: PushShield
  /** Namespace ids from the root down to the project's own. */
  readonly namespaces: readonly NamespaceId[]
  /** The old path by which the request came, where the project was renamed or moved since. */
  readonly movedFrom: string | undefined
}

/** `unprotect`: who may change or remove the rule itself. */
export type RefRuleAction = 'push' | 'merge' | 'create' | 'unprotect'

/** One access-level row of a protected branch or tag: a role, a user, a group's members, or a deploy key. */
export type RefRuleLevel =
  | { readonly kind: 'role'; readonly action: RefRuleAction; readonly level: ProtectionLevel }
  | { readonly kind: 'user'; readonly action: RefRuleAction; readonly userId: UserId }
  | {
      readonly kind: 'group'
      readonly action: RefRuleAction
      readonly groupId: NamespaceId
      readonly memberIds: readonly UserId[]
    }
  | {
      readonly kind: 'deploy-key'
      readonly action: RefRuleAction
      readonly keyId: KeyId
      /** The key's creator: the row is compared by owner, not by the key in use (gitlab `ProtectedRefDeployKeyAccess`). */
      readonly creatorId: UserId | undefined
      /** The key is still enabled on this project with write access, and not expired. */
      readonly canPush: boolean
    }

/** A protected branch or tag: an exact name or one with `*`. */
export interface RefRule {
  readonly kind: 'branch' | 'tag'
  readonly pattern: string
  readonly allowForcePush: boolean
  readonly levels: readonly RefRuleLevel[]
}

/** What a user is to a project: the highest unexpired role, direct or inherited; 0 for none. */
export type Role = AccessLevel
