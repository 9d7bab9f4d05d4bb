import { availableParallelism } from 'node:os'
import type { Settings } from '../config.ts'

/** How many processes serve requests. */
export const workersOf = ({ workers }: Pick<Settings, 'workers'>): number => workers ?? availableParallelism()
