import type { IncomingHttpHeaders } from 'node:http'
import { baseUrl, type PublicPlace } from '../api/urls.ts'

/**
 * Whether a browser says that a form comes from elsewhere. Old ones say nothing; then the form's token decides alone, as
 * it does in any case.
 */
export const comesFromElsewhere = (headers: IncomingHttpHeaders, settings: PublicPlace): boolean => {
  const site = headers['sec-fetch-site']
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return true
  const { origin, host } = headers
  if (origin === undefined) return false
  if (!URL.canParse(origin)) return true
  return origin !== new URL(baseUrl(settings)).origin && new URL(origin).host !== host
}
