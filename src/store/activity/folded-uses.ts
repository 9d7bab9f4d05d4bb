/** Repeats within this time are one event, in milliseconds. */
const window = 60_000
/** Different events of one credential within that time; the last one says that more are not told. */
const mostOfOne = 60
/** Credentials that are remembered; the oldest is forgotten first, which may tell a repeat again. */
const mostRemembered = 10_000

/** `first`: tell it; `last`: tell it, and that more will not be told; `folded`: told already. */
export type Fold = 'first' | 'last' | 'folded'

interface Told {
  readonly since: number
  readonly keys: Set<string>
}

/** Keeps a flood of refusals from becoming a flood of events. */
export class FoldedUses {
  readonly #told = new Map<string, Told>()

  /**
   * @param credential whose refusals are counted together
   * @param key what makes two of them the same
   */
  ask(credential: string, key: string, at: number): Fold {
    const { keys } = this.#toldOf(credential, at)
    if (keys.has(key) || keys.size >= mostOfOne) return 'folded'
    keys.add(key)
    return keys.size === mostOfOne ? 'last' : 'first'
  }

  #toldOf(credential: string, at: number): Told {
    const known = this.#told.get(credential)
    if (known !== undefined && at - known.since < window) return known
    const fresh: Told = { since: at, keys: new Set() }
    this.#told.delete(credential)
    this.#told.set(credential, fresh)
    const oldest = this.#told.keys().next()
    if (this.#told.size > mostRemembered && !oldest.done) this.#told.delete(oldest.value)
    return fresh
  }
}
