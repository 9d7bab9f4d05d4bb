/** The longest that a timer can wait, less some for who adds to it, in milliseconds: 24 days. No transfer takes so long. */
const longestWait = 2 ** 31 - 60_000

/**
 * For how long what was admitted may go on by its credential alone, in milliseconds; undefined where that has no end that
 * a transfer could live to see.
 */
export const timeLeft = ({ endsAt }: { readonly endsAt?: number | undefined }, now: number): number | undefined => {
  const left = endsAt === undefined ? longestWait : endsAt - now
  return left >= longestWait ? undefined : Math.max(0, left)
}
