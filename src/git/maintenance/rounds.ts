import { setTimeout as pause } from 'node:timers/promises'
import type { ProjectId } from '../../core/ids.ts'
import type { Repositories } from '../repositories.ts'
import { lookAt } from './condition.ts'
import { type Care, finishRetirement, lookAfter } from './look-after.ts'
import { planFor } from './plan.ts'
import type { PushedRepositories } from './pushed.ts'
import { readState, type State } from './state-file.ts'

export interface RoundParts {
  readonly repositories: Pick<Repositories, 'directoryOf' | 'exists' | 'all'>
  readonly pushed: Pick<PushedRepositories, 'take'>
  readonly careFor: (repository: ProjectId) => Care
  /** Does the work while nobody else maintains in this home; undefined, and nothing done, where somebody does. */
  readonly exclusively: <Result>(work: () => Promise<Result>) => Promise<Result | undefined>
  /** Is told of what could not even be looked at. */
  readonly onFault: (fault: unknown) => void
  /** Between two looks at what was pushed, and between two rounds through all, in milliseconds. */
  readonly every?: { readonly look: number; readonly round: number }
}

const standardEvery = { look: 60_000, round: 86_400_000 } as const

/** Looks for what is due, and does it: one repository at a time, those first that took a push. */
export class Rounds {
  readonly #parts: RoundParts
  readonly #stopping: AbortSignal
  /** Repositories that are to be looked at, the next one first. */
  readonly #due = new Set<ProjectId>()
  /** Those whose old packs wait, and until when, in milliseconds. */
  readonly #waiting = new Map<ProjectId, number>()
  #roundAt = Number.NEGATIVE_INFINITY

  constructor(parts: RoundParts, stopping: AbortSignal) {
    this.#parts = parts
    this.#stopping = stopping
  }

  /** Resolves when it was told to stop and nothing of it runs any more. */
  async run(): Promise<void> {
    const { look } = this.#parts.every ?? standardEvery
    while (!this.#stopping.aborted) {
      await pause(look, undefined, { signal: this.#stopping, ref: false }).catch(() => {})
      await this.turn(Date.now()).catch((fault: unknown) => this.#parts.onFault(fault))
    }
  }

  /** One look at all that may be due now. */
  async turn(now: number): Promise<void> {
    const { round } = this.#parts.every ?? standardEvery
    for (const id of await this.#parts.pushed.take(now)) this.#due.add(id)
    for (const [id, until] of this.#waiting) if (until <= now) this.#due.add(id)
    if (now - this.#roundAt >= round) {
      this.#roundAt = now
      for (const id of await this.#parts.repositories.all()) this.#due.add(id)
    }
    for (const id of this.#due) {
      if (this.#stopping.aborted) return
      const done = await this.#parts.exclusively(() => this.#look(id).then(() => true))
      if (done === undefined) return
      this.#due.delete(id)
    }
  }

  async #look(id: ProjectId): Promise<void> {
    const { repositories, careFor, onFault } = this.#parts
    try {
      if (await repositories.exists(id)) await this.#tend(careFor(id))
      else this.#waiting.delete(id)
    } catch (fault) {
      onFault(fault)
    }
  }

  /** What waits comes first: until it is gone, nothing is packed, so that a busy repository is packed once in that time. */
  async #tend(care: Care): Promise<void> {
    const { directory } = care.site
    const { retirement } = await readState(directory)
    if (retirement !== undefined && Date.now() >= retirement.since + care.rest) await finishRetirement(care, retirement)
    const state = await this.#await(care)
    if (state.retirement !== undefined || this.#stopping.aborted) return
    const plan = planFor(await lookAt(directory), state, Date.now())
    if (plan === undefined) return
    await lookAfter(care, plan)
    await this.#await(care)
  }

  /** Notes whether old packs wait, and until when. */
  async #await({ repository, rest, site }: Care): Promise<State> {
    const state = await readState(site.directory)
    if (state.retirement === undefined) this.#waiting.delete(repository)
    else this.#waiting.set(repository, state.retirement.since + rest)
    return state
  }
}
