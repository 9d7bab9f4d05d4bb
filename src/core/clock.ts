/** The only source of time for rules: handed in, so that a decision can be replayed. Milliseconds since the epoch, UTC. */
export type Clock = () => number

/** A calendar day in UTC, `YYYY-MM-DD`. */
export type Day = string

export const dayOf = (milliseconds: number): Day => new Date(milliseconds).toISOString().slice(0, 10)

/** GitLab's dates end at 00:00:00 UTC on the day they name: something that expires today is already dead. */
export const dayHasCome = (day: Day, now: number): boolean => day <= dayOf(now)
