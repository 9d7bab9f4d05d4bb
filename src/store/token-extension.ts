import type { AuditEntity, AuditNote } from '../core/audit.ts'
import type { Day } from '../core/clock.ts'
import type { UserId } from '../core/ids.ts'
import { extensionProblem, lastExpiry } from '../tokens/lifetime.ts'
import { entityOfUser } from './audit-entities.ts'
import type { Reader } from './routes.ts'
import type { Store } from './sqlite.ts'
import { type ExtendableRow, type ExtensionFilter, selectExtendable } from './token-overview.ts'
import { readTokenTerms } from './token-terms.ts'
import { userById } from './users.ts'

/** Rows of one statement. */
const atOnce = 500

/**
 * Why these tokens may not end on that day; undefined where they may. People's tokens and those of service accounts have
 * rules of their own: where a batch may hold both, both hold.
 */
export const extensionRefusal = async (
  reader: Reader,
  { kind, expiresOn }: ExtensionFilter,
  to: Day,
  now: number,
): Promise<string | undefined> => {
  const kinds = kind === undefined ? [false, true] : [kind === 'service_account']
  const terms = await Promise.all(kinds.map((ofService) => readTokenTerms(reader, ofService)))
  return terms.map(({ life }) => extensionProblem(expiresOn, to, lastExpiry(life, now), now)).find((problem) => problem)
}

/**
 * Moves the end of all these tokens to a later day. What was said of their end is forgotten, so that the new one is told
 * of in its time. Answers with the tokens as they were.
 */
export const extendTokens = (store: Store, filter: ExtensionFilter, to: Day, now: number): Promise<ExtendableRow[]> =>
  store.write.transaction().execute(async (transaction) => {
    const rows = await selectExtendable(transaction, filter, now).execute()
    for (let at = 0; at < rows.length; at += atOnce) {
      const ids = rows.slice(at, at + atOnce).map((row) => row.id)
      await transaction.updateTable('access_tokens').set({ expires_at: to }).where('id', 'in', ids).execute()
      await transaction.deleteFrom('expiry_notices').where('access_token_id', 'in', ids).execute()
    }
    return rows
  })

const entityOf = async (reader: Reader, { user_id, username }: ExtendableRow): Promise<AuditEntity> => {
  const account = await userById(reader, user_id)
  return account === undefined ? { kind: 'User', id: user_id, path: username } : entityOfUser(reader, account)
}

/** One event for each token that got a later day. */
export const extensionNotes = async (reader: Reader, rows: readonly ExtendableRow[], to: Day): Promise<AuditNote[]> => {
  const entities = new Map<UserId, AuditEntity>()
  const notes: AuditNote[] = []
  for (const row of rows) {
    const entity = entities.get(row.user_id) ?? (await entityOf(reader, row))
    entities.set(row.user_id, entity)
    notes.push({
      name: 'access_token_expiry_extended',
      entity,
      target: { type: 'PersonalAccessToken', id: row.id, details: row.name },
      message: `Extended access token with token_id: ${row.id} from ${row.expires_at} to ${to}`,
      change: { field: 'expires_at', from: row.expires_at, to },
    })
  }
  return notes
}
