import { presetLike } from '../../../access/rules/preset.ts'
import type { DefaultProtection } from '../../../core/project.ts'
import { instanceProtection } from '../../../store/default-protection.ts'
import { type ApplicationSettings, readApplicationSettings, writeApplicationSettings } from '../../../store/settings.ts'
import { type Answer, ok } from '../answer.ts'
import { type Call, type Route, route } from '../call.ts'
import { requireAdmin } from '../caller.ts'
import { askedProtection, protectionShape } from '../groups/default-protection.ts'
import { refuseBranchName } from '../projects/project-input.ts'
import { changedSettings, settingsEntity, settingsInput } from './setting-input.ts'

const shape = (settings: ApplicationSettings) => ({ ...settings, ...protectionShape(instanceProtection(settings)) })

const get = async (call: Call): Promise<Answer> => {
  requireAdmin(call.caller)
  return ok(shape(await readApplicationSettings(call.parts.store.read)))
}

const bothForms = (protection: DefaultProtection | undefined): Partial<ApplicationSettings> =>
  protection === undefined
    ? {}
    : { default_branch_protection: presetLike(protection), default_branch_protection_defaults: { ...protection } }

const words = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))

const auditChanges = (call: Call, before: ApplicationSettings, after: ApplicationSettings): void => {
  const names = Object.keys(after) as (keyof ApplicationSettings)[]
  for (const name of names) {
    const [from, to] = [words(before[name]), words(after[name])]
    if (from === to) continue
    call.audit({
      name: 'application_setting_updated',
      entity: { kind: 'Instance' },
      target: { type: 'ApplicationSetting', id: 1, details: name },
      message: `Changed ${name} from ${from} to ${to}`,
      change: { field: name, from, to },
    })
  }
}

/** What a request names and the product has no use for is left out, as GitLab does with parameters it does not know. */
const update = async (call: Call): Promise<Answer> => {
  requireAdmin(call.caller)
  const input = call.read(settingsInput)
  const change = { ...changedSettings(input), ...bothForms(askedProtection(input)) }
  refuseBranchName(change.default_branch_name, 'default_branch_name')
  const { before, after } = await call.parts.store.write.transaction().execute(async (transaction) => {
    const before = await readApplicationSettings(transaction)
    await writeApplicationSettings(transaction, change)
    return { before, after: await readApplicationSettings(transaction) }
  })
  auditChanges(call, before, after)
  return ok(shape(after))
}

/** gitlab `lib/api/settings.rb`. */
export const applicationSettingRoutes: readonly Route[] = [
  route('GET', '/application/settings', { output: settingsEntity, handler: get }),
  route('PUT', '/application/settings', { input: [settingsInput], output: settingsEntity, handler: update }),
]
