import { randomBytes } from 'node:crypto'
import type { Payload } from './payload.ts'

export const version = '19.4.0'

const features = {
  variables: true,
  artifacts: true,
  upload_multiple_artifacts: true,
  upload_raw_artifacts: true,
  artifacts_exclude: true,
  refspecs: true,
  masking: true,
  raw_variables: true,
  multi_build_steps: true,
  trace_reset: true,
  trace_checksum: true,
  trace_size: true,
  cancelable: true,
  cancel_gracefully: true,
  return_exit_code: true,
  shared: true,
}

export const runnerInfo = {
  name: 'gitlab-runner',
  version,
  revision: '00000000',
  platform: 'linux',
  architecture: 'amd64',
  executor: 'shell',
  shell: 'bash',
  features,
}

export const commonHeaders = (): Record<string, string> => ({
  'User-Agent': `gitlab-runner ${version} (demo; linux/amd64)`,
  'X-Request-Id': randomBytes(16).toString('hex'),
})

/** The coordinator said something that a runner cannot go on from. */
export class CoordinatorRefused extends Error {
  readonly status: number

  constructor(what: string, status: number, text: string) {
    super(`${what}: ${status} ${text.slice(0, 200)}`)
    this.status = status
  }
}

/** A runner's side of the calls that carry the runner's own token. */
export class Coordinator {
  readonly base: string
  readonly #token: string
  readonly #systemId: string
  #lastUpdate = ''

  /** @param url of the server, as `CI_SERVER_URL` has it */
  constructor(url: string, token: string, systemId = `s_${randomBytes(6).toString('hex')}`) {
    this.base = `${url}/api/v4`
    this.#token = token
    this.#systemId = systemId
  }

  #post(path: string, body: Record<string, unknown>, signal?: AbortSignal): Promise<Response> {
    return fetch(`${this.base}${path}`, {
      method: 'POST',
      headers: {
        ...commonHeaders(),
        'Content-Type': 'application/json',
        Accept: 'application/json',
        'RUNNER-TOKEN': this.#token,
      },
      body: JSON.stringify({ info: runnerInfo, token: this.#token, system_id: this.#systemId, ...body }),
      ...(signal && { signal }),
    })
  }

  /** As `gitlab-runner register --token` does: resolves with the runner's number. */
  async verify(): Promise<number> {
    const response = await this.#post('/runners/verify', {})
    const text = await response.text()
    const id = response.status === 200 ? Number(JSON.parse(text).id) : 0
    if (id > 0) return id
    throw new CoordinatorRefused('verify', response.status, text)
  }

  /** Asks once; undefined where there is nothing. The server may hold the question open. */
  async requestJob(signal?: AbortSignal): Promise<Payload | undefined> {
    const response = await this.#post('/jobs/request', { last_update: this.#lastUpdate }, signal)
    this.#lastUpdate = response.headers.get('X-GitLab-Last-Update') ?? this.#lastUpdate
    const text = await response.text()
    if (response.status === 201) return JSON.parse(text)
    if (response.status === 204 || response.status === 409) return undefined
    throw new CoordinatorRefused('jobs/request', response.status, text)
  }
}
