import { z } from 'zod'
import type { KeyId } from '../../../core/ids.ts'
import { type KeyRow, keyById, selectKeys } from '../../../store/keys.ts'
import { userById } from '../../../store/users.ts'
import { type Answer, ok } from '../answer.ts'
import { type Call, type Route, route } from '../call.ts'
import { requireAdmin } from '../caller.ts'
import { momentWords, wholeNumber, yesNo } from '../entity-words.ts'
import { ApiError, notFound, plainNotFound } from '../errors.ts'
import { filledText, numberIn } from '../input.ts'
import { useOf } from '../tokens/last-use.ts'
import { ownEntity, ownShape } from '../users/user-shape.ts'
import { userKeyEntity, userKeyShape } from './key-shape.ts'

/** On which projects a deploy key is. */
const attachments = async (call: Call, key: KeyRow) => {
  const rows = await call.parts.store.read.selectFrom('deploy_key_projects').selectAll().where('key_id', '=', key.id).execute()
  return rows.map((row) => ({
    deploy_key_id: row.key_id,
    project_id: row.project_id,
    created_at: row.created_at,
    can_push: row.can_push === 1,
  }))
}

/** gitlab `API::Entities::SSHKeyWithUser` and `DeployKeyWithUser`. */
const ownedKeyEntity = userKeyEntity
  .extend({
    user: ownEntity.nullable(),
    deploy_keys_projects: z
      .array(z.object({ deploy_key_id: wholeNumber, project_id: wholeNumber, created_at: momentWords, can_push: yesNo }))
      .optional(),
  })
  .meta({ id: 'SSHKeyWithUser' })

const shapeOf = async (call: Call, key: KeyRow): Promise<z.output<typeof ownedKeyEntity>> => {
  const owner = key.user_id === null ? undefined : await userById(call.parts.store.read, key.user_id)
  return {
    ...userKeyShape(call, key, await useOf(call, 'key', key), { name: owner?.name ?? '' }),
    user: owner ? ownShape(call, owner) : null,
    ...(key.kind === 'deploy' && { deploy_keys_projects: await attachments(call, key) }),
  }
}

const show = async (call: Call): Promise<Answer> => {
  requireAdmin(call.caller)
  const key = await keyById(call.parts.store.read, numberIn(call.word('id'), 'id') as KeyId)
  if (key === undefined) throw plainNotFound('404 Not found')
  return ok(await shapeOf(call, key))
}

/** `SHA256:…`, with or without the name and padding, or MD5 as pairs with colons; undefined for anything else. */
const parseFingerprint = (
  text: string,
): { readonly column: 'fingerprint_md5' | 'fingerprint_sha256'; readonly value: string } | undefined => {
  const md5 = /^(?:MD5:)?((?:[0-9a-f]{2}:){15}[0-9a-f]{2})$/i.exec(text)?.[1]
  if (md5 !== undefined) return { column: 'fingerprint_md5', value: md5.toLowerCase() }
  const sha256 = /^(?:SHA256:)?([A-Za-z0-9+/]{43})=?$/.exec(text)?.[1]
  return sha256 === undefined ? undefined : { column: 'fingerprint_sha256', value: `SHA256:${sha256}` }
}

const byFingerprint = z.object({ fingerprint: filledText() })

const find = async (call: Call): Promise<Answer> => {
  requireAdmin(call.caller)
  const fingerprint = parseFingerprint(call.read(byFingerprint).fingerprint.trim())
  if (fingerprint === undefined) throw new ApiError(400, { message: 'Failed to return the key' })
  const keys = selectKeys(call.parts.store.read).where(`keys.${fingerprint.column}`, '=', fingerprint.value)
  const key = await keys.executeTakeFirst()
  if (key === undefined) throw notFound('Key')
  return ok(await shapeOf(call, key))
}

/** Administrators find whose a key is, of any kind. */
export const keyRoutes: readonly Route[] = [
  route('GET', '/keys', { input: [byFingerprint], output: ownedKeyEntity, handler: find }),
  route('GET', '/keys/:id', { output: ownedKeyEntity, handler: show }),
]
