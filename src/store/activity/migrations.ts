import type { Migration } from 'kysely'
import { activity } from './0001-activity.ts'

/** Those of the second file. A migration that has shipped is never edited; the next one is added. */
export const activityMigrations: Record<string, Migration> = {
  '0001-activity': activity,
}
