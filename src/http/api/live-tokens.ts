import type { PushShield } from '../../core/project.ts'
import { tellFindings, tokensOf } from '../../shield/findings.ts'
import type { Call } from './call.ts'
import { ApiError } from './errors.ts'

/** As a push that brings one: throws 400 where a text that is to be kept in a repository holds a token that still works. */
export const refuseLiveTokens = async (call: Call, { enabled, revoke }: PushShield, text: string | Buffer): Promise<void> => {
  if (!enabled) return
  const findings = await call.parts.shield.findIn(Buffer.from(text))
  if (findings.length === 0) return
  if (revoke) {
    for (const token of tokensOf(findings)) call.audit(await token.end(call.parts.store, call.now))
  }
  const message = tellFindings(findings, new Map(), revoke)
  throw new ApiError(400, { message }, { log: { 'meta.refusal_reason': 'live_token' } })
}
