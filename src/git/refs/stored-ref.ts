/** What is known of the object that a tag stands for in the end. */
export type PeelKnowledge = { readonly kind: 'unknown' | 'none' } | { readonly kind: 'to'; readonly id: string }

export const unknownPeel: PeelKnowledge = { kind: 'unknown' }

/** A ref that holds an object. */
export interface StoredRef {
  /** Its full name, each character one byte of it. */
  readonly name: string
  readonly id: string
  /** The ref that it leads to in the end, where it is a symbolic one. */
  readonly target: string | undefined
  readonly peel: PeelKnowledge
}
