import { z } from 'zod'
import type { Reader } from './routes.ts'

const enabled = z.boolean().default(false)
const positive = (standard: number): z.ZodDefault<z.ZodInt> =>
  z
    .int()
    .gt(0)
    .max(2 ** 31 - 1)
    .default(standard)

/** How many requests a period may hold, with GitLab's names and standard values; all off until an administrator says otherwise. */
export const throttleSettings = {
  throttle_unauthenticated_api_enabled: enabled,
  throttle_unauthenticated_api_requests_per_period: positive(3_600),
  throttle_unauthenticated_api_period_in_seconds: positive(3_600),
  throttle_authenticated_api_enabled: enabled,
  throttle_authenticated_api_requests_per_period: positive(7_200),
  throttle_authenticated_api_period_in_seconds: positive(3_600),
  throttle_unauthenticated_web_enabled: enabled,
  throttle_unauthenticated_web_requests_per_period: positive(3_600),
  throttle_unauthenticated_web_period_in_seconds: positive(3_600),
  throttle_authenticated_web_enabled: enabled,
  throttle_authenticated_web_requests_per_period: positive(7_200),
  throttle_authenticated_web_period_in_seconds: positive(3_600),
  throttle_unauthenticated_git_http_enabled: enabled,
  throttle_unauthenticated_git_http_requests_per_period: positive(3_600),
  throttle_unauthenticated_git_http_period_in_seconds: positive(3_600),
  throttle_authenticated_git_http_enabled: enabled,
  throttle_authenticated_git_http_requests_per_period: positive(3_600),
  throttle_authenticated_git_http_period_in_seconds: positive(3_600),
  /** Null: `Retry later`. */
  rate_limiting_response_text: z.string().max(255).nullable().default(null),
  /** Members that one user may remove from one project or group in a minute; 0: any number. */
  members_delete_limit: z
    .int()
    .min(0)
    .max(2 ** 31 - 1)
    .default(60),
} as const

const schema = z.object(throttleSettings)

export type ThrottleSettings = z.infer<typeof schema>

const names = Object.keys(throttleSettings)

const read = async (reader: Reader): Promise<ThrottleSettings> => {
  const rows = await reader.selectFrom('settings').selectAll().where('key', 'in', names).execute()
  return schema.parse(Object.fromEntries(rows.map((row) => [row.key, JSON.parse(row.value)])))
}

/** Reads the settings anew only when the security epoch was raised, as each change of a setting raises it. */
export const followThrottleSettings = (
  reader: Reader,
  epoch: () => number | Promise<number>,
): (() => Promise<ThrottleSettings>) => {
  let known: { readonly epoch: number; readonly settings: ThrottleSettings } | undefined
  return async () => {
    const now = await epoch()
    if (known?.epoch !== now) known = { epoch: now, settings: await read(reader) }
    return known.settings
  }
}
