import type { AuditAuthor, AuditEvent } from '../../core/audit.ts'
import type { Call } from './call.ts'
import type { Caller } from './caller.ts'

const authorOf = (caller: Caller): AuditAuthor =>
  caller.kind === 'anonymous'
    ? { kind: 'Unauthenticated', id: undefined, name: 'An unauthenticated user' }
    : { kind: 'User', id: caller.user.id, name: caller.account.name, email: caller.account.email }

/** Under `Sudo` the author is the user in whose name it was done; who did it stands beside. */
const eventsOf = ({ caller, notes, address, now }: Call): AuditEvent[] => {
  const actedBy = caller.kind === 'user' ? caller.actingFor?.username : undefined
  const author = authorOf(caller)
  return notes.map((note) => ({ ...note, author, ...(actedBy !== undefined && { actedBy }), address, at: now }))
}

/**
 * Keeps what a handler said was done, and waits for the disk. It throws where that fails: the change is made, but the
 * client is told of the fault (500 with an id), and the events wait to be written.
 */
export const keepNotes = async (call: Call): Promise<void> => {
  if (call.notes.length === 0) return
  const { trail } = call.parts.activity
  trail.record(eventsOf(call))
  await trail.settled()
}
