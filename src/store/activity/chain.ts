import { createHash } from 'node:crypto'
import type { Insertable } from 'kysely'
import type { AuditEventsTable } from './schema.ts'

/** What an audit event says, with its place in the order. */
export type ChainedRow = Readonly<Omit<Insertable<AuditEventsTable>, 'digest'>>

/** What the first event follows on. */
export const chainStart = '0'.repeat(64)

export const isDigest = (text: string): boolean => /^[0-9a-f]{64}$/.test(text)

/** As the file gives a text back: SQLite keeps UTF-8, in which half a surrogate pair cannot be written. */
const asKept = (_name: string, value: unknown): unknown => (typeof value === 'string' ? value.toWellFormed() : value)

/**
 * SHA-256 of the digest before, and of all columns in this order, as JSON: no two rows have the same text. What stands
 * here is part of every digest that was ever made, so that it cannot be changed; a new column needs a second form.
 */
export const chainDigest = (before: string, row: ChainedRow): string =>
  createHash('sha256')
    .update(
      JSON.stringify(
        [
          before,
          row.id,
          row.created_at,
          row.name,
          row.author_kind,
          row.author_id,
          row.author_name,
          row.author_email,
          row.acted_by,
          row.entity_kind,
          row.entity_id,
          row.entity_path,
          row.target_type,
          row.target_id,
          row.target_details,
          row.message,
          row.change_field,
          row.change_from,
          row.change_to,
          row.reason,
          row.ip_address,
        ],
        asKept,
      ),
    )
    .digest('hex')
