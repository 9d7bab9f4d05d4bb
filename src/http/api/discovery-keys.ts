import type { RequestHandler } from 'express'
import type { ApiParts } from './parts.ts'

/** Where GitLab publishes its keys; the first is the one that its discovery document names. */
export const discoveryKeyPaths = ['/oauth/discovery/keys', '/-/jwks'] as const

/** Others keep what they fetched for a day, so a new key is published a day before it signs. */
const kept = 'max-age=86400, public, must-revalidate, no-transform'

/** The public halves of the keys that sign tokens of jobs, for whoever is to believe these (RFC 7517). Open to all. */
export const discoveryKeys =
  ({ signing }: Pick<ApiParts, 'signing'>): RequestHandler =>
  async (_request, response) => {
    const keys = (await signing.all()).map(({ published }) => published)
    response.setHeader('Cache-Control', kept)
    response.setHeader('Content-Type', 'application/json')
    response.end(JSON.stringify({ keys }))
  }
