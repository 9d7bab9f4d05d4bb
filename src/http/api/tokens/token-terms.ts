import { readTokenTerms, type TokenTerms } from '../../../store/token-terms.ts'
import type { Call } from '../call.ts'

/** What the instance's settings say of access tokens that are made now. */
export const tokenTerms = (call: Call, ofService = false): Promise<TokenTerms> => readTokenTerms(call.parts.store.read, ofService)
