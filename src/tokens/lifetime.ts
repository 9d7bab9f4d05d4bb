import { type Day, dayOf } from '../core/clock.ts'

const day = 86_400_000

/** GitLab's bound for an access token's life, in days; also its life where no end is given. */
const longestLife = 365

/** The last day that an access token made now may name as its end, and the one it gets where it names none. */
export const lastExpiry = (now: number): Day => dayOf(now + longestLife * day)

/** GitLab's life of a token that took another's place, in days, where no end is given. */
const rotatedLife = 7

export const expiryOfRotated = (now: number): Day => dayOf(now + rotatedLife * day)
