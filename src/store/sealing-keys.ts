import { sql } from 'kysely'
import { instantOf } from './instant.ts'
import type { Reader, Writer } from './routes.ts'

/** The fingerprint of the key that seals secrets in this database; undefined until there is one. */
export const sealingFingerprint = async (reader: Reader): Promise<string | undefined> => {
  const row = await reader.selectFrom('sealing_keys').select('fingerprint').executeTakeFirst()
  return row?.fingerprint
}

/** The same of a database that may be of a version in which nothing was sealed yet. */
export const sealingFingerprintOfAny = async (reader: Reader): Promise<string | undefined> => {
  const { rows } = await sql`select 1 from sqlite_master where name = 'sealing_keys'`.execute(reader)
  return rows.length === 0 ? undefined : sealingFingerprint(reader)
}

export const noteSealingFingerprint = async (writer: Writer, fingerprint: string, now: number): Promise<void> => {
  await writer
    .insertInto('sealing_keys')
    .values({ id: 1, fingerprint, created_at: instantOf(now) })
    .execute()
}
