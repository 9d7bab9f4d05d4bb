import { z } from 'zod'
import type { LastUse } from '../../../store/activity/last-uses.ts'
import type { AttachedKey } from '../../../store/deploy-keys.ts'
import type { KeyRow } from '../../../store/keys.ts'
import type { Account } from '../../../store/users.ts'
import type { Call } from '../call.ts'
import { maybeMoment, momentWords, wholeNumber, words, yesNo } from '../entity-words.ts'
import { publicHost } from '../urls.ts'

const commonFields = {
  id: wholeNumber,
  title: words,
  created_at: momentWords,
  expires_at: maybeMoment,
  last_used_at: maybeMoment,
  key: words,
  usage_type: z.enum(['auth_and_signing', 'auth', 'signing']),
}

const common = (key: KeyRow, use: LastUse) => ({
  id: key.id,
  title: key.title,
  created_at: key.created_at,
  expires_at: key.expires_at,
  last_used_at: use.at,
})

/** A user's key is shown without its own comment, which may say more than the user wants (gitlab `Key#publishable_key`). */
const publishable = (call: Call, { key }: KeyRow, owner: Pick<Account, 'name'>): string =>
  `${key.split(' ', 2).join(' ')} ${owner.name} (${publicHost(call.parts.settings)})`

/** gitlab `API::Entities::SSHKey`. */
export const userKeyEntity = z.object(commonFields).meta({ id: 'SSHKey' })

export const userKeyShape = (
  call: Call,
  key: KeyRow,
  use: LastUse,
  owner: Pick<Account, 'name'>,
): z.output<typeof userKeyEntity> => ({
  ...common(key, use),
  key: publishable(call, key, owner),
  usage_type: key.usage_type,
})

/** gitlab `API::Entities::DeployKey`. */
export const deployKeyEntity = z
  .object({ ...commonFields, fingerprint: words, fingerprint_sha256: words })
  .meta({ id: 'DeployKey' })

export const deployKeyShape = (key: KeyRow, use: LastUse): z.output<typeof deployKeyEntity> => ({
  ...common(key, use),
  key: key.key,
  usage_type: key.usage_type,
  fingerprint: key.fingerprint_md5,
  fingerprint_sha256: key.fingerprint_sha256,
})

/** gitlab `API::Entities::DeployKeysProject`. */
export const attachedKeyEntity = deployKeyEntity.extend({ can_push: yesNo }).meta({ id: 'DeployKeysProject' })

export const attachedKeyShape = (key: AttachedKey, use: LastUse): z.output<typeof attachedKeyEntity> => ({
  ...deployKeyShape(key, use),
  can_push: key.can_push === 1,
})
