import { CoordinatorRefused, commonHeaders, runnerInfo } from './coordinator.ts'
import type { PayloadArtifacts } from './payload.ts'

/** What the server says of a job in passing: `canceled` ends it, `canceling` asks it to end in good order. */
export type JobWord = 'running' | 'canceling' | 'over'

export type TraceAnswer =
  | { readonly kind: 'taken'; readonly word: JobWord }
  /** The server has another length: go on from there. */
  | { readonly kind: 'elsewhere'; readonly from: number }
  | { readonly kind: 'later' }
  | { readonly kind: 'over' }

export interface FinalState {
  readonly state: 'success' | 'failed'
  readonly failure_reason?: string
  readonly exit_code?: number
  readonly checksum: string
  readonly bytesize: number
}

const wordOf = ({ status, headers }: Response): JobWord => {
  const said = headers.get('Job-Status')
  if (status === 403 || status === 404 || said === 'canceled' || said === 'failed') return 'over'
  return said === 'canceling' ? 'canceling' : 'running'
}

/** `Range: 0-<size>`: the number is where the next patch begins. */
const sizeIn = (range: string | null): number => Number(/^0-(\d+)$/.exec(range ?? '')?.[1] ?? 0)

/** The calls that carry the token of one job. */
export class JobCalls {
  readonly #base: string
  readonly #id: number
  readonly #token: string

  constructor(base: string, id: number, token: string) {
    this.#base = `${base}/jobs`
    this.#id = id
    this.#token = token
  }

  #headers(token = this.#token): Record<string, string> {
    return { ...commonHeaders(), 'JOB-TOKEN': token }
  }

  /** @param start place of the first byte in the whole log */
  async appendTrace(start: number, bytes: Uint8Array<ArrayBuffer>): Promise<TraceAnswer> {
    const response = await fetch(`${this.#base}/${this.#id}/trace?debug_trace=false`, {
      method: 'PATCH',
      headers: {
        ...this.#headers(),
        'Content-Type': 'text/plain',
        'Content-Range': `${start}-${start + bytes.length - 1}`,
      },
      body: bytes,
    })
    await response.arrayBuffer()
    const word = wordOf(response)
    if (word === 'over') return { kind: 'over' }
    if (response.status === 202) return { kind: 'taken', word }
    return response.status === 416 ? { kind: 'elsewhere', from: sizeIn(response.headers.get('Range')) } : { kind: 'later' }
  }

  async #update(body: Record<string, unknown>): Promise<{ status: number; word: JobWord }> {
    const response = await fetch(`${this.#base}/${this.#id}`, {
      method: 'PUT',
      headers: { ...this.#headers(), 'Content-Type': 'application/json' },
      body: JSON.stringify({ info: runnerInfo, token: this.#token, ...body }),
    })
    await response.arrayBuffer()
    return { status: response.status, word: wordOf(response) }
  }

  async keepAlive(): Promise<JobWord> {
    return (await this.#update({ state: 'running' })).word
  }

  /** `done`: the job has ended; `again`: the server is not ready for it yet. */
  async finish({ checksum, bytesize, ...state }: FinalState): Promise<'done' | 'again' | 'over'> {
    const { status, word } = await this.#update({ ...state, checksum, output: { checksum, bytesize } })
    if (status === 200) return 'done'
    return word === 'over' ? 'over' : 'again'
  }

  async upload(rule: PayloadArtifacts, filename: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    const query = new URLSearchParams({
      artifact_format: rule.artifact_format ?? 'zip',
      artifact_type: rule.artifact_type ?? 'archive',
      ...(rule.expire_in !== undefined && { expire_in: rule.expire_in }),
    })
    const form = new FormData()
    form.append('file', new Blob([bytes]), filename)
    const response = await fetch(`${this.#base}/${this.#id}/artifacts?${query}`, {
      method: 'POST',
      headers: this.#headers(),
      body: form,
    })
    const text = await response.text()
    if (response.status !== 201) throw new CoordinatorRefused('artifacts', response.status, text)
  }

  /** @param token as the payload gives it for that job */
  async download(id: number, token: string): Promise<Buffer> {
    const response = await fetch(`${this.#base}/${id}/artifacts?direct_download=false`, { headers: this.#headers(token) })
    if (response.status !== 200) {
      throw new CoordinatorRefused(`artifacts of ${id}`, response.status, await response.text())
    }
    return Buffer.from(await response.arrayBuffer())
  }
}
