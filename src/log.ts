import { channel } from 'node:diagnostics_channel'
import { type Logger, pino } from 'pino'
import { type Authenticated, type CredentialRef, credentialClass, credentialName } from './core/credential.ts'
import type { Principal } from './core/principal.ts'
import type { Refusal, RefusalReason } from './core/refusal.ts'
import { knownPrefixes } from './tokens/kinds.ts'

export type { Logger }

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const
export type LogLevel = (typeof logLevels)[number]

/** What GitLab's tokens look like: people paste them where a path or a branch was asked for. */
const tokenForm = new RegExp(`\\b(GR1348941|${knownPrefixes.join('|')})[\\w.-]{8,}`, 'g')

export const withoutTokens = (text: string): string => text.replaceAll(tokenForm, '$1[hidden]')

/** What a client wrote by itself. */
const written = ['path', 'meta.project', 'meta.refused_ref'] as const

/** Nearly every line stays as it is: only one that hides something is copied. */
const hideTokens = (line: Record<string, unknown>): Record<string, unknown> => {
  let shown = line
  for (const key of written) {
    const text = line[key]
    const hidden = typeof text === 'string' ? withoutTokens(text) : text
    if (hidden !== text) shown = { ...shown, [key]: hidden }
  }
  return shown
}

/** Of lines that cannot be written now, in bytes; what comes beyond is lost. */
const mostWaiting = 2 ** 20

/** Where standard error is a file on a full disk, lines wait for room: nobody's request fails because of them. */
const standardError = () => {
  const destination = pino.destination({ dest: 2, sync: true, maxLength: mostWaiting })
  destination.on('error', () => {})
  return destination
}

/** JSON lines on standard error, one for each request and fault. Written at once, so that a kill loses none. */
export const makeLogger = (level: LogLevel): Logger =>
  pino(
    {
      level,
      base: { pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { log: hideTokens },
    },
    standardError(),
  )

/** A line about a request, a login or a connection; the flat keys are those of the log. */
export type ToldLine = Readonly<Record<string, unknown>>

/** The diagnostics channel on which such lines are told, also those that the log's level leaves out. */
export const toldLines = 'sallyport:line'

const told = channel(toldLines)

/** Writes a line, and tells it to whoever counts. */
export const tellLine = (log: Logger, level: 'info' | 'warn' | 'error', line: ToldLine, message: string): void => {
  log[level](line, message)
  told.publish(line)
}

export type LogFields = Readonly<Record<string, string | number | readonly string[]>>

/**
 * Reasons that GitLab itself has words for in `meta.auth_fail_reason`. All others, and those of which GitLab's word says
 * less, are told in `meta.refusal_reason`.
 */
const authFailReasons: Readonly<Partial<Record<RefusalReason, string>>> = {
  token_expired: 'token_expired',
  token_revoked: 'token_revoked',
  impersonation_disabled: 'impersonation_disabled',
  no_known_scope: 'insufficient_scope',
  ability_missing_download: 'insufficient_scope',
  ability_missing_push: 'insufficient_scope',
}

const noTokens: ReadonlySet<CredentialRef['kind']> = new Set(['password', 'user-key', 'deploy-key', 'trust-certificate'])

/** Passwords and keys carry everything, and whoever shows nothing has no token that could carry too little. */
const isToken = ({ kind }: CredentialRef): boolean => !noTokens.has(kind)

/**
 * The flat keys of a refused request (GitLab docs, "Identify expired access tokens from logs").
 * @param shown the credential of who was recognised and refused all the same
 */
export const refusalFields = (refusal: Refusal, shown?: CredentialRef): LogFields => {
  const credential = refusal.credential ?? shown
  const reason = credential && isToken(credential) ? authFailReasons[refusal.reason] : undefined
  return {
    ...(reason !== undefined && { 'meta.auth_fail_reason': reason }),
    ...(reason !== refusal.reason && { 'meta.refusal_reason': refusal.reason }),
    ...(credential && (reason !== undefined || refusal.credential) && { 'meta.auth_fail_token_id': credentialName(credential) }),
    ...(refusal.ref !== undefined && { 'meta.refused_ref': refusal.ref }),
  }
}

/** GitLab's `token_type` is a class; `token_kind` is finer. A password is no token and has no number. */
export const credentialFields = (credential: CredentialRef | undefined, scopes?: readonly string[]): LogFields => {
  if (credential === undefined) return {}
  if (credential.kind === 'password') return { token_kind: credential.kind }
  return {
    token_type: credentialClass(credential),
    token_id: credential.id,
    token_kind: credential.kind,
    ...(scopes && { token_scopes: scopes }),
  }
}

export const userFields = ({ id, username }: { readonly id: number; readonly username: string }): LogFields => ({
  user_id: id,
  username,
  'meta.user': username,
})

const principalFields = (principal: Principal): LogFields => {
  switch (principal.kind) {
    case 'anonymous':
      return {}
    case 'user':
      return userFields(principal.user)
    case 'deploy-token':
      return { username: principal.username, 'meta.user': principal.username }
    case 'deploy-key':
      return principal.creator === undefined ? {} : userFields(principal.creator)
    case 'job':
      return {
        ...(principal.user && { ...userFields(principal.user), job_user_id: principal.user.id }),
        job_id: principal.id,
        job_project_id: principal.home.id,
      }
    case 'trusted':
      return { trust_id: principal.trust, trust_issuer: principal.issuer, trust_subject: principal.subject }
  }
}

/** Who was recognised, and by what. */
export const whoFields = (who: Authenticated | undefined): LogFields =>
  who === undefined ? {} : { ...principalFields(who.principal), ...credentialFields(who.credential, who.scopes) }

export const projectFields = (project: { readonly id: number; readonly fullPath: string } | undefined): LogFields =>
  project === undefined ? {} : { 'meta.project': project.fullPath, 'meta.project_id': project.id }
