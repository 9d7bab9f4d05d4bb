import { z } from 'zod'
import type { NamespaceId } from '../core/ids.ts'
import { type ProtectionPreset, protectionPresets } from '../core/project.ts'
import { visibilities } from '../core/visibility.ts'
import { lineageIds } from './namespaces.ts'
import type { Reader, Writer } from './routes.ts'

/** The instance's settings, under GitLab's names, each with the value that holds until an administrator sets another. */
const applicationSettings = z.object({
  default_branch_protection: z.literal(protectionPresets).default(2),
  default_project_visibility: z.enum(visibilities).default('private'),
  default_group_visibility: z.enum(visibilities).default('private'),
  /** `HEAD` of a new repository. */
  default_branch_name: z.string().min(1).default('main'),
})

export type ApplicationSettings = z.infer<typeof applicationSettings>

const names = Object.keys(applicationSettings.shape)

/** Throws where a stored value is not one that the setting can have: that is a fault, never the standard value. */
export const readApplicationSettings = async (reader: Reader): Promise<ApplicationSettings> => {
  const rows = await reader.selectFrom('settings').selectAll().where('key', 'in', names).execute()
  return applicationSettings.parse(Object.fromEntries(rows.map((row) => [row.key, JSON.parse(row.value)])))
}

export const writeApplicationSettings = async (transaction: Writer, change: Partial<ApplicationSettings>): Promise<void> => {
  for (const [key, value] of Object.entries(change)) {
    const row = { key, value: JSON.stringify(value) }
    await transaction
      .insertInto('settings')
      .values(row)
      .onConflict((conflict) => conflict.column('key').doUpdateSet({ value: row.value }))
      .execute()
  }
}

/** One setting of the instance. */
export const readSetting = async <Name extends keyof ApplicationSettings>(
  reader: Reader,
  name: Name,
): Promise<ApplicationSettings[Name]> => (await readApplicationSettings(reader))[name]

/** How the default branch of a project in this namespace is protected: by the nearest group that says so, else by the instance. */
export const protectionPresetOf = async (reader: Reader, namespace: NamespaceId): Promise<ProtectionPreset> => {
  const { lineage } = await reader
    .selectFrom('namespaces')
    .select('lineage')
    .where('id', '=', namespace)
    .executeTakeFirstOrThrow()
  const rows = await reader
    .selectFrom('namespaces')
    .select('default_branch_protection')
    .where('id', 'in', [...lineageIds(lineage)])
    .where('default_branch_protection', 'is not', null)
    .orderBy('lineage')
    .execute()
  return rows.at(-1)?.default_branch_protection ?? readSetting(reader, 'default_branch_protection')
}
