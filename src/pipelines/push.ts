import { setTimeout as wait } from 'node:timers/promises'
import type { Admission } from '../access/decide.ts'
import type { ProjectId, UserId } from '../core/ids.ts'
import { branchOf, isDeletion, type RefUpdate, tagOf } from '../core/ref-update.ts'
import type { Logger } from '../log.ts'
import { projectById } from '../store/projects.ts'
import { createPipeline } from './create.ts'
import type { CreateParts } from './create-request.ts'
import { type PushWishes, wishesOf } from './push-wishes.ts'
import { SourceUnavailable } from './source.ts'
import { tidyPipelineRefs } from './tidy-refs.ts'

type Landing = Pick<Admission<'receive-pack'> | Admission<'change-refs'>, 'principal' | 'credential' | 'repository'>

interface Landed {
  readonly updates: readonly RefUpdate[]
  readonly options?: readonly string[]
}

/** Refs of one push that get a pipeline (gitlab `Git::ProcessRefChangesService`, `PIPELINE_PROCESS_LIMIT`). */
const mostRefs = 4

/** Pushes whose pipelines wait to be made; what comes on top makes none. */
const mostWaiting = 1_000

/** Git is asked again so often where it had no place, each time after so many milliseconds. */
const tries = 5
const pause = 1_000

/** How long an orderly stop waits for pipelines that are due, in milliseconds. */
const patience = 3_000

/** As whom the pipelines of a push run: pushes by job tokens make none. */
const pusherOf = ({ principal, credential }: Landing): UserId | undefined => {
  if (credential?.kind === 'job-token') return undefined
  if (principal.kind === 'user') return principal.user.id
  return principal.kind === 'deploy-key' ? principal.creator?.id : undefined
}

interface Due {
  readonly project: ProjectId
  readonly user: UserId
  readonly update: RefUpdate
  readonly wishes: PushWishes
}

/**
 * Makes the pipelines of what was pushed, one after the other, after the push was answered: no push waits for them or
 * fails by them. What was due when the process dies is lost.
 */
export class PushPipelines {
  readonly #parts: CreateParts
  readonly #log: Logger
  #waiting = 0
  #stopped = false
  #last: Promise<void> = Promise.resolve()

  constructor(parts: CreateParts, log: Logger) {
    this.#parts = parts
    this.#log = log
  }

  /** A push was run; which of its refs landed is looked up in the repository. */
  landed(admission: Landing, { updates, options = [] }: Landed): void {
    const user = pusherOf(admission)
    if (user === undefined) return
    const due = updates.filter((update) => !isDeletion(update) && (branchOf(update.ref) ?? tagOf(update.ref)) !== undefined)
    if (due.length === 0 || !this.#hasRoom()) return
    this.#waiting += 1
    const wishes = wishesOf(options)
    const all = due.slice(0, mostRefs).map((update) => ({ project: admission.repository, user, update, wishes }))
    this.#last = this.#last.then(() => this.#makeAll(all))
  }

  /** Waits a while for what is due; the rest is given up. */
  async stop(): Promise<void> {
    await Promise.race([this.#last, wait(patience, undefined, { ref: false })])
    this.#stopped = true
  }

  #hasRoom(): boolean {
    if (this.#waiting < mostWaiting) return true
    this.#log.error({}, 'too many pushes wait for their pipelines; one gets none')
    return false
  }

  async #makeAll(all: readonly Due[]): Promise<void> {
    for (const due of all) {
      if (this.#stopped) break
      await this.#make(due).catch((fault: unknown) => this.#log.error({ err: fault }, 'the pipeline of a push could not be made'))
    }
    this.#waiting -= 1
  }

  async #make({ project: id, user, update, wishes }: Due): Promise<void> {
    const project = await projectById(this.#parts.store.read, id)
    const refs = await this.#parts.repositories.refs(id)
    if (project === undefined || refs.get(update.ref) !== update.newId) return
    const branch = branchOf(update.ref)
    const outcome = await this.#patiently({
      project,
      user,
      ref: branch ?? tagOf(update.ref) ?? '',
      tag: branch === undefined,
      objectId: update.newId,
      beforeSha: update.oldId,
      source: 'push',
      variables: wishes.variables,
      skip: wishes.skip,
      keepErrors: true,
    })
    const fields = { 'meta.project': project.full_path, ref: update.ref }
    if (outcome.kind === 'refused') this.#log.debug({ ...fields, errors: outcome.errors }, 'a push made no pipeline')
    await tidyPipelineRefs(this.#parts, id)
  }

  async #patiently(request: Parameters<typeof createPipeline>[1]): ReturnType<typeof createPipeline> {
    for (let left = tries; ; left -= 1) {
      try {
        return await createPipeline(this.#parts, request)
      } catch (fault) {
        if (left <= 1 || this.#stopped || !(fault instanceof SourceUnavailable)) throw fault
        await wait(pause)
      }
    }
  }
}
