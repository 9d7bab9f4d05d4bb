/** Bounds of the SSH door in one process; times in milliseconds. */
export interface SshLimits {
  /** Connections of one address that have not logged in yet. */
  readonly unauthenticatedPerAddress: number
  /** From the first byte to a finished login. */
  readonly loginGrace: number
  /** Failed tries of a connection; the next one is cut off unanswered. */
  readonly failedTries: number
  /** Sessions of one connection at the same time. */
  readonly sessions: number
  /** How long a connection may stay open with no command running. */
  readonly idle: number
  /** How long a command may go on without a byte in either direction. */
  readonly silence: number
  /** How often a silent client is asked whether it is still there; it is given up after three times. */
  readonly keepalive: number
}

export const standardLimits: SshLimits = {
  unauthenticatedPerAddress: 100,
  loginGrace: 30_000,
  failedTries: 6,
  sessions: 10,
  idle: 120_000,
  silence: 3_600_000,
  keepalive: 30_000,
}
