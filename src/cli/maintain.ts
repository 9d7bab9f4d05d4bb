import { admitUpkeep } from '../access/upkeep.ts'
import { inHome, type Settings } from '../config.ts'
import type { ProjectId } from '../core/ids.ts'
import type { Heard } from '../git/maintenance/events.ts'
import { forgetAnswers } from '../git/maintenance/forget-answers.ts'
import { type Care, finishRetirement, lookAfter, standardRest } from '../git/maintenance/look-after.ts'
import { standardGrace } from '../git/maintenance/pack-anew.ts'
import { PushedRepositories } from '../git/maintenance/pushed.ts'
import { readState } from '../git/maintenance/state-file.ts'
import { Repositories } from '../git/repositories.ts'
import { isLocked } from '../store/file-lock.ts'
import { findProject } from '../store/projects.ts'
import { eventInJson, eventInWords } from './maintain-words.ts'
import { takeMaintenanceLock } from './maintenance-lock.ts'
import { inOpenedHome, type OpenedHome } from './opened-home.ts'
import { Refused, WrongUsage } from './refused.ts'
import { untilStopped } from './until-stopped.ts'

export interface AskedMaintenance {
  readonly project: string | undefined
  readonly all: boolean
}

const which = async (
  { store }: OpenedHome,
  repositories: Repositories,
  { project, all }: AskedMaintenance,
): Promise<ProjectId[]> => {
  if (all === (project !== undefined)) throw new WrongUsage('give --project or --all, and not both')
  if (project === undefined) return (await repositories.all()).sort((one, other) => one - other)
  const found = await findProject(store.read, project)
  if (found === undefined) throw new Refused(`there is no project ${JSON.stringify(project)}`)
  return [found.project.id]
}

/** A repository may have no project: a crash can take back the row. */
const nameOf = async ({ store }: OpenedHome, id: ProjectId): Promise<string> => {
  const route = await store.read.selectFrom('routes').select('path').where('project_id', '=', id).executeTakeFirst()
  return route?.path ?? `repository ${id}`
}

/** On a terminal each step is told, elsewhere how it ended; faults go where faults go. */
const teller = (isJson: boolean, name: string): Heard => {
  if (isJson) return (event) => void process.stdout.write(`${eventInJson(name, event)}\n`)
  return (event) => {
    if (event.kind === 'failed') console.error(`sallyport: ${eventInWords(name, event)}`)
    else if (event.kind === 'ended' || process.stdout.isTTY) process.stdout.write(`${eventInWords(name, event)}\n`)
  }
}

const careFor = (settings: Settings, repositories: Repositories, id: ProjectId, heard: Heard, signal: AbortSignal): Care => ({
  site: { upkeep: admitUpkeep(id), directory: repositories.directoryOf(id), signal },
  repository: id,
  heard,
  grace: standardGrace,
  /** Where no server runs, no fetch does; asked when it is needed, since one may be started meanwhile. */
  get rest() {
    return isLocked(inHome(settings, 'sallyport.lock')) ? standardRest : 0
  },
  pruned: (repository) => forgetAnswers(inHome(settings, 'cache/fetch'), repository),
})

/** What a run before left to wait goes first, where its time is over. Answers whether nothing went wrong. */
const tend = async (care: Care): Promise<boolean> => {
  const { retirement } = await readState(care.site.directory)
  const isOver = retirement !== undefined && Date.now() >= retirement.since + care.rest
  const wasRetired = !isOver || (await finishRetirement(care, retirement))
  return (await lookAfter(care, 'whole')) && wasRetired
}

const maintainOne = async (settings: Settings, care: Care): Promise<boolean> => {
  const lock = await takeMaintenanceLock(settings, care.site.signal)
  try {
    const isDone = await tend(care)
    // Where old packs wait, the server sees to it that they go.
    if (settings.maintenance) await new PushedRepositories(inHome(settings, 'pushed')).add(care.repository)
    return isDone
  } finally {
    lock.close()
  }
}

/** Looks after one repository or all of them, one at a time, and tells of it on standard output. */
export const maintain = (settings: Settings, asked: AskedMaintenance): Promise<string> =>
  inOpenedHome(settings, async (home) => {
    const repositories = new Repositories(inHome(settings, 'repos'))
    const signal = untilStopped()
    const failed: string[] = []
    for (const id of await which(home, repositories, asked)) {
      if (signal.aborted) throw new Refused('stopped')
      const name = await nameOf(home, id)
      const heard = teller(settings.json === true, name)
      if (!(await maintainOne(settings, careFor(settings, repositories, id, heard, signal)))) failed.push(name)
    }
    if (failed.length > 0) throw new Refused(`these could not be looked after: ${failed.join(', ')}`)
    return ''
  })
