import type { InspectPush } from '../../src/git/push-inspection.ts'

/** For engines in whose tests nothing is looked for. */
export const seesNothing: InspectPush = () => ({
  see: async () => {},
  suspects: async () => new Set(),
  conclude: async () => undefined,
})
