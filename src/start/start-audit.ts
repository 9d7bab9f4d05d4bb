import type { AuditEvent } from '../core/audit.ts'
import type { AccessTokenId, UserId } from '../core/ids.ts'
import { appendEvents } from '../store/activity/audit-rows.ts'
import type { Store } from '../store/sqlite.ts'
import { userById } from '../store/users.ts'

/** What a start did to the first administrator. */
export type StartNote =
  | { readonly kind: 'account made' | 'password changed'; readonly user: UserId }
  | { readonly kind: 'token made' | 'token ended'; readonly user: UserId; readonly token: AccessTokenId }

const names: Record<StartNote['kind'], string> = {
  'account made': 'user_created',
  'password changed': 'user_password_updated',
  'token made': 'personal_access_token_created',
  'token ended': 'personal_access_token_revoked',
}

const messages: Record<StartNote['kind'], string> = {
  'account made': 'The first administrator was made',
  'password changed': 'The password of the first administrator was set by the settings',
  'token made': "The first administrator's token was made",
  'token ended': "The first administrator's token was replaced by the one of the settings",
}

const eventOf = (note: StartNote, username: string, at: number): AuditEvent => ({
  name: names[note.kind],
  entity: { kind: 'User', id: note.user, path: username },
  target:
    'token' in note
      ? { type: 'PersonalAccessToken', id: note.token, details: 'root token' }
      : { type: 'User', id: note.user, details: username },
  message: messages[note.kind],
  author: { kind: 'System', id: undefined, name: 'The start of the server' },
  address: undefined,
  at,
})

/** Keeps what a start did, before anyone is served. */
export const keepStartNotes = async (store: Store, notes: readonly StartNote[], at: number): Promise<void> => {
  const events: AuditEvent[] = []
  for (const note of notes) {
    const account = await userById(store.read, note.user)
    events.push(eventOf(note, account?.username ?? '', at))
  }
  if (events.length > 0) await store.activity.transaction().execute((transaction) => appendEvents(transaction, events))
}
