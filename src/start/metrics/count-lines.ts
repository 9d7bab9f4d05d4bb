import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { Metrics } from '../../core/metrics.ts'
import type { AuthenticationReason } from '../../core/refusal.ts'
import { type ToldLine, toldLines } from '../../log.ts'

const authenticationReasons: Readonly<Record<AuthenticationReason, true>> = {
  credential_missing: true,
  credential_unknown: true,
  token_expired: true,
  token_revoked: true,
  impersonation_disabled: true,
  no_known_scope: true,
  username_mismatch: true,
  out_of_reach: true,
  repository_disabled: true,
  user_cannot_log_in: true,
  password_wrong: true,
  password_expired: true,
  password_checks_busy: true,
  password_disabled: true,
  two_factor_required: true,
  address_banned: true,
  job_not_running: true,
  jobs_disabled: true,
  trust_withdrawn: true,
}

const textIn = (line: ToldLine, key: string): string | undefined => {
  const value = line[key]
  return typeof value === 'string' ? value : undefined
}

const numberIn = (line: ToldLine, key: string): number | undefined => {
  const value = line[key]
  return typeof value === 'number' ? value : undefined
}

/** Over HTTP lies the API too; it is told apart by its kind. */
const doorOf = (line: ToldLine): 'http' | 'ssh' => (line['door'] === 'ssh' ? 'ssh' : 'http')

const serviceKinds: Readonly<Record<string, string>> = {
  'upload-pack': 'upload_pack',
  'receive-pack': 'receive_pack',
  'git-upload-pack': 'upload_pack',
  'git-receive-pack': 'receive_pack',
  'git-upload-archive': 'upload_archive',
  welcome: 'welcome',
}

const kindOf = (line: ToldLine): string => {
  if (line['door'] === 'api') return 'api'
  if (line['phase'] === 'advertise') return 'info_refs'
  return serviceKinds[textIn(line, 'service') ?? textIn(line, 'command') ?? ''] ?? 'other'
}

/** The word of the log, in the form of a label. */
const reasonIn = (line: ToldLine): string | undefined =>
  (textIn(line, 'meta.refusal_reason') ?? textIn(line, 'meta.auth_fail_reason'))?.replaceAll(/\W+/g, '_').slice(0, 64)

const clientGone = 499

const outcomeOf = (line: ToldLine, reason: string | undefined): string => {
  const status = numberIn(line, 'status') ?? 0
  if (status >= 500 || 'err' in line) return 'failed'
  if (status === clientGone) return 'gone'
  if (reason !== undefined || status >= 400) return 'refused'
  return (numberIn(line, 'exit_code') ?? 0) === 0 ? 'success' : 'failed'
}

/** GitLab's class of a token (`PersonalAccessToken/9`) in the form of our kinds. */
const recognised = (line: ToldLine): string | undefined =>
  textIn(line, 'meta.auth_fail_token_id')
    ?.replace(/\/.*/, '')
    .replaceAll('::', '')
    .replaceAll(/(?<=[a-z])(?=[A-Z])/g, '-')
    .toLowerCase()

/** Which credential was refused; undefined where none was. */
const refusedCredential = (line: ToldLine, reason: string | undefined): string | undefined => {
  const isReason = reason !== undefined && Object.hasOwn(authenticationReasons, reason)
  if (!isReason && line['status'] !== 401) return undefined
  return recognised(line) ?? (isReason && reason !== 'credential_missing' ? 'unrecognised' : 'none')
}

const countAuthentication = (metrics: Metrics, line: ToldLine, reason: string | undefined, isServed: boolean): void => {
  const door = doorOf(line)
  const refused = refusedCredential(line, reason)
  const accepted = textIn(line, 'token_kind') ?? (isServed ? 'none' : undefined)
  if (refused !== undefined) metrics.add('authentications', { door, credential: refused, outcome: 'refused' })
  else if (accepted !== undefined) metrics.add('authentications', { door, credential: accepted, outcome: 'accepted' })
}

const countRefusals = (metrics: Metrics, line: ToldLine, reason: string | undefined): void => {
  const door = doorOf(line)
  if (reason !== undefined) metrics.add('refusals', { door, reason })
  const away = line['turned_away']
  if (typeof away !== 'object' || away === null) return
  for (const [name, count] of Object.entries(away)) metrics.add('refusals', { door, reason: `too_many_${name}` }, Number(count))
}

const count = (metrics: Metrics, line: ToldLine): void => {
  const reason = reasonIn(line)
  countRefusals(metrics, line, reason)
  if ('tries' in line) metrics.add('authentications', { door: doorOf(line), credential: 'unrecognised', outcome: 'refused' })
  const seconds = numberIn(line, 'duration_s')
  if (seconds === undefined) return
  const labels = { door: doorOf(line), kind: kindOf(line) }
  const outcome = outcomeOf(line, reason)
  metrics.add('requests', { ...labels, outcome })
  metrics.observe('requestSeconds', labels, seconds)
  countAuthentication(metrics, line, reason, outcome === 'success')
}

/**
 * Counts requests by the one line that each of them leaves, so that the figures cannot say something else than the log.
 * Returns how to end it.
 */
export const countLines = (metrics: Metrics): (() => void) => {
  const onLine = (line: unknown): void => {
    if (typeof line === 'object' && line !== null) count(metrics, line as ToldLine)
  }
  subscribe(toldLines, onLine)
  return () => unsubscribe(toldLines, onLine)
}
