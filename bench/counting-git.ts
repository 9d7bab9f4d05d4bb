import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { findProgram } from '../scripts/needs.ts'

/** Stands in front of git in a server's search path and lets git note what it starts. */
export interface CountingGit {
  /** For the server's environment. */
  readonly path: string
  /** How many packs git has made for clients since the last call. */
  packs(): Promise<number>
}

const made = /built-in: git pack-objects /g

/** Git itself writes down every program of git that starts, also those that git starts (`GIT_TRACE`, git(1)). */
export const makeCountingGit = async (directory: string): Promise<CountingGit> => {
  const git = findProgram('git')
  if (git === undefined) throw new Error('git is not installed')
  await mkdir(directory, { recursive: true })
  const trace = join(directory, 'trace')
  const script = `#!/bin/sh\nGIT_TRACE='${trace}'\nexport GIT_TRACE\nexec '${git}' "$@"\n`
  await writeFile(join(directory, 'git'), script, { mode: 0o755 })
  await writeFile(trace, '')
  return {
    path: `${directory}:${process.env['PATH'] ?? ''}`,
    async packs() {
      const text = await readFile(trace, 'utf8').catch(() => '')
      await rm(trace, { force: true })
      return text.match(made)?.length ?? 0
    },
  }
}
