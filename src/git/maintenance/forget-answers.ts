import { rm } from 'node:fs/promises'
import type { ProjectId } from '../../core/ids.ts'
import { Layout } from '../fetch-cache/layout.ts'

/**
 * Empties the fetch cache of a repository, from a process that serves nobody; who reads an answer reads on.
 * @param directory of the whole cache
 */
export const forgetAnswers = (directory: string, repository: ProjectId): Promise<void> =>
  rm(new Layout(directory).folderOf(repository), { recursive: true, force: true })
