import type { AuditEvent } from '../../../core/audit.ts'
import { entityOfUser } from '../../../store/audit-entities.ts'
import { tokenEndName, tokenTarget } from '../../../store/token-notes.ts'
import type { Ended } from '../../../store/token-rotation.ts'
import { userById } from '../../../store/users.ts'
import type { ApiParts } from '../parts.ts'

const author = { kind: 'System', id: undefined, name: 'Reuse detection' } as const

/** A token that had its place taken was used to rotate again: its successors were ended. Waits for the disk. */
export const recordReuse = async (parts: ApiParts, ended: readonly Ended[], address: string | undefined): Promise<void> => {
  const { activity, store, clock } = parts
  const events: AuditEvent[] = []
  for (const token of ended) {
    const account = await userById(store.read, token.user_id)
    if (account === undefined) continue
    events.push({
      name: tokenEndName(account),
      entity: await entityOfUser(store.read, account),
      target: tokenTarget(token),
      message: 'Revoked, since a token that it had taken the place of was used to rotate again',
      reason: 'token_reused',
      author,
      address,
      at: clock(),
    })
  }
  activity.trail.record(events)
  await activity.trail.settled()
}
