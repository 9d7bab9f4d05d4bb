import { presetLike, presetProtections } from '../access/rules/preset.ts'
import type { NamespaceId } from '../core/ids.ts'
import type { DefaultProtection, ProtectionPreset } from '../core/project.ts'
import { lineageIds } from './namespaces.ts'
import type { Reader } from './routes.ts'
import { type ApplicationSettings, readApplicationSettings, storedProtection } from './settings.ts'

/** The two columns of a group, and settings of the instance, that say how default branches are protected. */
export interface ProtectionColumns {
  readonly default_branch_protection: ProtectionPreset | null
  readonly default_branch_protection_defaults: string | null
}

/** A protection as a group keeps it: both forms, so that neither can contradict the other. */
export const protectionColumns = (protection: DefaultProtection): ProtectionColumns => ({
  default_branch_protection: presetLike(protection),
  default_branch_protection_defaults: JSON.stringify(protection),
})

/** What a group itself says; undefined where it leaves that to those above. */
export const ownProtection = (columns: ProtectionColumns): DefaultProtection | undefined => {
  const { default_branch_protection: preset, default_branch_protection_defaults: longer } = columns
  if (longer !== null) return storedProtection.parse(JSON.parse(longer))
  return preset === null ? undefined : presetProtections[preset]
}

export const instanceProtection = (settings: ApplicationSettings): DefaultProtection =>
  settings.default_branch_protection_defaults ?? presetProtections[settings.default_branch_protection]

/** How the default branch of a project in this namespace is protected: by the nearest group that says so, else by the instance. */
export const defaultProtectionOf = async (reader: Reader, namespace: NamespaceId): Promise<DefaultProtection> => {
  const { lineage } = await reader
    .selectFrom('namespaces')
    .select('lineage')
    .where('id', '=', namespace)
    .executeTakeFirstOrThrow()
  const rows = await reader
    .selectFrom('namespaces')
    .select(['default_branch_protection', 'default_branch_protection_defaults'])
    .where('id', 'in', [...lineageIds(lineage)])
    .orderBy('lineage')
    .execute()
  const nearest = rows.map(ownProtection).findLast((own) => own !== undefined)
  return nearest ?? instanceProtection(await readApplicationSettings(reader))
}
