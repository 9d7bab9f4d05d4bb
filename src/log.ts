import { type Logger, pino } from 'pino'
import { type CredentialRef, credentialName } from './core/credential.ts'
import type { Refusal, RefusalReason } from './core/refusal.ts'

export type { Logger }

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const
export type LogLevel = (typeof logLevels)[number]

/** JSON lines on standard error, one for each request and fault. Written at once, so that a kill loses none. */
export const makeLogger = (level: LogLevel): Logger =>
  pino({ level, base: { pid: process.pid }, timestamp: pino.stdTimeFunctions.isoTime }, pino.destination({ dest: 2, sync: true }))

/** Reasons that GitLab itself names in `meta.auth_fail_reason`; all others are told in `meta.refusal_reason`. */
const authFailReasons = new Set<RefusalReason>(['token_expired', 'token_revoked', 'impersonation_disabled'])

/** The flat keys of a refused request (GitLab docs, "Log system": `meta.auth_fail_reason`, `meta.auth_fail_token_id`). */
export const refusalFields = (refusal: Refusal): Record<string, string> => ({
  [authFailReasons.has(refusal.reason) ? 'meta.auth_fail_reason' : 'meta.refusal_reason']: refusal.reason,
  ...(refusal.credential && { 'meta.auth_fail_token_id': credentialName(refusal.credential) }),
  ...(refusal.ref !== undefined && { 'meta.refused_ref': refusal.ref }),
})

export const credentialFields = (credential: CredentialRef | undefined): Record<string, string | number> =>
  credential === undefined ? {} : { token_type: credential.kind, token_id: credential.id }
