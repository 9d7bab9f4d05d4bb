import { mkdir, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ProjectId } from '../../core/ids.ts'
import { unlessAbsent } from '../ref-files.ts'

/**
 * Which repositories took a push, told by the processes that serve to the one that maintains: an empty file for each,
 * named by its number. Nothing depends on it: what is missed here, the daily round finds.
 */
export class PushedRepositories {
  readonly #folder: string

  /** @param folder in which nothing else lies */
  constructor(folder: string) {
    this.#folder = folder
  }

  async add(repository: ProjectId): Promise<void> {
    const now = new Date()
    const file = join(this.#folder, String(repository))
    const known = await unlessAbsent(utimes(file, now, now).then(() => true))
    if (known === true) return
    await mkdir(this.#folder, { recursive: true })
    await writeFile(file, '')
  }

  /** Takes out all that are there, in the order of their numbers. */
  async takeAll(): Promise<ProjectId[]> {
    const names = ((await unlessAbsent(readdir(this.#folder))) ?? []).filter((name) => /^[1-9]\d{0,14}$/.test(name))
    for (const name of names) await rm(join(this.#folder, name), { force: true })
    return names.map((name) => Number(name) as ProjectId).sort((one, other) => one - other)
  }
}
