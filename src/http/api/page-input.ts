import { z } from 'zod'
import { optional, whole } from './input.ts'

/** Parameters of every list in pages. */
export const pageInput = z.object({ page: optional(whole()), per_page: optional(whole()) })
