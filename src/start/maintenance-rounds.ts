import { admitUpkeep } from '../access/upkeep.ts'
import type { Settings } from '../config.ts'
import type { ProjectId } from '../core/ids.ts'
import type { Metrics } from '../core/metrics.ts'
import type { Heard, MaintenanceEvent } from '../git/maintenance/events.ts'
import { forgetAnswers } from '../git/maintenance/forget-answers.ts'
import { type Care, standardRest } from '../git/maintenance/look-after.ts'
import { standardGrace } from '../git/maintenance/pack-anew.ts'
import { PushedRepositories } from '../git/maintenance/pushed.ts'
import { Rounds } from '../git/maintenance/rounds.ts'
import { Repositories } from '../git/repositories.ts'
import type { Logger } from '../log.ts'
import { tryLock } from '../store/file-lock.ts'
import { type Home, homeAt } from './home.ts'

type Told<Kind extends MaintenanceEvent['kind']> = Extract<MaintenanceEvent, { kind: Kind }>

const rounded = (seconds: number): number => Math.round(seconds * 1000) / 1000

/** One line when it begins and one when it ends, which says how long each step took. */
const logLines = (log: Logger): Heard => {
  let steps: Record<string, number> = {}
  const begin = ({ repository, plan, before }: Told<'begun'>): void => {
    steps = {}
    log.info({ 'meta.project_id': repository, plan, ...before }, 'a repository is looked after')
  }
  const end = ({ repository, plan, before, after, waiting, seconds }: Told<'ended'>): void =>
    log.info(
      { 'meta.project_id': repository, plan, before, after, waiting, duration_s: rounded(seconds), steps },
      'a repository was looked after',
    )
  const fail = ({ repository, plan, fault, wasEnded }: Told<'failed'>): void => {
    const line = { 'meta.project_id': repository, plan, err: fault, steps }
    if (wasEnded) log.info(line, 'a repository was not looked after to the end')
    else log.error(line, 'a repository could not be looked after')
  }
  return (event) => {
    if (event.kind === 'begun') begin(event)
    if (event.kind === 'step') steps = { ...steps, [event.step]: rounded(event.seconds) }
    if (event.kind === 'ended') end(event)
    if (event.kind === 'failed') fail(event)
  }
}

const outcomeOf = (event: Told<'ended'> | Told<'failed'>): string => {
  if (event.kind === 'ended') return 'done'
  return event.wasEnded ? 'ended' : 'failed'
}

const figures = (metrics: Metrics): Heard => {
  let running = 0
  metrics.follow('maintaining', {}, () => running)
  return (event) => {
    if (event.kind === 'begun') running = 1
    if (event.kind !== 'ended' && event.kind !== 'failed') return
    running = 0
    metrics.add('maintained', { plan: event.plan, outcome: outcomeOf(event) })
    if (event.kind === 'ended') metrics.observe('maintenanceSeconds', { plan: event.plan }, event.seconds)
  }
}

const exclusively =
  ({ maintenanceLock }: Home) =>
  async <Result>(work: () => Promise<Result>): Promise<Result | undefined> => {
    const lock = tryLock(maintenanceLock)
    try {
      return lock && (await work())
    } finally {
      lock?.close()
    }
  }

/** @param metrics of this process */
export const makeRounds = (settings: Settings, log: Logger, metrics: Metrics, signal: AbortSignal): Rounds => {
  const home = homeAt(settings.home)
  const repositories = new Repositories(home.repositories)
  const [line, figure] = [logLines(log), figures(metrics)]
  const heard: Heard = (event) => {
    line(event)
    figure(event)
  }
  const careFor = (repository: ProjectId): Care => ({
    site: { upkeep: admitUpkeep(repository), directory: repositories.directoryOf(repository), signal },
    repository,
    heard,
    grace: standardGrace,
    rest: standardRest,
    pruned: (id) => forgetAnswers(home.fetches, id),
  })
  const onFault = (fault: unknown): void => log.error({ err: fault }, 'repositories could not be looked after')
  const pushed = new PushedRepositories(home.pushed)
  return new Rounds({ repositories, pushed, careFor, exclusively: exclusively(home), onFault }, signal)
}
