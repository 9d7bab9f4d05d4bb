import { codeOf } from './system-errors.ts'

/** Sends a signal to a process, or by a negative number to its group; one that is gone by now needs none. */
export const signal = (pid: number, name: NodeJS.Signals): void => {
  try {
    process.kill(pid, name)
  } catch (error) {
    if (codeOf(error) !== 'ESRCH') throw error
  }
}
