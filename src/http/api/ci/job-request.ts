import { setImmediate as turn } from 'node:timers/promises'
import { z } from 'zod'
import type { FailureReason } from '../../../ci/states.ts'
import { MissingDependency } from '../../../pipelines/dependencies.ts'
import { jobPayload } from '../../../pipelines/payload.ts'
import { jobPayloadEntity } from '../../../pipelines/payload-shape.ts'
import { SourceUnavailable } from '../../../pipelines/source.ts'
import { finishJob } from '../../../store/ci/finish.ts'
import { keepMasks } from '../../../store/ci/masks.ts'
import { type Claimed, claimJob, hasJobFor, returnJob } from '../../../store/ci/queue.ts'
import { findRunner, type RunnerRow } from '../../../store/ci/runners.ts'
import { type Answer, created } from '../answer.ts'
import { type Call, type Route, route } from '../call.ts'
import { conflict } from '../errors.ts'
import { optional, text } from '../input.ts'
import { gitIsBusy } from './git-is-busy.ts'
import { requireRunner, runnerCallFields } from './runner-caller.ts'

/** How long a runner that knows that there was nothing waits for something, in milliseconds (GitLab's usual setting). */
const longestWait = 50_000

const jobRequest = z.object({ ...runnerCallFields, last_update: optional(text()) })

const nothingNow = (value: number): Answer => ({
  status: 204,
  headers: { 'X-GitLab-Last-Update': String(value), 'Content-Type': 'application/json' },
})

/** A job whose payload cannot be made fails, and is nobody's: another fault would come of trying it again. */
const giveUp = async (call: Call, { job }: Claimed, failureReason: FailureReason): Promise<void> => {
  await call.parts.store.write
    .transaction()
    .execute((transaction) => finishJob(transaction, job.id, { status: 'failed', failureReason }, call.parts.clock()))
}

/** What the runner is told. A runner that went away meanwhile never learns of the job, so the job waits again. */
const handOut = async (call: Call, claimed: Claimed): Promise<Answer> => {
  const { store, sealer, log } = call.parts
  try {
    const { payload, masks } = await jobPayload(call.parts, claimed)
    await keepMasks(store, sealer, claimed.job.id, masks)
    if (!call.signal.aborted) return created(payload)
  } catch (fault) {
    if (fault instanceof SourceUnavailable) {
      await returnJob(store, claimed, call.parts.clock())
      log.warn({ err: fault, job: claimed.job.id }, 'a job waits again: git had no place for the questions about it')
      throw gitIsBusy()
    }
    if (fault instanceof MissingDependency) {
      await giveUp(call, claimed, 'missing_dependency_failure')
      throw conflict('409 Conflict')
    }
    await giveUp(call, claimed, 'scheduler_failure')
    log.error({ err: fault, job: claimed.job.id }, 'a job could not be handed out')
    throw conflict('409 Conflict')
  }
  await returnJob(store, claimed, call.parts.clock())
  return nothingNow(call.parts.jobs.queue.value())
}

/** Looks first without taking the right to write, which is one for all. */
const take = async (call: Call, runner: RunnerRow, system: string | undefined): Promise<Claimed | undefined> =>
  (await hasJobFor(call.parts.store, runner)) ? claimJob(call.parts.store, runner, system, call.parts.clock()) : undefined

interface Waiting {
  readonly runner: RunnerRow
  readonly system: string | undefined
  readonly until: AbortSignal
}

/** Looks at each change of the queue, whichever process made it, until there is a job or the time is over. */
const waitForJob = async (call: Call, { runner, system, until }: Waiting, known: number): Promise<Claimed | number> => {
  const { queue } = call.parts.jobs
  for (let value = known; ; ) {
    await queue.changed(value, until)
    // That the runner has left may be known already and not heard yet.
    await turn()
    if (until.aborted) return value
    value = queue.value()
    const today = await findRunner(call.parts.store.read, runner.id)
    if (today === undefined || today.token_digest !== runner.token_digest) return value
    const claimed = await take(call, today, system)
    if (claimed !== undefined) return claimed
  }
}

/**
 * Hands out the next job. A runner that says the queue's number as it still is has looked already: it is answered when
 * something changes (GitLab's workhorse holds such requests open).
 */
const request = async (call: Call): Promise<Answer> => {
  const { last_update, ...said } = call.read(jobRequest)
  const { runner } = await requireRunner(call, said)
  const { queue, stopping } = call.parts.jobs
  const value = queue.value()
  if (last_update !== String(value)) {
    const claimed = await take(call, runner, said.system_id)
    return claimed === undefined ? nothingNow(value) : handOut(call, claimed)
  }
  const leave = queue.enter(runner.id)
  // It asks again after its usual pause.
  if (leave === undefined) return nothingNow(value)
  const until = AbortSignal.any([call.signal, stopping, AbortSignal.timeout(longestWait)])
  const found = await waitForJob(call, { runner, system: said.system_id, until }, value).finally(leave)
  return typeof found === 'number' ? nothingNow(found) : handOut(call, found)
}

/** How a runner gets its jobs (gitlab `lib/api/ci/runner.rb`; protocols of the runner's own source). */
export const jobRequestRoutes: readonly Route[] = [
  route('POST', '/jobs/request', {
    forRunners: true,
    input: [jobRequest],
    output: jobPayloadEntity,
    orNothing: true,
    summary: 'The next job for a runner; 204 where there is none',
    handler: request,
  }),
]
