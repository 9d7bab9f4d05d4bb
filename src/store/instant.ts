import type { Instant } from './schema.ts'

/** Milliseconds since the epoch, as the store keeps times. */
export const instantOf = (milliseconds: number): Instant => new Date(milliseconds).toISOString()
