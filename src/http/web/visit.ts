import type { AuditNote } from '../../core/audit.ts'
import type { Secret } from '../../core/secret.ts'
import type { Account } from '../../store/users.ts'
import type { WebSession } from '../../store/web/sessions.ts'
import type { WebParts } from './parts.ts'

/** One request for a page, read. */
export interface Visit {
  readonly parts: WebParts
  readonly method: string
  /** Without its query. */
  readonly path: string
  readonly query: URLSearchParams
  /** Of the body; its token was checked. */
  readonly form: URLSearchParams
  readonly words: Readonly<Record<string, string>>
  /** The one that was shown, or a new one. */
  readonly cookie: Secret
  /** At either stage. */
  readonly session: WebSession | undefined
  readonly address: string | undefined
  /** Milliseconds. */
  readonly now: number
}

/** A visit of somebody who is signed in. */
export interface SignedVisit extends Visit {
  readonly session: WebSession
}

export const isSigned = (visit: Visit): visit is SignedVisit => visit.session?.stage === 'signed-in'

/** The one value of a field; undefined where there is none, or several. */
export const fieldOf = (from: URLSearchParams, name: string): string | undefined => {
  const values = from.getAll(name)
  return values.length === 1 ? values[0] : undefined
}

/** Tells the audit what was tried in a person's name. It is kept soon: no answer takes longer because there is such a person. */
export const noteEvents = ({ parts, address, now }: Visit, account: Account, notes: readonly AuditNote[]): void => {
  const author = { kind: 'User', id: account.id, name: account.name, email: account.email } as const
  parts.activity.trail.record(notes.map((note) => ({ ...note, author, address, at: now })))
}

/** Tells the audit what a person did, and waits for the disk. */
export const recordEvents = async (visit: Visit, account: Account, notes: readonly AuditNote[]): Promise<void> => {
  noteEvents(visit, account, notes)
  await visit.parts.activity.trail.settled()
}
