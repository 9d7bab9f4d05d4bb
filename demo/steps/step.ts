import type { RefusalReason } from '../../src/core/refusal.ts'
import type { LoginFault } from '../../src/ssh/login.ts'
import type { CredentialName } from '../credentials/all.ts'

/** What is tried with git. A push without a refspec makes a new branch that no rule protects. */
export type Deed =
  | { readonly kind: 'clone'; readonly words: string; readonly project: string }
  | { readonly kind: 'push'; readonly words: string; readonly project: string; readonly refspec: string | undefined }

/** The precise reason of a refusal, as the server's log names it. */
export type Reason = RefusalReason | LoginFault

/** One line of the tour. */
export interface Step {
  readonly shows: CredentialName
  readonly does: Deed
  readonly gives: 'allowed' | Reason
  /** How the sentence that git shows begins, where it is not GitLab's own for this reason. */
  readonly says?: string
}

export interface Group {
  readonly title: string
  /** What these steps show, in a sentence for a newcomer. */
  readonly about: string
  readonly steps: readonly Step[]
}

export const clone = (project: string): Deed => ({ kind: 'clone', words: `clone ${project}`, project })

/** Refspecs name local branches: `ahead` goes on from `main` of castle/private, `aside` shares no history with it. */
export const push = (project: string, refspec?: string, what?: string): Deed => ({
  kind: 'push',
  words: what ?? `push to ${project}`,
  project,
  refspec,
})
