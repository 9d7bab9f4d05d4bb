import type { KeyId, NamespaceId, ProjectId, ProtectedRefId, UserId } from '../core/ids.ts'
import type { RefRule, RefRuleLevel } from '../core/project.ts'
import { beforeItsDay } from './in-force.ts'
import type { Reader } from './routes.ts'

const levelRows = (reader: Reader, project: ProjectId) =>
  reader
    .selectFrom('protected_ref_levels')
    .innerJoin('protected_refs', 'protected_refs.id', 'protected_ref_levels.protected_ref_id')
    .leftJoin('keys', 'keys.id', 'protected_ref_levels.deploy_key_id')
    .leftJoin('deploy_key_projects', (join) =>
      join
        .onRef('deploy_key_projects.key_id', '=', 'keys.id')
        .onRef('deploy_key_projects.project_id', '=', 'protected_refs.project_id'),
    )
    .where('protected_refs.project_id', '=', project)
    .select([
      'protected_ref_id',
      'action',
      'access_level',
      'protected_ref_levels.user_id',
      'group_id',
      'deploy_key_id',
      'keys.user_id as key_creator_id',
      'keys.expires_at as key_expires_at',
      'deploy_key_projects.can_push',
    ])
    .execute()

type LevelRow = Awaited<ReturnType<typeof levelRows>>[number]

const groupMembers = async (reader: Reader, group: NamespaceId, now: number): Promise<UserId[]> => {
  const rows = await reader
    .selectFrom('members')
    .where('namespace_id', '=', group)
    .where(beforeItsDay('expires_at', now))
    .select('user_id')
    .execute()
  return rows.map((row) => row.user_id)
}

const keyLevel = (row: LevelRow, keyId: KeyId, now: number): RefRuleLevel => ({
  kind: 'deploy-key',
  action: row.action,
  keyId,
  creatorId: row.key_creator_id ?? undefined,
  canPush: row.can_push === 1 && (row.key_expires_at === null || Date.parse(row.key_expires_at) > now),
})

const toLevel = async (reader: Reader, row: LevelRow, now: number): Promise<RefRuleLevel> => {
  const { action } = row
  if (row.deploy_key_id !== null) return keyLevel(row, row.deploy_key_id, now)
  if (row.user_id !== null) return { kind: 'user', action, userId: row.user_id }
  if (row.group_id !== null) {
    return { kind: 'group', action, groupId: row.group_id, memberIds: await groupMembers(reader, row.group_id, now) }
  }
  if (row.access_level === null) throw new Error(`an access level of protected ref ${row.protected_ref_id} admits nothing`)
  return { kind: 'role', action, level: row.access_level }
}

const levelsByRule = async (reader: Reader, project: ProjectId, now: number): Promise<Map<ProtectedRefId, RefRuleLevel[]>> => {
  const levels = new Map<ProtectedRefId, RefRuleLevel[]>()
  for (const row of await levelRows(reader, project)) {
    const ofRule = levels.get(row.protected_ref_id) ?? []
    ofRule.push(await toLevel(reader, row, now))
    levels.set(row.protected_ref_id, ofRule)
  }
  return levels
}

/** The protected branches and tags of a project, as access rules see them. */
export const readRules = async (reader: Reader, project: ProjectId, now: number): Promise<RefRule[]> => {
  const rules = await reader.selectFrom('protected_refs').where('project_id', '=', project).selectAll().execute()
  if (rules.length === 0) return []
  const levels = await levelsByRule(reader, project, now)
  return rules.map((rule) => ({
    kind: rule.kind,
    pattern: rule.name,
    allowForcePush: rule.allow_force_push === 1,
    levels: levels.get(rule.id) ?? [],
  }))
}
