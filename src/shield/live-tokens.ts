import type { Reader } from '../store/routes.ts'
import type { Digest } from '../tokens/digest.ts'
import type { FindLive, LiveToken } from './live-token.ts'
import type { Candidate } from './scan.ts'
import { liveApplicationSecrets, liveCodes, liveDevices, liveOauthTokens } from './tokens-of-applications.ts'
import { liveDeployTokens, liveJobs, liveRegistrations, liveRunners, liveTriggers } from './tokens-of-places.ts'
import { liveAccessTokens, liveSessions, liveTrustTokens, liveUserTokens } from './tokens-of-users.ts'

/** Every table that holds digests of secrets, by the form of these. */
const tables: Readonly<Record<Candidate['form'], readonly FindLive[]>> = {
  marked: [
    liveAccessTokens,
    liveUserTokens,
    liveSessions,
    liveTrustTokens,
    liveDeployTokens,
    liveTriggers,
    liveJobs,
    liveRunners,
    liveRegistrations,
    liveApplicationSecrets,
  ],
  bare: [liveOauthTokens, liveCodes, liveDevices],
}

/** Which of these secrets work now. */
export const liveAmong = async (
  reader: Reader,
  form: Candidate['form'],
  digests: readonly Digest[],
  now: number,
): Promise<readonly LiveToken[]> => {
  if (digests.length === 0) return []
  const found: LiveToken[] = []
  for (const find of tables[form]) found.push(...(await find(reader, digests, now)))
  return found
}
