import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { ProjectId } from '../../core/ids.ts'
import { syncDirectory } from '../durable-files.ts'
import { unlessAbsent } from '../system-errors.ts'
import { bytesOfPacks } from './condition.ts'
import type { Heard, Size } from './events.ts'
import { packGrowth, packWhole } from './pack-anew.ts'
import { readPacks } from './packs.ts'
import type { Plan } from './plan.ts'
import { retire } from './retire.ts'
import { inStep, runTask, type Site } from './run-task.ts'
import { sweepStaleFiles } from './stale-files.ts'
import { type Retirement, readState, writeState } from './state-file.ts'

/** Old packs stay for so long when new ones are there, in milliseconds: a fetch that began before may open them by then. */
export const standardRest = 3_600_000

export interface Care {
  readonly site: Site
  readonly repository: ProjectId
  readonly heard: Heard
  /** Objects that nothing leads to stay for so long, in milliseconds. */
  readonly grace: number
  /** Old packs stay for so long, in milliseconds; 0 where nobody is served. */
  readonly rest: number
  /** Is told when objects may be gone: answers that were kept for this repository are worth nothing then. */
  readonly pruned: (repository: ProjectId) => Promise<void>
}

const sizeOf = async (directory: string): Promise<Size> => {
  const packs = await readPacks(directory)
  return { packs: packs.length, bytes: bytesOfPacks(packs) }
}

const waitingIn = async (directory: string, retirement: Retirement | undefined): Promise<Size> => {
  const names = new Set(retirement?.packs.map(({ name }) => name))
  const packs = (await readPacks(directory)).filter(({ name }) => names.has(name))
  return { packs: packs.length, bytes: bytesOfPacks(packs) }
}

/** Tells of the beginning and of how it ended. A fault is told and not thrown: the next repository is not to blame. */
const told = async (care: Care, plan: Plan | 'retirement', work: (site: Site) => Promise<void>): Promise<boolean> => {
  const { repository, heard } = care
  const { directory } = care.site
  const site: Site = { ...care.site, onStep: (step, seconds) => heard({ kind: 'step', repository, step, seconds }) }
  const begun = performance.now()
  try {
    const before = await sizeOf(directory)
    heard({ kind: 'begun', repository, plan, before })
    await work(site)
    const [after, { retirement }] = await Promise.all([sizeOf(directory), readState(directory)])
    const waiting = await waitingIn(directory, retirement)
    heard({ kind: 'ended', repository, plan, before, after, waiting, seconds: (performance.now() - begun) / 1000 })
    return true
  } catch (fault) {
    const wasEnded = site.signal.aborted || (await unlessAbsent(stat(join(directory, 'HEAD')))) === undefined
    heard({ kind: 'failed', repository, plan, fault, wasEnded })
    return false
  }
}

const retireIn = async (care: Care, site: Site, retirement: Retirement): Promise<void> => {
  const how = await retire(site, retirement)
  if (how === 'later') return
  if (retirement.whole) await care.pruned(care.repository)
  await writeState(site.directory, { ...(await readState(site.directory)), retirement: undefined })
}

/** Lets go of what has waited long enough. Answers whether nothing went wrong. */
export const finishRetirement = (care: Care, retirement: Retirement): Promise<boolean> =>
  told(care, 'retirement', (site) => retireIn(care, site, retirement))

const packObjects = async (care: Care, site: Site, plan: Exclude<Plan, 'refs'>): Promise<void> => {
  const begun = Date.now()
  const made = plan === 'whole' ? await packWhole(site, begun - care.grace) : await packGrowth(site)
  await runTask(site, { kind: 'commit-graph', whole: made.whole })
  const { wholeAt } = await readState(site.directory)
  const retirement = { ...made, since: Date.now() }
  await writeState(site.directory, { wholeAt: made.whole ? begun : wholeAt, retirement })
  if (care.rest === 0) await retireIn(care, site, retirement)
}

/**
 * Looks after one repository, while it serves fetches and takes pushes: nothing that is there is taken away before all
 * of it is somewhere else, on disk, and has been for as long as `rest` says. May be ended at any point, and begun anew.
 * Answers whether nothing went wrong; what did, is told.
 */
export const lookAfter = (care: Care, plan: Plan): Promise<boolean> =>
  told(care, plan, async (site) => {
    await inStep(site, 'sweep', () => sweepStaleFiles(site.directory))
    await runTask(site, { kind: 'pack-refs' })
    await syncDirectory(site.directory)
    if (plan !== 'refs') await packObjects(care, site, plan)
  })
