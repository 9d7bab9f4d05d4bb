import { readFileSync } from 'node:fs'
import { codeOf } from '../system-errors.ts'

const statusOf = (process: string): string | undefined => {
  try {
    return readFileSync(`/proc/${process}/stat`, 'latin1')
  } catch {
    return undefined
  }
}

/**
 * When a process began, in ticks since the machine's start: field 22 of `/proc/<pid>/stat` (proc(5)). With it a number
 * that was given to another process is told apart. Undefined for one that is dead, also where nobody has asked for its
 * exit code yet.
 */
const beginningOf = (status: string | undefined): string | undefined => {
  const fields = status?.slice(status.lastIndexOf(')') + 2).split(' ') ?? []
  return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19]
}

const unknown = '0'

/** A process, in words that no other on this machine has: `<pid>.<beginning>`. */
export const identityOf = (pid: number): string => `${pid}.${beginningOf(statusOf(String(pid))) ?? unknown}`

export const ownIdentity = identityOf(process.pid)

const takesSignals = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

const identityForm = /^([1-9]\d{0,9})\.(\d{1,20})$/

/** Whether a process with this identity runs. */
export const isAlive = (identity: string): boolean => {
  const [, pid = '', beginning] = identityForm.exec(identity) ?? []
  if (beginning === undefined) return false
  return beginning === unknown ? takesSignals(Number(pid)) : beginningOf(statusOf(pid)) === beginning
}

/** Ends a process with this identity and its group, whose head it is. One whose beginning nobody could tell is left alone. */
export const endGroup = (identity: string): void => {
  const [, pid, beginning] = identityForm.exec(identity) ?? []
  if (pid === undefined || beginning === unknown || !isAlive(identity)) return
  try {
    process.kill(-Number(pid), 'SIGKILL')
  } catch (error) {
    if (codeOf(error) !== 'ESRCH' && codeOf(error) !== 'EPERM') throw error
  }
}
