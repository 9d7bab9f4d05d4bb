import type { ProjectId } from '../core/ids.ts'

const minted = new WeakSet<object>()

/**
 * Leave to look after one repository, which nobody asks for: no principal, no credential, no rule of access. It lets git
 * pack, index and prune what is there (`git/maintenance`), and neither read for a client nor take from one.
 */
class Upkeep {
  readonly #sealed = true
  readonly service = 'maintain'
  readonly repository: ProjectId

  constructor(repository: ProjectId) {
    this.repository = repository
    Object.freeze(this)
  }

  static isGenuine(value: object): boolean {
    return #sealed in value && value.#sealed && minted.has(value)
  }
}

export type { Upkeep }

export const isUpkeep = (value: object): value is Upkeep => Upkeep.isGenuine(value)

/** Only who holds the home may say this: the start of a server, and the command line (a rule of the house). */
export const admitUpkeep = (repository: ProjectId): Upkeep => {
  const upkeep = new Upkeep(repository)
  minted.add(upkeep)
  return upkeep
}
