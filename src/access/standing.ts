import type { Admission, Owed } from './decide.ts'

/** What became of the admission of a transfer under way; `undecided` where it could not be asked just now. */
export type Standing = 'stands' | 'withdrawn' | 'undecided'

const keyOf = (obligation: Owed): string => {
  const update = obligation.kind === 'fast-forward' ? obligation.update : undefined
  return JSON.stringify([obligation.kind, update?.ref, update?.oldId, update?.newId])
}

/** Git checks what it was handed when it was started: nothing may be owed now that it does not know of. */
const owesNoMore = (running: Admission, now: Admission): boolean => {
  const known = new Set(running.obligations.map(keyOf))
  return now.obligations.every((obligation) => known.has(keyOf(obligation)))
}

/**
 * Whether a transfer that runs with one admission may go on, given the one that it would be given now. A push in
 * quarantine lands nothing, so it may also go on where it would be allowed by now.
 */
export const covers = (running: Admission, now: Admission): boolean =>
  running.repository === now.repository &&
  (running.service === 'quarantine' || (running.service === now.service && owesNoMore(running, now)))
