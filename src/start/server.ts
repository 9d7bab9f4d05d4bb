import type { Address } from '../config.ts'
import type { Snapshot } from './metrics/figures.ts'

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
  /** The worker's figures: of each second, or in answer to the `report` of this round. */
  | { readonly kind: 'figures'; readonly figures: Snapshot; readonly round?: number }
  | { readonly kind: 'metrics-wanted'; readonly id: number }

export type PrimaryMessage =
  /** Opens the doors: where they were opened before, or where the settings say. */
  | { readonly kind: 'serve'; readonly where: Listening | undefined }
  | { readonly kind: 'host-keys' }
  | { readonly kind: 'stop' }
  | { readonly kind: 'report'; readonly round: number }
  /** The figures of all workers, in answer to `metrics-wanted`; none where they could not be had. */
  | { readonly kind: 'metrics'; readonly id: number; readonly text?: string }

/** How long an orderly stop waits for running transfers, in milliseconds. */
export const stopGrace = 30_000
