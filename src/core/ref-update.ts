/** One command of a push: the ref's old and new object id, hexadecimal; all zeros where the ref is made or deleted. */
export interface RefUpdate {
  readonly ref: string
  readonly oldId: string
  readonly newId: string
}

const zeros = /^0+$/

export const isCreation = (update: RefUpdate): boolean => zeros.test(update.oldId)
export const isDeletion = (update: RefUpdate): boolean => zeros.test(update.newId)

export const branchOf = (ref: string): string | undefined =>
  ref.startsWith('refs/heads/') ? ref.slice('refs/heads/'.length) : undefined

export const tagOf = (ref: string): string | undefined =>
  ref.startsWith('refs/tags/') ? ref.slice('refs/tags/'.length) : undefined
