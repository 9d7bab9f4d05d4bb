/** One command of a push: the ref's old and new object id, hexadecimal; all zeros where the ref is made or deleted. */
export interface RefUpdate {
  readonly ref: string
  readonly oldId: string
  readonly newId: string
}

const zeros = /^0+$/

/** Git deletes wherever the new id is zero, also where the old one is: so it counts here. */
export const isDeletion = (update: RefUpdate): boolean => zeros.test(update.newId)
export const isCreation = (update: RefUpdate): boolean => zeros.test(update.oldId) && !isDeletion(update)

export const branchOf = (ref: string): string | undefined =>
  ref.startsWith('refs/heads/') ? ref.slice('refs/heads/'.length) : undefined

export const tagOf = (ref: string): string | undefined =>
  ref.startsWith('refs/tags/') ? ref.slice('refs/tags/'.length) : undefined
