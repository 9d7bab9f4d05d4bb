import type { ProjectId } from '../core/ids.ts'
import type { PushShield } from '../core/project.ts'
import type { Reader, Writer } from './routes.ts'
import type { Flag } from './schema.ts'

/** As a new project has it. */
export const standardShield: PushShield = { enabled: true, revoke: false }

interface ShieldColumns {
  readonly push_shield: Flag
  readonly push_shield_revokes: Flag
}

export const shieldOf = (row: ShieldColumns): PushShield => ({
  enabled: row.push_shield === 1,
  revoke: row.push_shield_revokes === 1,
})

/** Undefined where the project is gone. */
export const readPushShield = async (reader: Reader, project: ProjectId): Promise<PushShield | undefined> => {
  const row = await reader
    .selectFrom('projects')
    .select(['push_shield', 'push_shield_revokes'])
    .where('id', '=', project)
    .executeTakeFirst()
  return row && shieldOf(row)
}

/** What is not said stays as it is. */
export const writePushShield = async (writer: Writer, project: ProjectId, change: Partial<PushShield>): Promise<void> => {
  const columns: Partial<ShieldColumns> = {
    ...(change.enabled !== undefined && { push_shield: change.enabled ? 1 : 0 }),
    ...(change.revoke !== undefined && { push_shield_revokes: change.revoke ? 1 : 0 }),
  }
  if (Object.keys(columns).length > 0) await writer.updateTable('projects').set(columns).where('id', '=', project).execute()
}
