import type { Told } from '../http/oauth/stage.ts'

/** Something that must be refused. */
export interface Scenario {
  readonly attack: string
  readonly by: () => Promise<Told>
  /** What the attacker is told. */
  readonly error: string
  /** What the log is told. */
  readonly reason: string
}
