import type { RefReason } from '../../core/refusal.ts'

interface Passed {
  readonly kind: 'passed'
}

interface Declined {
  readonly kind: 'declined'
  readonly reason: RefReason
  /** A text made for this case; otherwise the reason's own sentence. */
  readonly message: string | undefined
}

/** What the rules say of one ref update. `unless-forced` cannot be settled without the objects: git must be asked. */
export type RefVerdict =
  | Passed
  | Declined
  | { readonly kind: 'unless-forced'; readonly reason: RefReason; readonly otherwise: Passed | Declined }

export const passed: Passed = Object.freeze({ kind: 'passed' })

export const declined = (reason: RefReason, message?: string): Declined => ({ kind: 'declined', reason, message })

/** The rules of a project and the refs of a push are too many to be held against each other. */
export const tooMuch: RefVerdict = Object.freeze(
  declined(
    'too_many_protected',
    'These are too many refs to check against the rules of this project. Push fewer of them at once.',
  ),
)
