import type { Migration } from 'kysely'
import { credentials } from './0001-credentials.ts'

/** In order of name. A migration that has shipped is never edited; the next one is added. */
export const migrations: Record<string, Migration> = {
  '0001-credentials': credentials,
}
