/**
 * Bounds of the HTTP door, times in milliseconds. There is none on how long a push may take, which may be hours, or an
 * answer; but it ends when nothing moves.
 */
export interface HttpLimits {
  /** For the head of a request to be complete. */
  readonly head: number
  /** How often connections are looked at for that. */
  readonly lookEvery: number
  /** Without a byte in either direction. */
  readonly idle: number
  /** For the body of a fetch to be complete: it is small. */
  readonly fetchBody: number
  /** Between two requests of a connection. */
  readonly keepAlive: number
  readonly headBytes: number
  readonly headers: number
}

export const standardLimits: HttpLimits = {
  head: 20_000,
  lookEvery: 2_000,
  idle: 600_000,
  fetchBody: 60_000,
  keepAlive: 65_000,
  headBytes: 32 * 2 ** 10,
  headers: 200,
}
