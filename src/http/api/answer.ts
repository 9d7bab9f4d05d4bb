import type { ServerResponse } from 'node:http'

/** What a handler answers; the only writer is `serve.ts`. */
export interface Answer {
  readonly status: number
  /** Sent as JSON; a text as it is where the headers name its type. Absent for 204. */
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  /** Writes a body that is too large to be held, in place of `body`; may still add to the headers before its first byte. */
  readonly stream?: (response: ServerResponse) => Promise<void>
}

export const ok = (body: unknown, headers?: Readonly<Record<string, string>>): Answer =>
  headers === undefined ? { status: 200, body } : { status: 200, body, headers }

export const created = (body: unknown): Answer => ({ status: 201, body })

export const accepted = (message = '202 Accepted'): Answer => ({ status: 202, body: { message } })

export const noContent: Answer = { status: 204 }
