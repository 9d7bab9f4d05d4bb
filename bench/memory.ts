import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { basename } from 'node:path'

const unlessGone = <Value>(read: () => Value): Value | undefined => {
  try {
    return read()
  } catch {
    return undefined
  }
}

const parentOf = (pid: number): number | undefined => {
  const stat = unlessGone(() => readFileSync(`/proc/${pid}/stat`, 'latin1'))
  return stat === undefined ? undefined : Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
}

const programOf = (pid: number): string => basename(unlessGone(() => readlinkSync(`/proc/${pid}/exe`)) ?? '')

const allProcesses = (): number[] =>
  readdirSync('/proc')
    .map(Number)
    .filter((pid) => Number.isInteger(pid))

/** A process and all that descend from it. */
const familyOf = (root: number): number[] => {
  const children = new Map<number, number[]>()
  for (const pid of allProcesses()) {
    const parent = parentOf(pid)
    if (parent !== undefined) children.set(parent, [...(children.get(parent) ?? []), pid])
  }
  const family = [root]
  for (const pid of family) family.push(...(children.get(pid) ?? []))
  return family
}

/** The processes of a server that run this program; git's own and shells are left out. */
export const processesOf = (roots: readonly number[], program: string): number[] =>
  roots.flatMap(familyOf).filter((pid) => programOf(pid) === program)

/** Proportional set size in bytes: what is shared counts in parts. A process that has ended counts nothing. */
const shareOf = (pid: number): number => {
  const text = unlessGone(() => readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1')) ?? ''
  return Number(/^Pss:\s+(\d+) kB$/m.exec(text)?.[1] ?? 0) * 1_024
}

export const memoryOf = (pids: readonly number[]): number => pids.reduce((sum, pid) => sum + shareOf(pid), 0)

/** Does the work and returns the most memory that was in use meanwhile, in bytes, looked at every 50 ms. */
export const peakDuring = async (processes: () => readonly number[], work: () => Promise<unknown>): Promise<number> => {
  let peak = memoryOf(processes())
  const timer = setInterval(() => {
    peak = Math.max(peak, memoryOf(processes()))
  }, 50)
  try {
    await work()
  } finally {
    clearInterval(timer)
  }
  return peak
}
