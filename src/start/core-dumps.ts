import { writeFileSync } from 'node:fs'
import { codeOf } from '../git/system-errors.ts'

/** Which parts of memory Linux puts into a core dump (`man 5 core`); each child takes it over, git as well. */
const filter = '/proc/self/coredump_filter'

/** Has the system keep the memory of this process out of core dumps, in which secrets would lie. Only Linux knows how. */
export const keepMemoryFromDumps = (): void => {
  try {
    writeFileSync(filter, '0')
  } catch (error) {
    if (!['ENOENT', 'EACCES', 'EPERM', 'EROFS'].includes(codeOf(error) ?? '')) throw error
  }
}
