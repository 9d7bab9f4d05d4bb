import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { Coordinator } from '../../demo/runner/coordinator.ts'
import { Runner, type RunnerOptions } from '../../demo/runner/runner.ts'
import type { Scene } from './scene.ts'

const over: ReadonlySet<string> = new Set(['success', 'failed', 'canceled', 'skipped'])

/** Often enough for a test, in milliseconds. */
const rhythm = { every: 50, keepAlive: 500 }

/** How long anything may take, in milliseconds. */
const patience = 60_000

export interface ShownJob {
  readonly id: number
  readonly name: string
  readonly status: string
  readonly stage: string
  readonly failure_reason?: string
}

export interface ShownPipeline {
  readonly id: number
  readonly status: string
  readonly sha: string
  readonly source: string
}

/** What journeys do with the pipelines of a scene. */
export class Pipelines {
  readonly #scene: Scene

  constructor(scene: Scene) {
    this.#scene = scene
  }

  /** The token of a new runner, of the instance unless asked otherwise. */
  async runnerToken(fields: Readonly<Record<string, unknown>> = {}): Promise<string> {
    const made = await this.#scene.api.make('POST', '/user/runners', { runner_type: 'instance_type', ...fields })
    return made.token
  }

  /** A runner of the instance that runs what it is given, until it is stopped. */
  async runner(options: Partial<RunnerOptions> = {}, fields: Readonly<Record<string, unknown>> = {}): Promise<Runner> {
    return Runner.start({ url: this.#scene.server.http, token: await this.runnerToken(fields), rhythm, ...options })
  }

  /** A runner that takes jobs and does nothing about them. */
  async coordinator(fields: Readonly<Record<string, unknown>> = {}): Promise<Coordinator> {
    return new Coordinator(this.#scene.server.http, await this.runnerToken(fields))
  }

  /**
   * Pushes a commit with this configuration, as a Maintainer, over what the branch is.
   * @param path within `castle`
   */
  async push(
    path: string,
    configuration: string,
    branch = 'main',
    files: Readonly<Record<string, string>> = {},
  ): Promise<string> {
    const { client } = this.#scene
    const directory = join(client.directory, `seed-${path}`)
    const { token } = this.#scene.who('maintainer')
    for (const [name, text] of Object.entries({ ...files, '.gitlab-ci.yml': configuration })) {
      await writeFile(join(directory, name), text)
    }
    await client.git(['add', '.'], { cwd: directory })
    const sha = await client.commit(directory, 'configuration')
    const pushed = await client.git(['push', '-q', client.url(`castle/${path}`, 'x', token), `HEAD:${branch}`], {
      cwd: directory,
    })
    if (pushed.code !== 0) throw new Error(pushed.stderr)
    return sha
  }

  /** The pipeline of a commit, as soon as there is one. */
  async of(path: string, sha: string): Promise<ShownPipeline> {
    return await this.#soon(`a pipeline for ${sha}`, async () => {
      const found = await this.#scene.api.make('GET', `/projects/${this.#scene.id(path)}/pipelines?sha=${sha}`)
      return found[0]
    })
  }

  /** Pushes a configuration; resolves with the pipeline that comes of it. */
  async begin(path: string, configuration: string): Promise<ShownPipeline> {
    return await this.of(path, await this.push(path, configuration))
  }

  async shown(path: string, pipeline: number): Promise<ShownPipeline> {
    return await this.#scene.api.make('GET', `/projects/${this.#scene.id(path)}/pipelines/${pipeline}`)
  }

  /** The pipeline when it is over. */
  async ended(path: string, pipeline: number): Promise<ShownPipeline> {
    return await this.#soon(`the end of pipeline ${pipeline}`, async () => {
      const found = await this.shown(path, pipeline)
      return over.has(found.status) ? found : undefined
    })
  }

  async jobs(path: string, pipeline: number): Promise<readonly ShownJob[]> {
    return await this.#scene.api.make('GET', `/projects/${this.#scene.id(path)}/pipelines/${pipeline}/jobs?per_page=100`)
  }

  async job(path: string, pipeline: number, name: string): Promise<ShownJob> {
    const found = (await this.jobs(path, pipeline)).find((one) => one.name === name)
    if (found === undefined) throw new Error(`no job is called ${name}`)
    return found
  }

  async trace(path: string, job: number, token = this.#scene.who('maintainer').token): Promise<string> {
    const address = `${this.#scene.server.http}/api/v4/projects/${this.#scene.id(path)}/jobs/${job}/trace`
    const response = await fetch(address, { headers: { 'PRIVATE-TOKEN': token } })
    if (response.status !== 200) throw new Error(`the log of job ${job}: ${response.status}`)
    return await response.text()
  }

  async #soon<Value>(what: string, look: () => Promise<Value | undefined>): Promise<Value> {
    for (const until = performance.now() + patience; performance.now() < until; await pause(50)) {
      const found = await look()
      if (found !== undefined) return found
    }
    throw new Error(`waited in vain for ${what}`)
  }
}

/** Asks until there is a job. */
export const takeJob = async (coordinator: Coordinator) => {
  const limit = AbortSignal.timeout(patience)
  for (;;) {
    const payload = await coordinator.requestJob(limit)
    if (payload !== undefined) return payload
  }
}
