import type { Selectable } from 'kysely'
import type { Secret } from '../core/secret.ts'
import type { JobsTable, RunnersTable } from '../store/ci/schema.ts'
import type { PayloadParts } from './parts.ts'
import type { JobPayload } from './payload-shape.ts'

/** A job that is handed out: its token is new, and nowhere but here. */
export interface PayloadRequest {
  readonly job: Selectable<JobsTable>
  readonly token: Secret
  readonly runner: Pick<Selectable<RunnersTable>, 'id' | 'runner_type' | 'description' | 'tags'>
}

/** What the runner is told, and the values that its log must never show. */
export interface MadePayload {
  readonly payload: JobPayload
  readonly masks: readonly string[]
}

/** How `payload.ts` makes one. */
export type MakePayload = (parts: PayloadParts, request: PayloadRequest) => Promise<MadePayload>
