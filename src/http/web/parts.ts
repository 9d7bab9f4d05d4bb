import type { ApiParts } from '../api/parts.ts'

/** All that the pages are made of. */
export type WebParts = Pick<
  ApiParts,
  'store' | 'settings' | 'clock' | 'log' | 'activity' | 'sealer' | 'throttles' | 'passwords' | 'ban' | 'tries'
>
