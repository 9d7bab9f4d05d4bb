/** What a handler answers; the only writer is `serve.ts`. */
export interface Answer {
  readonly status: number
  /** Sent as JSON; a text as it is where the headers name its type. Absent for 204. */
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

export const ok = (body: unknown, headers?: Readonly<Record<string, string>>): Answer =>
  headers === undefined ? { status: 200, body } : { status: 200, body, headers }

export const created = (body: unknown): Answer => ({ status: 201, body })

export const accepted = (message = '202 Accepted'): Answer => ({ status: 202, body: { message } })

export const noContent: Answer = { status: 204 }
