/** A value that a ref was given: asked for at `begun`, and acknowledged at `done`. */
export interface Given {
  readonly id: string
  readonly begun: number
  readonly done: number
}

/** What one reader saw between two moments. */
export interface Seen {
  readonly begun: number
  readonly done: number
  readonly refs: ReadonlyMap<string, string>
}

/** For each ref its values, oldest first; each ref has one writer. */
export type Histories = ReadonlyMap<string, readonly Given[]>

/** A value that somebody saw was there by the end of that look, acknowledged or not: nobody may see an older one after it. */
export const settledBySight = (histories: Histories, all: readonly Seen[]): Histories => {
  const seenBy = (ref: string, id: string): number =>
    Math.min(...all.filter(({ refs }) => refs.get(ref) === id).map(({ done }) => done))
  const settle = (ref: string, history: readonly Given[]): readonly Given[] =>
    history.map((given) => {
      const isOnce = history.filter(({ id }) => id === given.id).length === 1
      return isOnce ? { ...given, done: Math.min(given.done, seenBy(ref, given.id)) } : given
    })
  return new Map([...histories].map(([ref, history]) => [ref, settle(ref, history)]))
}

/**
 * In which rounds a ref can have been: with the value that was seen, which was not over before the look began, and was
 * asked for before it ended.
 */
const roundsOf = (history: readonly Given[], { begun, done }: Seen, id: string): number[] =>
  history.flatMap((given, at) => {
    const isOver = history.slice(at + 1).some((next) => next.done < begun)
    return given.id !== id || isOver || given.begun > done ? [] : [at]
  })

/** In each round a writer changes its first ref first: nobody is ahead of who comes before, or more than one round behind the first. */
const canBe = (rounds: readonly (readonly number[])[], before = Number.POSITIVE_INFINITY, first?: number): boolean => {
  const [own, ...others] = rounds
  if (own === undefined) return (first ?? 0) <= before + 1
  return own.some((round) => round <= before && canBe(others, round, first ?? round))
}

/**
 * What is wrong with what was seen; undefined where it can be explained.
 * @param orders refs that one writer changes one behind the other, again and again in this order
 */
export const unexplained = (histories: Histories, orders: readonly (readonly string[])[], seen: Seen): string | undefined => {
  const rounds = new Map([...histories].map(([ref, history]) => [ref, roundsOf(history, seen, seen.refs.get(ref) ?? '')]))
  const wrong = [...rounds].find(([, possible]) => possible.length === 0)
  if (wrong !== undefined) return `${wrong[0]} was ${seen.refs.get(wrong[0])}, which it was not then`
  const torn = orders.find((order) => !canBe(order.map((ref) => rounds.get(ref) ?? [])))
  return torn && `were never together: ${JSON.stringify(torn.map((ref) => [ref, rounds.get(ref)]))}`
}
