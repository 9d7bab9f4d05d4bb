import { readTreeEntries, type TreeEntry } from '../../../git/tree-entries.ts'
import type { Code } from './code.ts'
import { isRepositoryPath } from './repository-path.ts'

/** What lies under a path in a commit; undefined where nothing does. */
export const findEntry = async (code: Code, commit: string, path: string): Promise<TreeEntry | undefined> => {
  if (!isRepositoryPath(path)) return undefined
  return code.ask({ kind: 'entry', commit, path }, async (output) => {
    for await (const entry of readTreeEntries(output)) return entry
    return undefined
  })
}
