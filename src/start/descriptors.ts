import { readFileSync } from 'node:fs'
import { unlessMissing } from '../git/system-errors.ts'

/** What part of them connections may have. The rest is for git's pipes, the databases, and answers that are sent from files. */
const part = 3 / 4

/** @param limits the text of `/proc/self/limits` (Linux, proc(5)) */
export const descriptorsIn = (limits: string): number | undefined => {
  const soft = /^Max open files\s+(\d+)/m.exec(limits)?.[1]
  return soft === undefined ? undefined : Number(soft)
}

/** How many connections this process may have open: as many as are wished, and never so many that files cannot be opened. */
export const connectionsWithin = (
  wished: number,
  limits: string | undefined = unlessMissing(() => readFileSync('/proc/self/limits', 'utf8')),
): number => {
  const descriptors = limits === undefined ? undefined : descriptorsIn(limits)
  return descriptors === undefined ? wished : Math.max(1, Math.min(wished, Math.floor(descriptors * part)))
}
