import { mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { ProjectId } from '../core/ids.ts'
import { sweepStaleFiles } from './maintenance/stale-files.ts'
import type { Repositories } from './repositories.ts'
import { endStrays } from './strays.ts'
import { unlessAbsent } from './system-errors.ts'

/** Between two looks whether a repository is free, in milliseconds, and how often it is looked. */
const patience = { pause: 200, looks: 3_000 } as const

/** The moment as the disk's own clock has it, which is the one that files are dated by. In milliseconds. */
const momentOf = async (folder: string): Promise<number> => {
  await mkdir(folder, { recursive: true })
  const mark = await mkdtemp(join(folder, `new-${process.pid}-`))
  try {
    return (await stat(mark)).mtimeMs
  } finally {
    await rm(mark, { recursive: true, force: true })
  }
}

/** What a process of the server had in the making when it was killed; its number is in the name. */
const clearAside = async (folder: string, isOurs: (pid: number) => boolean): Promise<void> => {
  for (const name of (await unlessAbsent(readdir(folder))) ?? []) {
    const pid = /^(?:new|head)-(\d+)-/.exec(name)?.[1]
    if (pid !== undefined && !isOurs(Number(pid))) await rm(join(folder, name), { recursive: true, force: true })
  }
}

interface Site {
  /** The folder of all repositories. */
  readonly root: string
  readonly repositories: Repositories
  /** Whether a process is one of this server that lives. */
  readonly isOurs: (pid: number) => boolean
  readonly signal: AbortSignal
}

/** Waits until those that worked here at the beginning are gone, and ends the strays among them. */
const isFree = async ({ root, signal }: Site, directory: string, first: readonly number[] | undefined): Promise<boolean> => {
  for (let looks = 0; first !== undefined && looks < patience.looks; looks += 1) {
    const now = (await endStrays(root))?.get(directory) ?? []
    if (!first.some((pid) => now.includes(pid))) return true
    await pause(patience.pause, undefined, { signal, ref: false })
  }
  return first === undefined
}

/**
 * Clears away what a process of the server left when it was killed, or all of them: git that works on for nobody, locks
 * that stand in the way, files that were being written. What is younger than the call belongs to somebody who lives, and
 * so does what lies where somebody works who was there before. Nothing is done on a system that does not tell who works
 * where: there the upkeep of repositories removes what is old enough.
 */
export const clearAfterKill = async (site: Site): Promise<void> => {
  const aside = join(site.root, 'aside')
  const busy = await endStrays(site.root)
  if (busy === undefined) return
  // A stray that was just ended writes no more once its number is gone; the disk's clock goes in steps of some milliseconds.
  await pause(20, undefined, { signal: site.signal, ref: false })
  const before = await momentOf(aside)
  await clearAside(aside, site.isOurs)
  await site.repositories.sweepRemoved()
  const sweep = async (id: ProjectId): Promise<void> => {
    const directory = site.repositories.directoryOf(id)
    if (await isFree(site, directory, busy.get(directory)))
      await sweepStaleFiles(directory, { temporaries: before, locks: before })
  }
  const later: ProjectId[] = []
  for (const id of await site.repositories.all()) {
    if (site.signal.aborted) return
    if (busy.has(site.repositories.directoryOf(id))) later.push(id)
    else await sweep(id)
  }
  for (const id of later) await sweep(id)
}
