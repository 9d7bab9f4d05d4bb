import type { FailureReason } from './states.ts'

/** A variable of the configuration; nothing in it is secret. */
export interface PlannedVariable {
  readonly key: string
  readonly value: string
  /** Not expanded by the runner (`expand: false`). */
  readonly raw: boolean
}

export interface Need {
  readonly job: string
  readonly artifacts: boolean
  readonly optional: boolean
}

export type When = 'on_success' | 'on_failure' | 'always' | 'manual' | 'delayed'

/** What goes to the runner as it stands in the configuration (`image`, `services`, `artifacts`, `cache`, …), made regular. */
export interface JobOptions {
  /** Lines of `before_script` and `script`, flattened. */
  readonly script: readonly string[]
  readonly afterScript: readonly string[]
  readonly image: Readonly<Record<string, unknown>> | undefined
  readonly services: readonly Readonly<Record<string, unknown>>[]
  /** One entry for each kind of artifact, in the shape in which runners are told of it. */
  readonly artifacts: readonly Readonly<Record<string, unknown>>[]
  readonly cache: readonly Readonly<Record<string, unknown>>[]
  readonly hooks: readonly { readonly name: string; readonly script: readonly string[] }[]
  /** Names of the jobs whose artifacts are wanted; undefined: of all earlier stages, or of `needs`. */
  readonly dependencies: readonly string[] | undefined
  /** Name of a variable → audiences of its signed token. */
  readonly idTokens: Readonly<Record<string, readonly string[]>>
  readonly environment: { readonly name: string; readonly url: string | undefined; readonly action: string } | undefined
  readonly interruptible: boolean
}

export interface PlannedJob {
  readonly name: string
  readonly stage: string
  /** Stages run in this order. */
  readonly stageIndex: number
  readonly when: When
  /** Seconds, for `delayed`. */
  readonly startIn: number | undefined
  /** `true`, or the exit codes with which it may fail. */
  readonly allowFailure: boolean | readonly number[]
  readonly retry: { readonly max: 0 | 1 | 2; readonly when: readonly (FailureReason | 'always')[] }
  /** Seconds; undefined: the project's. */
  readonly timeout: number | undefined
  readonly tags: readonly string[]
  /** Undefined: the job waits for all earlier stages. */
  readonly needs: readonly Need[] | undefined
  readonly variables: readonly PlannedVariable[]
  readonly options: JobOptions
}

export interface Plan {
  readonly stages: readonly string[]
  readonly jobs: readonly PlannedJob[]
  /** Of `workflow`. */
  readonly name: string | undefined
  readonly warnings: readonly string[]
}

/** What is wrong with a configuration, each as a sentence that GitLab would say; never a fault. */
export interface InvalidConfiguration {
  readonly kind: 'invalid'
  readonly errors: readonly string[]
  readonly warnings: readonly string[]
}

/** `empty`: the rules leave no job, or `workflow` says that there is no pipeline. */
export type Compiled =
  | { readonly kind: 'planned'; readonly plan: Plan }
  | { readonly kind: 'empty'; readonly reason: 'no jobs' | 'workflow' }
  | InvalidConfiguration

/** What rules may ask. */
export interface PipelineContext {
  readonly ref: string
  readonly refType: 'branch' | 'tag'
  readonly source: string
  /** For expressions: predefined, project, group and pipeline variables; none that is secret is ever shown. */
  readonly variables: ReadonlyMap<string, string>
  readonly defaultBranch: string | undefined
}

/** Reads a file of the commit whose configuration is compiled (`include: local`); undefined where there is none. */
export type FileReader = (path: string) => Promise<string | undefined>
