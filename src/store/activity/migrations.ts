import type { Migration } from 'kysely'
import { activity } from './0001-activity.ts'
import { runnerContacts } from './0002-runner-contacts.ts'
import { auditChain } from './0003-audit-chain.ts'

/** Those of the second file. A migration that has shipped is never edited; the next one is added. */
export const activityMigrations: Record<string, Migration> = {
  '0001-activity': activity,
  '0002-runner-contacts': runnerContacts,
  '0003-audit-chain': auditChain,
}
