import type { Address } from '../config.ts'

/** Where the doors of a server were opened; `ssh` is undefined where that door is off. */
export interface Listening {
  readonly http: Address
  readonly ssh: Address | undefined
}

/** One process that serves both doors. */
export interface Server {
  /** Opens both doors. Rejects with `WrongSetting` where an address is taken. */
  listen(): Promise<Listening>
  /** The slow keys are there: SSH connections from now on may use them. */
  useHostKeys(keys: readonly string[]): void
  /** Stops accepting, lets transfers end for so long, then cuts them off. */
  stop(graceMilliseconds: number): Promise<void>
}

/** What workers and their primary tell each other. No decision depends on any of it. */
export type WorkerMessage =
  | { readonly kind: 'listening'; readonly where: Listening }
  | { readonly kind: 'failed'; readonly line: string }

export type PrimaryMessage = { readonly kind: 'serve' } | { readonly kind: 'host-keys' } | { readonly kind: 'stop' }

/** How long an orderly stop waits for running transfers, in milliseconds. */
export const stopGrace = 30_000
