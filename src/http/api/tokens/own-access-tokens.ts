import { z } from 'zod'
import { dayOf } from '../../../core/clock.ts'
import { type Answer, created } from '../answer.ts'
import { type Call, type Route, route } from '../call.ts'
import { requireUser } from '../caller.ts'
import { forbidden } from '../errors.ts'
import { list, oneOf } from '../input.ts'
import { giveToken } from './account-token.ts'
import { unused } from './last-use.ts'
import { newTokenFields } from './token-input.ts'
import { newTokenEntity, tokenShape, withSecret } from './token-shape.ts'

/** A token must not make another that can do more than it: only what is harmless may be asked for (GitLab docs, "User tokens API"). */
const limitedScopes = ['k8s_proxy', 'self_rotate'] as const

const newToken = z.object({ ...newTokenFields, scopes: list(oneOf(limitedScopes)) })

const oneDay = 86_400_000

const create = async (call: Call): Promise<Answer> => {
  const { account } = requireUser(call.caller)
  // A bot lives as long as its last token: by one more it would outlive the one that is revoked.
  if (account.kind === 'project_bot') throw forbidden()
  const wishes = call.read(newToken)
  // The end of today is the first moment of tomorrow.
  const expires_at = wishes.expires_at ?? dayOf(call.now + oneDay)
  const { token, secret } = await giveToken(call, account, { ...wishes, expires_at }, 400)
  return created(withSecret(tokenShape(token, unused, call.now), secret))
}

export const ownAccessTokenRoutes: readonly Route[] = [
  route('POST', '/user/personal_access_tokens', {
    summary: 'Create own access token with harmless scopes',
    input: [newToken],
    output: newTokenEntity,
    handler: create,
  }),
]
