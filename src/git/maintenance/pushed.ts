import { mkdir, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ProjectId } from '../../core/ids.ts'
import { unlessAbsent } from '../system-errors.ts'

/** Without another push for so long, in milliseconds, a repository is at rest; one that never is, is looked at after all. */
export const standardSettling = { quiet: 30_000, longest: 600_000 } as const

export type Settling = { readonly [Name in keyof typeof standardSettling]: number }

/**
 * Which repositories took a push, told by the processes that serve to the one that maintains: an empty file for each,
 * named by its number. Nothing depends on it: what is missed here, the daily round finds.
 */
export class PushedRepositories {
  readonly #folder: string
  readonly #settling: Settling
  readonly #seenAt = new Map<ProjectId, number>()

  /** @param folder in which nothing else lies */
  constructor(folder: string, settling: Settling = standardSettling) {
    this.#folder = folder
    this.#settling = settling
  }

  async add(repository: ProjectId): Promise<void> {
    const now = new Date()
    const file = this.#fileOf(repository)
    const known = await unlessAbsent(utimes(file, now, now).then(() => true))
    if (known === true) return
    await mkdir(this.#folder, { recursive: true })
    await writeFile(file, '')
  }

  /** Takes out those at rest, the last pushed first. A push from now on is a new one. */
  async take(now: number): Promise<ProjectId[]> {
    const ready: { readonly id: ProjectId; readonly at: number }[] = []
    for (const id of await this.#listed()) {
      const at = (await unlessAbsent(stat(this.#fileOf(id))))?.mtimeMs
      if (at === undefined || !this.#isReady(id, at, now)) continue
      await rm(this.#fileOf(id), { force: true })
      this.#seenAt.delete(id)
      ready.push({ id, at })
    }
    return ready.sort((one, other) => other.at - one.at).map(({ id }) => id)
  }

  #isReady(id: ProjectId, at: number, now: number): boolean {
    const seenAt = this.#seenAt.get(id) ?? now
    this.#seenAt.set(id, seenAt)
    return now - at >= this.#settling.quiet || now - seenAt >= this.#settling.longest
  }

  async #listed(): Promise<ProjectId[]> {
    const names = (await unlessAbsent(readdir(this.#folder))) ?? []
    return names.filter((name) => /^[1-9]\d{0,14}$/.test(name)).map((name) => Number(name) as ProjectId)
  }

  #fileOf(repository: ProjectId): string {
    return join(this.#folder, String(repository))
  }
}
