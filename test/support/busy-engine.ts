import type { GitEngine } from '../../src/git/engine.ts'

/** An engine that has no place for another process of git, and knows nothing without one. */
export const busyEngine = (engine: GitEngine): GitEngine => {
  const busy = async () => ({ kind: 'busy' }) as const
  return {
    ...engine,
    knownAdvertisement: async () => undefined,
    answerFetch: busy,
    advertise: busy,
    uploadPack: busy,
    uploadArchive: busy,
    receivePack: busy,
  }
}
