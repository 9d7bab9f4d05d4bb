import type { Admission } from '../../../access/decide.ts'
import { placed, wasRefused } from '../../../access/gate.ts'
import type { Standing as Reached } from '../../../access/policy.ts'
import { isRefReason } from '../../../access/refuse.ts'
import { refusedUse } from '../../../access/refused-use.ts'
import type { Standing } from '../../../access/standing.ts'
import { timeLeft } from '../../../access/time-left.ts'
import { branchOf, tagOf } from '../../../core/ref-update.ts'
import type { Refusal } from '../../../core/refusal.ts'
import { type Answered, serverIsBusy } from '../../../git/engine.ts'
import type { Inquiry } from '../../../git/inquiry.ts'
import type { Project } from '../../../store/projects.ts'
import type { Call } from '../call.ts'
import { asPrincipal } from '../caller-principal.ts'
import { ApiError, forbidden, notFound, unauthorized } from '../errors.ts'
import { reachProject } from '../reach.ts'

/** How long git may think about one question, in milliseconds; GitLab gives its own git server as long for most. */
const patience = 30_000

type Ended = Exclude<Answered<unknown>, { kind: 'answered' | 'failed' }>

/** A refusal of the law in the API's words; a declined ref says GitLab's sentence, as where its pre-receive check fails. */
export const refusedBy = ({ reason, message }: Refusal): ApiError => {
  if (isRefReason(reason)) return new ApiError(400, { message }, { log: { 'meta.refusal_reason': reason } })
  if (reason === 'project_absent' || reason === 'project_invisible') return notFound('Project')
  if (reason === 'repository_absent') return notFound()
  return forbidden(reason === 'job_token_not_listed' || reason === 'job_token_insufficient' ? message : undefined, reason)
}

const unavailable = (message: string, reason: string, headers: Record<string, string> = {}): ApiError =>
  new ApiError(503, { message }, { headers, log: { 'meta.refusal_reason': reason } })

/** Why git did not come to an end: no place for it, too slow, or nobody there any more to answer. */
export const endedEarly = (ended: Ended): ApiError => {
  if (ended.kind === 'busy') return unavailable(serverIsBusy, 'git_busy', { 'Retry-After': '5' })
  if (ended.reason === 'access was withdrawn') return unauthorized('access_withdrawn')
  return unavailable('503 Service Unavailable', 'git_timeout')
}

/** What git says where an object does not fit into what it may ask for (`wrapper.c`, `memory_limit_check`). */
const memoryDenied = /attempting to allocate \d+ over limit/

const tooLarge = (): ApiError => {
  const message = 'The repository holds an object that is too large to be shown'
  return new ApiError(413, { message }, { log: { 'meta.refusal_reason': 'object_too_large' } })
}

/** The repository of a project that the caller may read. */
export class Code {
  readonly call: Call
  readonly project: Project
  readonly standing: Reached
  readonly #admission: Admission<'inspect'>
  #refs: Promise<ReadonlyMap<string, string>> | undefined

  constructor(call: Call, project: Project, standing: Reached, admission: Admission<'inspect'>) {
    this.call = call
    this.project = project
    this.standing = standing
    this.#admission = admission
  }

  /** Full ref names to object ids, as they were when this request first asked. */
  get refs(): Promise<ReadonlyMap<string, string>> {
    this.#refs ??= this.call.parts.repositories.refs(this.#admission.repository)
    return this.#refs
  }

  async branches(): Promise<ReadonlyMap<string, string>> {
    return below(await this.refs, branchOf)
  }

  async tags(): Promise<ReadonlyMap<string, string>> {
    return below(await this.refs, tagOf)
  }

  /** Asks git. It is ended when the client goes, when it takes too long, or when the caller may no longer read. */
  async ask<Result>(
    inquiry: Inquiry,
    read: (output: AsyncIterable<Buffer>) => Promise<Result>,
    limit: number = patience,
  ): Promise<Result> {
    const answer = await this.tryToAsk(inquiry, read, limit)
    if (answer.kind === 'failed') throw new Error(`git failed with ${answer.code}: ${answer.complaint}`)
    return answer.result
  }

  /** The same for what git may say no to. */
  async tryToAsk<Result>(
    inquiry: Inquiry,
    read: (output: AsyncIterable<Buffer>) => Promise<Result>,
    limit: number = patience,
  ): Promise<Extract<Answered<Result>, { kind: 'answered' | 'failed' }>> {
    const { engine, running } = this.call.parts.code
    const followed = running.follow(() => this.#stands(), timeLeft(this.#admission, this.call.parts.clock()))
    const signals = [this.call.signal, followed.signal, ...(limit === unlimited ? [] : [AbortSignal.timeout(limit)])]
    try {
      const answer = await engine.ask(this.#admission, inquiry, read, AbortSignal.any(signals))
      if (answer.kind === 'busy' || answer.kind === 'aborted') throw endedEarly(answer)
      if (answer.kind === 'failed' && memoryDenied.test(answer.complaint)) throw tooLarge()
      return answer
    } finally {
      followed.end()
    }
  }

  async #stands(): Promise<Standing> {
    const { gate } = this.call.parts.code
    try {
      return await gate.stillInspects(asPrincipal(await this.call.again()), this.project, this.#admission)
    } catch (fault) {
      if (fault instanceof ApiError) return 'withdrawn'
      throw fault
    }
  }
}

/** For what is written at the client's pace: then only a standstill counts. */
export const unlimited = Number.POSITIVE_INFINITY

const below = (refs: ReadonlyMap<string, string>, nameOf: (ref: string) => string | undefined): Map<string, string> => {
  const names = new Map<string, string>()
  for (const [ref, id] of refs) {
    const name = nameOf(ref)
    if (name !== undefined) names.set(name, id)
  }
  return names
}

/** Branches and commits are absent where the repository is switched off for the caller; elsewhere GitLab says 403. */
type WhereClosed = 'absent' | 'forbidden'

/**
 * The code of the project that `:id` names. Throws 404 where the caller may not know of the project, and 403 where it
 * may not read its code (gitlab `lib/api/helpers.rb`, `authorize_read_code!`, `require_repository_enabled!`).
 */
export const reachCode = async (call: Call, closed: WhereClosed): Promise<Code> => {
  const { project, standing } = await reachProject(call)
  const decision = await call.parts.code.gate.inspect(placed(asPrincipal(call.caller), call.address), project)
  if (!wasRefused(decision)) return new Code(call, project, standing, decision)
  const isClosed = decision.reason === 'download_denied' && project.repository_access_level !== 'enabled'
  if (closed === 'absent' && (isClosed || decision.reason === 'repository_absent')) throw notFound('Repository')
  throw refusedBy(decision)
}

/** A ref that may not be changed over the API is a push that was denied. */
export const tellDenied = ({ call, project }: Pick<Code, 'call' | 'project'>, refusal: Refusal): void => {
  const entry = { who: asPrincipal(call.caller), project: { id: project.id, fullPath: project.full_path } }
  const use = refusedUse(refusal, entry, { door: 'api', push: true, address: call.address, at: call.now })
  call.parts.activity.refusals.refused(use)
}

/** Throws 403 where the caller may change no ref of the project at all (`authorize_push_project`). */
export const requirePush = async ({ call, project }: Code): Promise<void> => {
  const refusal = await call.parts.code.gate.refusalToPush(asPrincipal(call.caller), project)
  if (refusal === undefined) return
  tellDenied({ call, project }, refusal)
  throw refusedBy(refusal)
}
