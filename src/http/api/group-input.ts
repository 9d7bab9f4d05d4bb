import { z } from 'zod'
import { protectionPresets } from '../../core/project.ts'
import { visibilities } from '../../core/visibility.ts'
import { filledText, oneNumberOf, oneOf, optional, optionalText, text, whole } from './input.ts'

const longestDescription = 500

const fields = {
  description: optionalText(longestDescription),
  visibility: optional(oneOf(visibilities)),
  project_creation_level: optional(oneOf(['noone', 'owner', 'maintainer', 'developer', 'administrator'])),
  subgroup_creation_level: optional(oneOf(['owner', 'maintainer'])),
  default_branch_protection: optional(oneNumberOf(protectionPresets)),
}

export const newGroupInput = z.object({ name: filledText(), path: filledText(), parent_id: optional(whole()), ...fields })

export const groupChangeInput = z.object({ name: optional(text()), path: optional(text()), ...fields })
