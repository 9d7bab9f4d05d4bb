import { readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'

/** The kernel counts in hundredths of a second here, whatever its own clock is (`USER_HZ`, proc(5)). */
const millisecondsPerTick = 10

/** Behind the program's name, which may contain anything, and counted from the state (proc(5), fields 16 and 17). */
const childTimes = { user: 13, system: 14 } as const

/**
 * The CPU time in milliseconds of all processes that these have started and that have ended, with what those started in
 * turn and waited for.
 */
export const childTimeOf = (pids: readonly number[]): number =>
  pids.reduce((sum, pid) => {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return sum + (Number(fields[childTimes.user]) + Number(fields[childTimes.system])) * millisecondsPerTick
  }, 0)

/** Between two looks at processes that are about to end, in milliseconds. */
const moment = 100

/** Waits for the last of them to be counted: an answer can be there before the process that made it is gone. */
const settledChildTimeOf = async (pids: readonly number[]): Promise<number> => {
  for (let last = childTimeOf(pids); ; ) {
    await pause(moment)
    const now = childTimeOf(pids)
    if (now === last) return now
    last = now
  }
}

/** The CPU time of the processes that these start and that end during the work. Throws where one of these has ended. */
export const childTimeDuring = async (pids: readonly number[], work: () => Promise<unknown>): Promise<number> => {
  const before = await settledChildTimeOf(pids)
  await work()
  return (await settledChildTimeOf(pids)) - before
}
