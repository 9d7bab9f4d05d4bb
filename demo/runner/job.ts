import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { downloadArtifacts, uploadArtifacts } from './artifacts.ts'
import { type FinalState, JobCalls, type JobWord } from './job-calls.ts'
import type { Payload, PayloadStep } from './payload.ts'
import type { ProgramOptions } from './program.ts'
import { runScript } from './script.ts'
import { getSources } from './sources.ts'
import { type Rhythm, TraceSender } from './trace-sender.ts'
import { prepareVariables, type Variables } from './variables.ts'

/** `gone`: canceled, or no longer ours; nothing more was said about it. */
export type Outcome =
  | { readonly kind: 'success' }
  | { readonly kind: 'failed'; readonly reason: string; readonly exitCode: number | undefined }
  | { readonly kind: 'gone' }

export interface JobOptions {
  /** `…/api/v4` */
  readonly base: string
  /** Where working copies are made. */
  readonly folder: string
  readonly rhythm: Rhythm
}

const colour = (code: number, text: string): string => `\u001b[${code};1m${text}\u001b[0;m\n`

const sectionLine = (edge: 'start' | 'end', name: string): string =>
  `section_${edge}:${Math.floor(Date.now() / 1_000)}:${name}\r\u001b[0K`

type Work = ProgramOptions & { readonly aside: string }

/** One job from its payload to the last word about it. */
class Job {
  readonly #payload: Payload
  readonly #calls: JobCalls
  readonly #trace: TraceSender
  readonly #variables: Variables
  readonly #work: Work
  /** Ends the script. */
  readonly #halt = new AbortController()
  /** Ends everything: the server has no more use for us. */
  readonly #gone = new AbortController()
  #late = false

  constructor(payload: Payload, { base, rhythm }: JobOptions, place: string, variables: Variables) {
    this.#payload = payload
    this.#variables = variables
    this.#calls = new JobCalls(base, payload.id, payload.token)
    this.#trace = new TraceSender(this.#calls, [...variables.masks, payload.token], rhythm, (word) => this.#hear(word))
    this.#work = {
      cwd: join(place, 'build'),
      aside: join(place, 'aside'),
      env: variables.environment,
      signal: AbortSignal.any([this.#halt.signal, this.#gone.signal]),
      output: (bytes) => this.#trace.write(bytes),
    }
  }

  #hear(word: JobWord): void {
    if (word === 'over') this.#gone.abort()
    else this.#halt.abort()
  }

  async run(): Promise<Outcome> {
    const timer = setTimeout(() => {
      this.#late = true
      this.#halt.abort()
    }, this.#payload.runner_info.timeout * 1_000)
    const outcome = await this.#stages().catch((fault: unknown) => this.#broken(fault))
    clearTimeout(timer)
    return await this.#finish(outcome)
  }

  #broken(fault: unknown): Outcome {
    this.#trace.write(colour(31, `ERROR: ${fault instanceof Error ? fault.message : fault}`))
    return { kind: 'failed', reason: 'runner_system_failure', exitCode: undefined }
  }

  async #section<Result>(name: string, title: string, work: () => Promise<Result>): Promise<Result> {
    this.#trace.write(`${sectionLine('start', name)}${colour(36, title)}`)
    try {
      return await work()
    } finally {
      this.#trace.write(sectionLine('end', name))
    }
  }

  async #stages(): Promise<Outcome> {
    this.#trace.write('Running with a small runner (shell)\n')
    const fetched = await this.#section('get_sources', 'Getting source from Git repository', () => this.#sources())
    if (fetched !== 0) return { kind: 'failed', reason: 'runner_system_failure', exitCode: fetched }
    await this.#downloads()
    const code = await this.#steps()
    if (this.#gone.signal.aborted) return { kind: 'gone' }
    await this.#uploads(code === 0 && !this.#halt.signal.aborted)
    if (this.#late) return { kind: 'failed', reason: 'job_execution_timeout', exitCode: undefined }
    return code === 0 ? { kind: 'success' } : { kind: 'failed', reason: 'script_failure', exitCode: code }
  }

  #sources(): Promise<number> {
    const strategy = this.#variables.environment['GIT_STRATEGY']
    return strategy === 'none' || strategy === 'empty' ? Promise.resolve(0) : getSources(this.#payload, this.#work)
  }

  async #downloads(): Promise<void> {
    const wanted = (this.#payload.dependencies ?? []).filter(({ artifacts_file }) => artifacts_file?.filename)
    if (wanted.length === 0) return
    await this.#section('download_artifacts', 'Downloading artifacts', async () => {
      for (const dependency of wanted) {
        this.#trace.write(`Downloading artifacts for ${dependency.name} (${dependency.id})\n`)
        await downloadArtifacts(this.#calls, this.#work.cwd, dependency)
      }
    })
  }

  async #steps(): Promise<number> {
    let code = 0
    for (const step of this.#payload.steps) {
      if (this.#gone.signal.aborted) return code
      if (step.when !== 'always' && step.when !== (code === 0 ? 'on_success' : 'on_failure')) continue
      const ended = await this.#section(`step_${step.name}`, `Executing "step_${step.name}"`, () => this.#step(step, code))
      if (ended !== 0 && !step.allow_failure && code === 0) code = ended
    }
    return code
  }

  /** What cleans up runs also when the script was halted. */
  #step(step: PayloadStep, code: number): Promise<number> {
    const timeout = AbortSignal.timeout(step.timeout * 1_000)
    const signal = step.when === 'always' ? AbortSignal.any([this.#gone.signal, timeout]) : this.#work.signal
    const status = this.#halt.signal.aborted ? 'canceled' : code === 0 ? 'success' : 'failed'
    const own = step.when === 'always' ? { CI_JOB_STATUS: status } : {}
    return runScript(step, { ...this.#work, env: { ...this.#work.env, ...own }, signal })
  }

  async #uploads(succeeded: boolean): Promise<void> {
    const fitting = succeeded ? 'on_success' : 'on_failure'
    const rules = (this.#payload.artifacts ?? []).filter(({ when }) => when === 'always' || (when || 'on_success') === fitting)
    for (const rule of rules) {
      await this.#section('upload_artifacts', 'Uploading artifacts', async () =>
        this.#trace.write(`${await uploadArtifacts(this.#calls, this.#work.cwd, rule)}\n`),
      )
    }
  }

  async #finish(outcome: Outcome): Promise<Outcome> {
    if (outcome.kind === 'success') this.#trace.write(colour(32, 'Job succeeded'))
    if (outcome.kind === 'failed') this.#trace.write(colour(31, `ERROR: Job failed: ${wordsOf(outcome)}`))
    await this.#trace.end()
    if (outcome.kind === 'gone' || this.#gone.signal.aborted) return { kind: 'gone' }
    return (await this.#lastWord(outcome)) ? outcome : { kind: 'gone' }
  }

  async #lastWord(outcome: Exclude<Outcome, { kind: 'gone' }>): Promise<boolean> {
    const state: FinalState = { ...stateOf(outcome), ...this.#trace.total }
    for (let tries = 0; tries < 50; tries += 1) {
      const answer = await this.#calls.finish(state).catch(() => 'again' as const)
      if (answer !== 'again') return answer === 'done'
      await pause(200)
    }
    return false
  }
}

const wordsOf = ({ reason, exitCode }: Extract<Outcome, { kind: 'failed' }>): string =>
  exitCode === undefined ? reason : `exit status ${exitCode}`

const stateOf = (outcome: Exclude<Outcome, { kind: 'gone' }>): Omit<FinalState, 'checksum' | 'bytesize'> => {
  if (outcome.kind === 'success') return { state: 'success', exit_code: 0 }
  const { reason, exitCode } = outcome
  return { state: 'failed', failure_reason: reason, ...(exitCode !== undefined && { exit_code: exitCode }) }
}

/** Runs a job in a fresh folder, which is gone afterwards. */
export const runJob = async (payload: Payload, options: JobOptions): Promise<Outcome> => {
  const place = await mkdtemp(join(options.folder, `job-${payload.id}-`))
  try {
    const [build, aside] = [join(place, 'build'), join(place, 'aside')]
    await Promise.all([build, aside].map((directory) => mkdir(directory)))
    const variables = await prepareVariables(payload.variables, join(place, 'build.tmp'), {
      HOME: aside,
      CI_PROJECT_DIR: build,
      CI_BUILDS_DIR: place,
      CI_CONCURRENT_ID: '0',
      CI_CONCURRENT_PROJECT_ID: '0',
      CI_SERVER: 'yes',
      CI_JOB_STATUS: 'running',
      CI_JOB_TIMEOUT: String(payload.runner_info.timeout),
    })
    return await new Job(payload, options, place, variables).run()
  } finally {
    await rm(place, { recursive: true, force: true, maxRetries: 5 })
  }
}
