import type { FileReader } from '../../../ci/plan.ts'
import { largestFile } from '../../../pipelines/source.ts'
import { readBlob } from '../repository/blob-stream.ts'
import type { Code } from '../repository/code.ts'
import { findEntry } from '../repository/entry.ts'

/** Reads files of one commit; undefined for what is none, or is too large to be a configuration. */
export const configurationReader =
  (code: Code, commit: string | undefined): FileReader =>
  async (path) => {
    const entry = commit === undefined ? undefined : await findEntry(code, commit, path)
    if (entry?.type !== 'blob' || (entry.size ?? 0) > largestFile) return undefined
    return (await readBlob(code, entry.id, entry.size ?? 0)).toString()
  }
