import type { NamespaceId } from '../core/ids.ts'
import type { ProjectFacts, RefRule, Role } from '../core/project.ts'

/** What would happen if a push to an absent project made it (push-to-create). */
export type Creation =
  | { readonly kind: 'impossible' }
  | { readonly kind: 'unparsable' }
  | { readonly kind: 'possible'; readonly namespaceId: NamespaceId; readonly path: string }
  | { readonly kind: 'bad-name'; readonly message: string }

/** Every fact that `decide` may need about one principal and one path, read in one transaction. */
export interface Facts {
  /** Undefined where no project answers on the path. */
  readonly project: ProjectFacts | undefined
  readonly creation: Creation
  /** The role of the user who asks, of a deploy key's creator, or that a trust gives; 0 for anyone else. */
  readonly role: Role
  /** For a deploy key: whether it is attached to the project, and with write access. */
  readonly key: { readonly attached: boolean; readonly canPush: boolean }
  /** For a job: whether the project lets it in from where it runs, and lets its own jobs push. */
  readonly job: { readonly listed: boolean; readonly pushes: boolean }
  readonly rules: readonly RefRule[]
  /** The bare repository is on disk. */
  readonly repositoryExists: boolean
  /** The repository holds a branch. It is only looked for while the project has no default branch. */
  readonly hasBranches: boolean
  /** Object ids at the tips of protected branches, for the creation of a protected branch. */
  readonly protectedTips: ReadonlySet<string>
  /** The only protocol that the instance lets git come by; undefined: both. */
  readonly onlyProtocol: 'ssh' | 'http' | undefined
  /** Public base URL, for the links in GitLab's texts. */
  readonly baseUrl: string
}
