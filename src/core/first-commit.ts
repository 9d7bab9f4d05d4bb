/** With what a repository begins that is not born empty: one file, committed by one person. */
export interface FirstCommit {
  /** Stands beside no other in the root of the tree. */
  readonly file: string
  readonly content: string
  readonly message: string
  readonly author: { readonly name: string; readonly email: string }
  /** Milliseconds. */
  readonly at: number
}
