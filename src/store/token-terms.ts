import type { LifeRules } from '../tokens/lifetime.ts'
import type { Reader } from './routes.ts'
import { readApplicationSettings } from './settings.ts'

/** What the instance's settings say of access tokens that are made now. */
export interface TokenTerms {
  readonly prefix: string
  readonly life: LifeRules
}

/** @param ofService for a token of a service account, which has a setting of its own */
export const readTokenTerms = async (reader: Reader, ofService: boolean): Promise<TokenTerms> => {
  const settings = await readApplicationSettings(reader)
  const required = ofService ? settings.service_access_tokens_expiration_enforced : settings.require_personal_access_token_expiry
  return {
    prefix: settings.personal_access_token_prefix,
    life: { required, most: settings.max_personal_access_token_lifetime },
  }
}
