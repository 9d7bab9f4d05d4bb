import type { UserId } from '../../core/ids.ts'
import type { Secret } from '../../core/secret.ts'
import { BrokenSeal, type SealedPlace, type Sealer } from '../../tokens/seal.ts'

/** A seed on its way through the enrolment form, which we keep nowhere before a code of it was shown. */
const placeOf = (user: UserId): SealedPlace => ({ table: 'two_factor_offers', column: 'seed', row: user })

export const sealOffer = (sealer: Sealer, user: UserId, seed: Secret): string => sealer.seal(seed, placeOf(user))

/** Undefined for what we did not offer to this user. */
export const openOffer = (sealer: Sealer, user: UserId, offer: string): Secret | undefined => {
  try {
    return sealer.open(offer, placeOf(user))
  } catch (fault) {
    if (fault instanceof BrokenSeal) return undefined
    throw fault
  }
}
