import { z } from 'zod'
import { visibilities } from '../../../core/visibility.ts'
import { filledText, oneOf, optional, optionalText, text, whole } from '../input.ts'
import { protectionFields } from './default-protection.ts'

const longestDescription = 500

const fields = {
  description: optionalText(longestDescription),
  visibility: optional(oneOf(visibilities)),
  project_creation_level: optional(oneOf(['noone', 'owner', 'maintainer', 'developer', 'administrator'])),
  subgroup_creation_level: optional(oneOf(['owner', 'maintainer'])),
  ...protectionFields,
}

export const newGroupInput = z.object({ name: filledText(), path: filledText(), parent_id: optional(whole()), ...fields })

export const groupChangeInput = z.object({ name: optional(text()), path: optional(text()), ...fields })
