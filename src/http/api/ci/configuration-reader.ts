import type { FileReader } from '../../../ci/plan.ts'
import { readBlob } from '../repository/blob-stream.ts'
import type { Code } from '../repository/code.ts'
import { findEntry } from '../repository/entry.ts'

/** The largest file that may be part of a configuration, in bytes. */
const largest = 2 * 2 ** 20

/** Reads files of one commit; undefined for what is none, or is too large to be a configuration. */
export const configurationReader =
  (code: Code, commit: string | undefined): FileReader =>
  async (path) => {
    const entry = commit === undefined ? undefined : await findEntry(code, commit, path)
    if (entry?.type !== 'blob' || (entry.size ?? 0) > largest) return undefined
    return (await readBlob(code, entry.id, entry.size ?? 0)).toString()
  }
