import { sweepLeftovers } from '../git/leftovers.ts'
import type { Logger } from '../log.ts'
import type { Home } from './home.ts'

/** Removes what earlier servers left when they were killed. Nobody waits for it. */
export const removeLeftovers = (home: Home, log: Logger): void => {
  sweepLeftovers(home.repositories).catch((fault: unknown) => log.error({ err: fault }, 'leftovers could not be removed'))
}
