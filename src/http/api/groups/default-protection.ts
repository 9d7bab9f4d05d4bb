import { z } from 'zod'
import { presetLike, presetProtections } from '../../../access/rules/preset.ts'
import { type ProtectionLevel, protectionLevels } from '../../../core/access-level.ts'
import { type DefaultProtection, protectionPresets } from '../../../core/project.ts'
import { flag, objects, oneNumberOf, optional } from '../input.ts'

const level = z.object({ access_level: oneNumberOf(protectionLevels) })

/** Both forms in which GitLab takes the protection of default branches; the longer one wins. */
export const protectionFields = {
  default_branch_protection: optional(oneNumberOf(protectionPresets)),
  default_branch_protection_defaults: optional(
    z.object({
      allowed_to_push: optional(objects(level, 1)),
      allow_force_push: optional(flag()),
      allowed_to_merge: optional(objects(level, 1)),
      developer_can_initial_push: optional(flag()),
    }),
  ),
}

const fields = z.object(protectionFields)

export type ProtectionInput = z.output<typeof fields>

const levelOf = (entries: readonly { readonly access_level: ProtectionLevel }[] | undefined): ProtectionLevel =>
  entries?.[0]?.access_level ?? 40

/** What is asked for; of the longer form, what is left out is as in GitLab's standard. Undefined where nothing is. */
export const askedProtection = (input: ProtectionInput): DefaultProtection | undefined => {
  const { default_branch_protection: preset, default_branch_protection_defaults: longer } = input
  if (longer === undefined) return preset === undefined ? undefined : presetProtections[preset]
  return {
    push: levelOf(longer.allowed_to_push),
    merge: levelOf(longer.allowed_to_merge),
    force: longer.allow_force_push ?? false,
    developersFirst: longer.developer_can_initial_push ?? false,
  }
}

const levelEntity = z.object({ access_level: z.int() })

export const protectionEntity = {
  default_branch_protection: z.int(),
  default_branch_protection_defaults: z.object({
    allowed_to_push: z.array(levelEntity),
    allow_force_push: z.boolean(),
    allowed_to_merge: z.array(levelEntity),
    developer_can_initial_push: z.boolean(),
  }),
} as const

export const protectionShape = (protection: DefaultProtection) => ({
  default_branch_protection: presetLike(protection),
  default_branch_protection_defaults: {
    allowed_to_push: [{ access_level: protection.push }],
    allow_force_push: protection.force,
    allowed_to_merge: [{ access_level: protection.merge }],
    developer_can_initial_push: protection.developersFirst,
  },
})
