import { z } from 'zod'
import { protectionLevels } from '../core/access-level.ts'
import { protectionPresets } from '../core/project.ts'
import { visibilities } from '../core/visibility.ts'
import type { Reader, Writer } from './routes.ts'
import { throttleSettings } from './throttle-settings.ts'

/** The longer form of a protection of default branches, as it is kept. */
export const storedProtection = z.object({
  push: z.literal(protectionLevels),
  merge: z.literal(protectionLevels),
  force: z.boolean(),
  developersFirst: z.boolean(),
})

/** The longest life, in days, that an administrator may allow an access token. */
const mostDays = 365

/** What a prefix may be made of (gitlab `ApplicationSetting`, `personal_access_token_prefix`). */
const prefixProblem = "can contain only letters of the Base64 alphabet (RFC4648) with the addition of '@', ':' and '.'"

/** The instance's settings, under GitLab's names, each with the value that holds until an administrator sets another. */
export const applicationSettings = z.object({
  default_branch_protection: z.literal(protectionPresets).default(2),
  /** Where it is set, it counts and not the preset. */
  default_branch_protection_defaults: storedProtection.nullable().default(null),
  default_project_visibility: z.enum(visibilities).default('private'),
  default_group_visibility: z.enum(visibilities).default('private'),
  /** Those who are no administrators make nothing of these visibilities. */
  restricted_visibility_levels: z.array(z.enum(visibilities)).default([]),
  /** `HEAD` of a new repository. */
  default_branch_name: z.string().min(1).max(255).default('main'),
  /** Whether access tokens of all kinds must end some day. */
  require_personal_access_token_expiry: z.boolean().default(true),
  /** In days; null: GitLab's own bound. */
  max_personal_access_token_lifetime: z.int().gt(0).max(mostDays).nullable().default(null),
  /** Whether tokens of service accounts must end some day. */
  service_access_tokens_expiration_enforced: z.boolean().default(true),
  /** What secrets of new access tokens start with; may be empty. Older ones go on. */
  personal_access_token_prefix: z
    .string()
    .max(20)
    .regex(/^[a-zA-Z0-9_+=/@:.-]*$/, prefixProblem)
    .default('glpat-'),
  /** Whether members of the groups above are told of a project's or group's token that ends soon. */
  resource_access_token_notify_inherited: z.boolean().default(false),
  /** Whether applications may ask for tokens by a user's password (RFC 6749, 4.3). */
  resource_owner_password_credentials_enabled: z.boolean().default(false),
  password_authentication_enabled_for_git: z.boolean().default(true),
  /** The only door of git that is open; null: both are. */
  enabled_git_access_protocol: z.enum(['ssh', 'http']).nullable().default(null),
  /** What new users are, unless their maker says otherwise. */
  user_default_external: z.boolean().default(false),
  can_create_group: z.boolean().default(true),
  default_projects_limit: z
    .int()
    .min(0)
    .max(2 ** 31 - 1)
    .default(100_000),
  /** Largest file of a job's artifacts, in MiB. */
  max_artifacts_size: z.int().gt(0).max(1_048_576).default(100),
  /** Whether registration tokens, which are deprecated, make runners. */
  allow_runner_registration_token: z.boolean().default(true),
  /** How long a token for the registry is good, in minutes. */
  container_registry_token_expire_delay: z.int().gt(0).max(60).default(5),
  ...throttleSettings,
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

/** One setting of the instance. Throws as `readApplicationSettings` does. */
export const readSetting = async <Name extends keyof ApplicationSettings>(
  reader: Reader,
  name: Name,
): Promise<ApplicationSettings[Name]> => {
  const row = await reader.selectFrom('settings').select('value').where('key', '=', name).executeTakeFirst()
  const value = applicationSettings.shape[name].parse(row === undefined ? undefined : JSON.parse(row.value))
  return value as ApplicationSettings[Name]
}
