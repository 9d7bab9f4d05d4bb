import { bots, deployTokens } from './automata.ts'
import { jobTokens } from './jobs.ts'
import { deployKeys, userKeys } from './keys.ts'
import { passwords, personalTokens } from './people.ts'
import { ban, paths, protection, roles, visibility } from './rules.ts'
import type { Group } from './step.ts'

/** The tour, in order: later steps build on what earlier ones pushed. */
export const groups: readonly Group[] = [
  passwords,
  personalTokens,
  bots,
  deployTokens,
  jobTokens,
  userKeys,
  deployKeys,
  visibility,
  roles,
  protection,
  paths,
  ban,
]
