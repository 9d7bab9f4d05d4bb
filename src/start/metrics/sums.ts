import { type FamilyName, families } from '../../core/metrics.ts'
import type { Snapshot } from './figures.ts'

/** Figures of one process, and the name by which it is told where figures are told for each process by itself. */
export interface Told {
  readonly worker: string
  readonly figures: Snapshot
}

const isFamily = (name: string): name is FamilyName => Object.hasOwn(families, name)

/** The family of a key; undefined for one that is none of ours. */
export const familyOf = (key: string): FamilyName | undefined => {
  const name = key.split('\n', 1)[0] ?? ''
  return isFamily(name) ? name : undefined
}

/** Adds the figures of all; in those of each process by itself, the process is the last label. */
export const addUp = (all: readonly Told[]): Snapshot => {
  const sums: Record<string, number> = {}
  for (const { worker, figures } of all) {
    for (const [key, value] of Object.entries(figures)) {
      const name = familyOf(key)
      if (name === undefined) continue
      const sum = 'perWorker' in families[name] ? `${key}\n${worker}` : key
      sums[sum] = (sums[sum] ?? 0) + value
    }
  }
  return sums
}

/** What a process leaves behind when it ends: what it counted, and nothing of what it was at. */
export const counted = (figures: Snapshot): Snapshot =>
  Object.fromEntries(
    Object.entries(figures).filter(([key]) => {
      const name = familyOf(key)
      return name !== undefined && families[name].type !== 'gauge'
    }),
  )

/** Adds what one process counted to what others of the same name counted before it. */
export const addTo = (before: Snapshot, figures: Snapshot): Snapshot => {
  const sums: Record<string, number> = { ...before }
  for (const [key, value] of Object.entries(figures)) sums[key] = (sums[key] ?? 0) + value
  return sums
}
