import type { IncomingHttpHeaders } from 'node:http'
import { Secret } from '../../core/secret.ts'
import { isJobToken } from '../../tokens/digest.ts'
import type { Parameters } from './form.ts'

/** Longest secret that is looked up, in characters. */
const longestSecret = 8192

/** What of a request can carry a credential. */
export interface Shown {
  readonly method: string
  readonly headers: IncomingHttpHeaders
  readonly parameters: Parameters
  /** Of the client. */
  readonly address: string | undefined
}

/** How a token was sent, in GitLab's words for the log. */
export type Carrier = 'private_token_param' | 'private_token_header' | 'bearer' | 'other'

export interface PresentedToken {
  readonly secret: Secret
  readonly carrier: Carrier
}

/** Empty values count as none. What is no text cannot be a token, but was presented: an empty secret is never found. */
const asSecret = (value: unknown): Secret | undefined => {
  if (value === undefined || value === null || value === '') return undefined
  return new Secret(typeof value === 'string' && value.length <= longestSecret ? value : '')
}

const bearer = (headers: IncomingHttpHeaders): string | undefined =>
  /^Bearer +(\S.*)$/i.exec(headers.authorization ?? '')?.[1]?.trim()

/** In GitLab's order (gitlab `lib/gitlab/auth/auth_finders.rb`). Basic and cookies are not read. */
const sources: readonly { readonly carrier: Carrier; readonly find: (shown: Shown) => unknown }[] = [
  { carrier: 'private_token_param', find: ({ parameters }) => parameters['private_token'] },
  { carrier: 'private_token_header', find: ({ headers }) => headers['private-token'] },
  { carrier: 'bearer', find: ({ headers }) => bearer(headers) },
  { carrier: 'other', find: ({ parameters }) => parameters['access_token'] },
  { carrier: 'other', find: ({ parameters }) => parameters['bearer_token'] },
]

/** Of these, `token` is a parameter of other routes too: there it is a job's only where it looks like one. */
const jobSources: readonly ((shown: Shown) => unknown)[] = [
  ({ parameters }) => parameters['job_token'],
  ({ parameters }) => (looksLikeJobToken(parameters['token']) ? parameters['token'] : undefined),
  ({ headers }) => headers['job-token'],
]

const looksLikeJobToken = (value: unknown): boolean => {
  const secret = asSecret(value)
  return secret !== undefined && isJobToken(secret)
}

/** The job token that a request shows, on a route that takes one: as Bearer, else where no access token is shown. */
export const presentedJobToken = (shown: Shown): Secret | undefined => {
  const borne = asSecret(bearer(shown.headers))
  if (borne !== undefined && isJobToken(borne)) return borne
  if (presentedToken(shown) !== undefined) return undefined
  return jobSources.map((find) => asSecret(find(shown))).find((secret) => secret !== undefined)
}

/**
 * The access token that a request shows: the first source that holds something wins. A job token in its place is none:
 * who shows one is nobody in particular.
 */
export const presentedToken = (shown: Shown): PresentedToken | undefined => {
  for (const { carrier, find } of sources) {
    const secret = asSecret(find(shown))
    if (secret !== undefined) return isJobToken(secret) ? undefined : { secret, carrier }
  }
  return undefined
}
