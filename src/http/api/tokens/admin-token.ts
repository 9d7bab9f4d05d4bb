import { z } from 'zod'
import { type Answer, noContent, ok } from '../answer.ts'
import { type Call, type Route, route } from '../call.ts'
import { requireAdmin } from '../caller.ts'
import { ApiError, unprocessable } from '../errors.ts'
import { text } from '../input.ts'
import { type IdentifiedToken, identifiedEntity, identifyToken } from './token-identity.ts'

/** Longest text that is looked up, in characters. */
const longestToken = 8192

const tokenInput = z.object({ token: text(longestToken) })

/** Throws 422 for what is no token of a kind that is known, 404 for one that is not stored. */
const identified = async (call: Call): Promise<IdentifiedToken> => {
  requireAdmin(call.caller)
  const token = await identifyToken(call, call.read(tokenInput).token)
  if (token === 'unsupported') throw unprocessable('Token type not supported.')
  if (token !== undefined) return token
  throw new ApiError(404, { message: { error: 'Not found' } }, { log: { 'meta.refusal_reason': 'not_found' } })
}

const tell = async (call: Call): Promise<Answer> => ok(await (await identified(call)).shape())

const end = async (call: Call): Promise<Answer> => {
  await (await identified(call)).end()
  return noContent
}

/** What an unknown token is that was found somewhere, and the end of it (gitlab `lib/api/admin/token.rb`). */
export const adminTokenRoutes: readonly Route[] = [
  route('POST', '/admin/token', {
    summary: 'Tell what a token is',
    status: 200,
    input: [tokenInput],
    output: identifiedEntity,
    handler: tell,
  }),
  route('DELETE', '/admin/token', { summary: 'Revoke or reset a token', input: [tokenInput], handler: end }),
]
