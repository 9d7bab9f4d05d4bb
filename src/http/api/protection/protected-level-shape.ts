import { z } from 'zod'
import { isProtectionLevel, protectionLevelNames } from '../../../core/access-level.ts'
import type { RefRuleAction } from '../../../core/project.ts'
import type { ProtectedLevel } from '../../../store/protected-refs.ts'
import { maybeNumber, wholeNumber, words } from '../entity-words.ts'

const describe = ({ access_level, named }: ProtectedLevel): string =>
  access_level !== null && isProtectionLevel(access_level) ? protectionLevelNames[access_level] : (named ?? 'Deploy key')

export const levelEntity = z
  .object({
    id: wholeNumber,
    access_level: maybeNumber,
    access_level_description: words,
    deploy_key_id: maybeNumber,
    user_id: maybeNumber,
    group_id: maybeNumber,
  })
  .meta({ id: 'ProtectedRefAccess' })

/** A row that names a deploy key shows level 40, as GitLab's does; one that names a user or group shows none. */
const shape = (row: ProtectedLevel): z.output<typeof levelEntity> => ({
  id: row.id,
  access_level: row.deploy_key_id === null ? row.access_level : 40,
  access_level_description: describe(row),
  deploy_key_id: row.deploy_key_id,
  user_id: row.user_id,
  group_id: row.group_id,
})

export const shapeLevels = (rows: readonly ProtectedLevel[], action: RefRuleAction) =>
  rows.filter((row) => row.action === action).map(shape)
