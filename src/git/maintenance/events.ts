import type { ProjectId } from '../../core/ids.ts'
import type { Plan } from './plan.ts'
import type { TaskKind } from './task.ts'

/** How large a repository is, by its packs: bytes with their indexes, without loose objects. */
export interface Size {
  readonly packs: number
  readonly bytes: number
}

export type Step = TaskKind | 'sweep' | 'remove-packs'

/** What is told while a repository is looked after: for the log, the figures and the terminal. */
export type MaintenanceEvent =
  | { readonly kind: 'begun'; readonly repository: ProjectId; readonly plan: Plan | 'retirement'; readonly before: Size }
  | { readonly kind: 'step'; readonly repository: ProjectId; readonly step: Step; readonly seconds: number }
  | {
      readonly kind: 'ended'
      readonly repository: ProjectId
      readonly plan: Plan | 'retirement'
      readonly before: Size
      readonly after: Size
      readonly seconds: number
      /** What older packs still take, until no fetch can need them. */
      readonly waiting: Size
    }
  /** `wasEnded`: nothing is wrong, but it was told to stop, or the repository was removed meanwhile. */
  | {
      readonly kind: 'failed'
      readonly repository: ProjectId
      readonly plan: Plan | 'retirement'
      readonly fault: unknown
      readonly wasEnded: boolean
    }

export type Heard = (event: MaintenanceEvent) => void
