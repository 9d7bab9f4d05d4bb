/** What a runner reads of the payload of a job (the 201 of `POST /jobs/request`); other keys are left alone. */
export interface Payload {
  readonly id: number
  readonly token: string
  readonly job_info: { readonly name: string; readonly stage: string; readonly project_id: number }
  readonly git_info: {
    /** Holds the job's token. */
    readonly repo_url: string
    readonly ref: string
    readonly sha: string
    readonly refspecs: readonly string[]
    /** 0: everything. */
    readonly depth: number
  }
  /** Seconds. */
  readonly runner_info: { readonly timeout: number }
  readonly variables: readonly PayloadVariable[]
  readonly steps: readonly PayloadStep[]
  readonly artifacts: readonly PayloadArtifacts[] | null
  readonly dependencies: readonly PayloadDependency[] | null
}

export interface PayloadVariable {
  readonly key: string
  readonly value: string
  readonly masked: boolean
  /** The value is written to a file, and the variable holds its path. */
  readonly file?: boolean
  /** Nothing in it is expanded. */
  readonly raw?: boolean
}

export interface PayloadStep {
  readonly name: string
  readonly script: readonly string[]
  /** Seconds. */
  readonly timeout: number
  readonly when: 'on_success' | 'on_failure' | 'always'
  readonly allow_failure: boolean
}

export interface PayloadArtifacts {
  readonly name?: string
  readonly untracked?: boolean
  readonly paths?: readonly string[]
  readonly exclude?: readonly string[]
  readonly when?: 'on_success' | 'on_failure' | 'always'
  readonly expire_in?: string
  readonly artifact_type?: string
  readonly artifact_format?: string
}

export interface PayloadDependency {
  readonly id: number
  readonly name: string
  readonly token: string
  readonly artifacts_file?: { readonly filename: string; readonly size: number } | null
}
