import type { Readable } from 'node:stream'
import type { GitProcess } from './process.ts'

/**
 * How long git may work on a push after the last byte of it came, in milliseconds. A pack of a megabyte can stand for
 * terabytes, each object a small difference to another; git would go on for days, and tell the client that it lives.
 */
export const standardUnpackLimit = 900_000

/** How long git may then take to clear up, in milliseconds. */
const clearing = 5_000

/** Ends the unpacking where it takes longer, so that git declines the push. Returns the way to stop watching. */
export const boundUnpacking = (git: GitProcess, input: Readable, limit: number): (() => void) => {
  let last: NodeJS.Timeout | undefined
  const late = setTimeout(() => {
    git.stopHelpers()
    last = setTimeout(() => git.stop('the push takes too long to unpack'), clearing)
  }, limit)
  const moved = (): void => void late.refresh()
  input.on('data', moved)
  return () => {
    clearTimeout(late)
    clearTimeout(last)
    input.off('data', moved)
  }
}
