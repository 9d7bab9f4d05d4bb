import { type LastUse, lastUses } from '../../../store/activity/last-uses.ts'
import type { UsedKind } from '../../../store/activity/schema.ts'
import type { Call } from '../call.ts'

/** Of what was just made. */
export const unused: LastUse = { at: null, addresses: [] }

/** What is known of the use of these credentials, with all that this process was told so far: also of this very request. */
export const usesOf = async (
  call: Call,
  kind: UsedKind,
  rows: readonly { readonly id: number }[],
): Promise<(row: { readonly id: number }) => LastUse> => {
  await call.parts.activity.usage.settled()
  const found = await lastUses(
    call.parts.store.read,
    kind,
    rows.map(({ id }) => id),
  )
  return ({ id }) => found.get(id) ?? unused
}

export const useOf = async (call: Call, kind: UsedKind, row: { readonly id: number }): Promise<LastUse> =>
  (await usesOf(call, kind, [row]))(row)
