import type { ExpiryDate, OverviewFilter, overviewFields } from '../store/token-overview.ts'
import { onOneLine } from './terminal-text.ts'

type Fields = ReturnType<typeof overviewFields>

/** As Ruby prints a time: `2022-02-11 13:22:14 UTC`; nothing for never. */
const lastUsedWords = (moment: string | null): string => (moment === null ? '' : `${moment.slice(0, 19).replace('T', ' ')} UTC`)

/** GitLab's words before each token, by what was asked (GitLab docs, "Token troubleshooting", the scripts' output). */
const openingOf = (filter: OverviewFilter): string => {
  if (filter.expiresOn !== undefined || filter.expiresInMonth !== undefined) return 'Expired '
  if (filter.noExpiry === true) return 'Expires_at is nil for '
  return filter.unusedSince === undefined ? '' : 'Unused '
}

const whoseOf = (token: Fields): string => {
  if (token.kind === 'project') return `project access token in Project ID ${token.project_id}, Token ID: ${token.id}`
  if (token.kind === 'group') return `group access token in Group ID ${token.group_id}, Token ID: ${token.id}`
  const kind = token.kind === 'service_account' ? 'service account access token' : 'personal access token'
  return `${kind} ID: ${token.id}, User Email: ${onOneLine(token.email)}`
}

const scopeWords = (scopes: readonly string[]): string => `[${scopes.map((scope) => JSON.stringify(scope)).join(', ')}]`

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

/** One token on one line, as the scripts of GitLab's token overview print it. */
export const tokenLine = (token: Fields, filter: OverviewFilter): string =>
  capital(
    `${openingOf(filter)}${whoseOf(token)}, Name: ${onOneLine(token.name)}, Scopes: ${scopeWords(token.scopes)}, Last used: ${lastUsedWords(token.last_used_at)}`,
  ).trimEnd()

export const dateLine = ({ count, expires_at }: ExpiryDate): string =>
  `${count} Personal access tokens will expire at ${expires_at}`
