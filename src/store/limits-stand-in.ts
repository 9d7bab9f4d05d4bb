import { diskTroubleOf } from '../core/disk-trouble.ts'
import { type Limits, openLimits } from './limits.ts'

/**
 * Counts in memory what cannot be counted on the disk, so that nobody is answered otherwise because it is full: each
 * process for itself then, from nothing on. The file counts again as soon as it can be written.
 * @param complain is told of each fault that a count in memory made good
 */
export const withStandIn = (file: Limits, complain: (fault: unknown) => void): Limits => {
  let memory: Limits | undefined
  const instead = <Result>(count: (limits: Limits) => Result): Result => {
    try {
      return count(file)
    } catch (fault) {
      if (diskTroubleOf(fault) === undefined) throw fault
      complain(fault)
      memory ??= openLimits(':memory:')
      return count(memory)
    }
  }
  return {
    tries: {
      bannedUntil(from) {
        const kept = instead(({ tries }) => tries.bannedUntil(from))
        const counted = memory?.tries.bannedUntil(from)
        return kept === undefined || counted === undefined ? (kept ?? counted) : Math.max(kept, counted)
      },
      add: (from, now, until) => instead(({ tries }) => tries.add(from, now, until)),
      ban(from, now, until) {
        const kept = instead(({ tries }) => tries.ban(from, now, until))
        // Whose failures were counted in memory is banned there.
        const counted = memory?.tries.ban(from, now, until)
        return kept || counted === true
      },
      forget(from, now) {
        instead(({ tries }) => tries.forget(from, now))
        memory?.tries.forget(from, now)
      },
    },
    requests: { count: (counted, periodEnds, now) => instead(({ requests }) => requests.count(counted, periodEnds, now)) },
    close() {
      file.close()
      memory?.close()
    },
  }
}
