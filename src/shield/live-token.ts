import type { AuditEntity, AuditNote } from '../core/audit.ts'
import type { NamespaceId, ProjectId } from '../core/ids.ts'
import { groupEntity, projectEntity } from '../store/audit-entities.ts'
import type { Reader } from '../store/routes.ts'
import type { Store } from '../store/sqlite.ts'
import type { Digest } from '../tokens/digest.ts'

/** A stored secret that works now. */
export interface LiveToken {
  readonly digest: Digest
  /** What it is, in words for a person: `deploy token`. */
  readonly kind: string
  /** Ends it at once, and says what the audit should know. */
  end(store: Store, now: number): Promise<AuditNote>
}

/** Asks one table which of these digests are of secrets that work now. */
export type FindLive = (reader: Reader, digests: readonly Digest[], now: number) => Promise<readonly LiveToken[]>

interface Placed {
  readonly project_id: ProjectId | null
  readonly group_id: NamespaceId | null
}

/** Where an event of a secret belongs that belongs to a project or a group; else to the instance. */
export const entityAt = async (reader: Reader, { project_id, group_id }: Placed): Promise<AuditEntity> => {
  const entity = project_id === null ? await groupEntity(reader, group_id) : await projectEntity(reader, project_id)
  return entity ?? { kind: 'Instance' }
}
