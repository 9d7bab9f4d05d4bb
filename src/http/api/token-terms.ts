import { readApplicationSettings } from '../../store/settings.ts'
import type { LifeRules } from '../../tokens/lifetime.ts'
import type { Call } from './call.ts'

/** What the instance's settings say of access tokens that are made now. */
export interface TokenTerms {
  readonly prefix: string
  readonly life: LifeRules
}

/** @param ofService for a token of a service account, which has a setting of its own */
export const tokenTerms = async (call: Call, ofService = false): Promise<TokenTerms> => {
  const settings = await readApplicationSettings(call.parts.store.read)
  const required = ofService ? settings.service_access_tokens_expiration_enforced : settings.require_personal_access_token_expiry
  return {
    prefix: settings.personal_access_token_prefix,
    life: { required, most: settings.max_personal_access_token_lifetime },
  }
}
