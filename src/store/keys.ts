import type { Selectable, SelectQueryBuilder } from 'kysely'
import type { KeyId, UserId } from '../core/ids.ts'
import type { ParsedPublicKey } from '../tokens/ssh-key.ts'
import { instantOf } from './instant.ts'
import type { Reader, Writer } from './routes.ts'
import type { Instant, KeysTable, Schema } from './schema.ts'
import type { Store } from './sqlite.ts'

export type KeyRow = Selectable<KeysTable>
export type KeyQuery = SelectQueryBuilder<Schema, 'keys', KeyRow>

export const selectKeys = (reader: Reader): KeyQuery => reader.selectFrom('keys').selectAll('keys')

export const userKeys = (reader: Reader, user: UserId): KeyQuery =>
  selectKeys(reader).where('kind', '=', 'user').where('user_id', '=', user)

export const keyById = (reader: Reader, id: KeyId): Promise<KeyRow | undefined> =>
  selectKeys(reader).where('id', '=', id).executeTakeFirst()

export const keyByFingerprint = (reader: Reader, sha256: string): Promise<KeyRow | undefined> =>
  selectKeys(reader).where('fingerprint_sha256', '=', sha256).executeTakeFirst()

export interface NewKey {
  readonly kind: KeysTable['kind']
  readonly user: UserId
  readonly title: string
  readonly key: ParsedPublicKey
  readonly usage: KeysTable['usage_type']
  readonly isPublic: boolean
  readonly expiresAt: Instant | null
}

export const insertKey = (writer: Writer, key: NewKey, now: number): Promise<KeyRow> =>
  writer
    .insertInto('keys')
    .values({
      kind: key.kind,
      user_id: key.user,
      title: key.title,
      key: key.key.line,
      fingerprint_sha256: key.key.fingerprintSha256,
      fingerprint_md5: key.key.fingerprintMd5,
      usage_type: key.usage,
      public: key.isPublic ? 1 : 0,
      expires_at: key.expiresAt,
      created_at: instantOf(now),
    })
    .returningAll()
    .executeTakeFirstOrThrow()

/** One key serves one purpose in the whole instance: a fingerprint that is known is `taken`. */
export const createKey = (store: Store, key: NewKey, now: number): Promise<KeyRow | 'taken'> =>
  store.write.transaction().execute(async (transaction) => {
    const known = await keyByFingerprint(transaction, key.key.fingerprintSha256)
    return known === undefined ? insertKey(transaction, key, now) : 'taken'
  })

export const deleteKey = async (store: Store, id: KeyId): Promise<void> => {
  await store.write.deleteFrom('keys').where('id', '=', id).execute()
}
