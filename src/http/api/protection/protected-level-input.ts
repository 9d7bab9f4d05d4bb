import { z } from 'zod'
import { type ProtectionLevel, protectionLevels } from '../../../core/access-level.ts'
import type { KeyId, NamespaceId, UserId } from '../../../core/ids.ts'
import type { RefRuleAction } from '../../../core/project.ts'
import type { Admits, NewLevel, ProtectedLevel } from '../../../store/protected-refs.ts'
import { parameterError, plainNotFound } from '../errors.ts'
import { flag, objects, oneNumberOf, optional, whole } from '../input.ts'

export const accessLevel = () => optional(oneNumberOf(protectionLevels))

const entry = z.object({
  id: optional(whole()),
  access_level: accessLevel(),
  user_id: optional(whole()),
  group_id: optional(whole()),
  deploy_key_id: optional(whole()),
  _destroy: optional(flag()),
})

type Entry = z.infer<typeof entry>

/** `allowed_to_push[]` and its like: each item names one of a level, user, group or deploy key. */
export const levelEntries = () => optional(objects(entry))

const oneOfFour = 'access_level, user_id, group_id, deploy_key_id are mutually exclusive, exactly one must be provided'

/** Whom an item admits. Throws 400 unless it names exactly one. */
const admits = ({ access_level, user_id, group_id, deploy_key_id }: Entry): Admits => {
  const named: readonly (Admits | undefined)[] = [
    access_level === undefined ? undefined : { access_level },
    user_id === undefined ? undefined : { user_id: user_id as UserId },
    group_id === undefined ? undefined : { group_id: group_id as NamespaceId },
    deploy_key_id === undefined ? undefined : { deploy_key_id: deploy_key_id as KeyId },
  ]
  const [only, ...others] = named.filter((one) => one !== undefined)
  if (only === undefined || others.length > 0) throw parameterError(oneOfFour)
  return only
}

/** Rows for a rule that is made: the single level, else the items, else the standard level where there is one. */
export const newLevels = (
  action: RefRuleAction,
  level: ProtectionLevel | undefined,
  entries: readonly Entry[] | undefined,
  standard: ProtectionLevel | undefined,
): NewLevel[] => {
  const items = (entries ?? []).map((item) => ({ ...admits(item), action }))
  const single = level ?? (items.length === 0 ? standard : undefined)
  return single === undefined ? items : [{ access_level: single, action }, ...items]
}

/** What a change asks of the rows of one action. */
export interface LevelChanges {
  readonly add: readonly NewLevel[]
  readonly change: readonly { readonly id: number; readonly admits: Admits }[]
  readonly remove: readonly number[]
}

/** An item with `id` changes or (`_destroy`) removes that row, which must be one of these; without, it adds one. */
export const levelChanges = (
  action: RefRuleAction,
  entries: readonly Entry[] | undefined,
  rows: readonly ProtectedLevel[],
): LevelChanges => {
  const known = new Set(rows.filter((row) => row.action === action).map((row) => row.id))
  const [add, change, remove]: [NewLevel[], { id: number; admits: Admits }[], number[]] = [[], [], []]
  for (const item of entries ?? []) {
    if (item.id !== undefined && !known.has(item.id)) throw plainNotFound('404 Not found')
    if (item.id === undefined) add.push({ ...admits(item), action })
    else if (item._destroy === true) remove.push(item.id)
    else change.push({ id: item.id, admits: admits(item) })
  }
  return { add, change, remove }
}
