import { z } from 'zod'
import { optional, text, whole } from './input.ts'

/** Parameters of every list in pages. */
export const pageInput = z.object({
  page: optional(whole()).meta({ description: 'From 1.' }),
  per_page: optional(whole()).meta({ description: 'At most 100; 20 unless asked.' }),
  pagination: optional(text()).meta({ description: '`keyset`: from where the last page ended; of some lists, in some orders.' }),
  cursor: optional(text(4096)).meta({ description: 'Of the next page, from `Link`.' }),
})
