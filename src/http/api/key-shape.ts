import type { AttachedKey } from '../../store/deploy-keys.ts'
import type { KeyRow } from '../../store/keys.ts'
import type { Account } from '../../store/users.ts'
import type { Call } from './call.ts'
import { publicHost } from './urls.ts'

const common = (key: KeyRow) => ({
  id: key.id,
  title: key.title,
  created_at: key.created_at,
  expires_at: key.expires_at,
  last_used_at: null,
})

/** A user's key is shown without its own comment, which may say more than the user wants (gitlab `Key#publishable_key`). */
const publishable = (call: Call, { key }: KeyRow, owner: Pick<Account, 'name'>): string =>
  `${key.split(' ', 2).join(' ')} ${owner.name} (${publicHost(call.parts.settings)})`

/** gitlab `API::Entities::SSHKey`. */
export const userKeyShape = (call: Call, key: KeyRow, owner: Pick<Account, 'name'>) => ({
  ...common(key),
  key: publishable(call, key, owner),
  usage_type: key.usage_type,
})

/** gitlab `API::Entities::DeployKey`. */
export const deployKeyShape = (key: KeyRow) => ({
  ...common(key),
  key: key.key,
  usage_type: key.usage_type,
  fingerprint: key.fingerprint_md5,
  fingerprint_sha256: key.fingerprint_sha256,
})

export const attachedKeyShape = (key: AttachedKey) => ({ ...deployKeyShape(key), can_push: key.can_push === 1 })
