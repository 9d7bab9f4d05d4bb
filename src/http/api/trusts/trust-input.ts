import { z } from 'zod'
import { isTrustLevel, trustLevels } from '../../../access/rules/trusted.ts'
import { accessLevels } from '../../../core/access-level.ts'
import { trustScopes } from '../../../core/scope.ts'
import { claimsOf, stringsOf, type TrustRow, type TrustTerms } from '../../../store/trusts.ts'
import type { Call } from '../call.ts'
import { validation } from '../errors.ts'
import { filledText, flag, list, oneNumberOf, oneOf, optional, optionalText, text, whole } from '../input.ts'
import { requireOffered } from '../tokens/offered-scopes.ts'
import { baseUrl } from '../urls.ts'

const longestUrl = 1_000
const longestPattern = 500
const mostClaims = 20
const mostPatterns = 50
const life = { least: 60, most: 3_600, usual: 600 } as const

const patterns = z.record(z.string(), z.union([z.string(), z.array(z.string())]))

const settable = {
  enabled: optional(flag()),
  jwks_uri: optionalText(longestUrl),
  refs: optional(list(text())),
  life: optional(whole()),
  single_use: optional(flag()),
}

export const newTrust = z.object({
  name: filledText(),
  issuer: filledText(longestUrl),
  audience: filledText(longestUrl),
  claims: patterns,
  access_level: oneNumberOf(trustLevels),
  scopes: list(oneOf(trustScopes)),
  ...settable,
})

export const changedTrust = z.object({
  name: optional(filledText()),
  issuer: optional(filledText(longestUrl)),
  audience: optional(filledText(longestUrl)),
  claims: optional(patterns),
  access_level: optional(oneNumberOf(trustLevels)),
  scopes: optional(list(oneOf(trustScopes))),
  ...settable,
})

type NewTrust = z.output<typeof newTrust>

const asList = (value: string | readonly string[]): readonly string[] => (typeof value === 'string' ? [value] : value)

const termsIn = (input: NewTrust): TrustTerms => ({
  name: input.name,
  enabled: input.enabled ?? true,
  issuer: input.issuer,
  jwksUri: input.jwks_uri === '' ? undefined : input.jwks_uri,
  audience: input.audience,
  claims: Object.fromEntries(Object.entries(input.claims).map(([name, value]) => [name, asList(value)])),
  level: input.access_level,
  scopes: [...new Set(input.scopes)],
  refs: [...new Set(input.refs ?? [])],
  life: input.life ?? life.usual,
  singleUse: input.single_use ?? true,
})

const levelOf = ({ access_level }: TrustRow): NewTrust['access_level'] => {
  if (isTrustLevel(access_level)) return access_level
  throw new Error(`a stored trust gives the role ${access_level}`)
}

const scopesOfTrust = (row: TrustRow): NewTrust['scopes'] => trustScopes.filter((scope) => stringsOf(row.scopes).includes(scope))

/** A trust as it stands, in the words of the parameters. */
const inputOf = (row: TrustRow): NewTrust => ({
  name: row.name,
  enabled: row.enabled === 1,
  issuer: row.issuer,
  jwks_uri: row.jwks_uri ?? '',
  audience: row.audience,
  claims: Object.fromEntries(Object.entries(claimsOf(row)).map(([name, wanted]) => [name, [...wanted]])),
  access_level: levelOf(row),
  scopes: scopesOfTrust(row),
  refs: [...stringsOf(row.refs)],
  life: row.life,
  single_use: row.single_use === 1,
})

type Problems = Record<string, readonly string[]>

/** An issuer is named by an https address without a query (OpenID Connect Discovery 1.0, section 3). */
const addressProblem = (value: string, isOpened: boolean): string | undefined => {
  const url = URL.canParse(value) ? new URL(value) : undefined
  const isWeb = url?.protocol === 'https:' || (isOpened && url?.protocol === 'http:')
  if (url === undefined || !isWeb) return 'must be an https address'
  return url.username === '' && url.password === '' && url.hash === ''
    ? undefined
    : 'must be an address without password and fragment'
}

/** What the protocol itself compares: a pattern for it would only seem to. */
const notMatched = new Set(['iss', 'aud', 'exp', 'nbf', 'iat', 'jti'])

const saysSomething = (pattern: string): boolean => /[^*]/.test(pattern)

const claimsProblem = (claims: TrustTerms['claims']): string | undefined => {
  const all = Object.entries(claims)
  if (all.length > mostClaims) return `are too many (maximum is ${mostClaims})`
  if (all.some(([name]) => name === '' || name.length > 255 || notMatched.has(name)))
    return 'name one that is not matched by patterns'
  const isFit = (wanted: readonly string[]): boolean =>
    wanted.length > 0 && wanted.length <= mostPatterns && wanted.every((one) => one !== '' && one.length <= longestPattern)
  if (!all.every(([, wanted]) => isFit(wanted)))
    return `must have from 1 to ${mostPatterns} patterns of 1 to ${longestPattern} characters`
  // Issuers such as GitHub sign for everybody: without a claim that says who, a trust would let all of them in.
  const isBound = all.some(([, wanted]) => wanted.every(saysSomething))
  return isBound ? undefined : 'must name at least one value: `*` alone fits everybody whom the issuer knows'
}

const refsProblem = ({ refs, scopes }: TrustTerms): string | undefined => {
  if (!refs.every((ref) => /^refs\/[^\s~^:?[\\]+$/.test(ref)))
    return 'must be full names such as refs/heads/main, with * for any characters'
  const pushes = scopes.includes('write_repository')
  if (pushes && refs.length === 0) return "can't be blank with scope write_repository"
  return !pushes && refs.length > 0 ? 'are for scope write_repository' : undefined
}

const levelProblem = ({ level, scopes }: TrustTerms): string | undefined =>
  scopes.some((scope) => scope.startsWith('write_')) && level < accessLevels.developer
    ? 'must be 30 (Developer) or 40 (Maintainer) for a scope that writes'
    : undefined

const lifeProblem = ({ life: seconds }: TrustTerms): string | undefined =>
  seconds < life.least || seconds > life.most ? `must be from ${life.least} to ${life.most} seconds` : undefined

const problemsOf = (terms: TrustTerms, call: Call): Problems => {
  const { settings } = call.parts
  const isOpened = settings.outboundAllow.length > 0
  const found: Readonly<Record<string, string | undefined>> = {
    issuer: terms.issuer === baseUrl(settings) ? undefined : addressProblem(terms.issuer, isOpened),
    jwks_uri: terms.jwksUri === undefined ? undefined : addressProblem(terms.jwksUri, isOpened),
    claims: claimsProblem(terms.claims),
    scopes: terms.scopes.length === 0 ? "can't be blank" : undefined,
    access_level: levelProblem(terms),
    refs: refsProblem(terms),
    life: lifeProblem(terms),
  }
  return Object.fromEntries(
    Object.entries(found).flatMap(([name, problem]) => (problem === undefined ? [] : [[name, [problem]]])),
  )
}

const checked = (terms: TrustTerms, call: Call): TrustTerms => {
  requireOffered(call, terms.scopes)
  const problems = problemsOf(terms, call)
  if (Object.keys(problems).length > 0) throw validation(problems)
  return terms
}

/** What a new trust is to say. Throws 400. */
export const newTerms = (call: Call): TrustTerms => checked(termsIn(call.read(newTrust)), call)

/** What a trust is to say from now on; what is not sent stays. Throws 400. */
export const changedTerms = (call: Call, row: TrustRow): TrustTerms => {
  const sent = Object.entries(call.read(changedTrust)).filter(([, value]) => value !== undefined)
  return checked(termsIn({ ...inputOf(row), ...Object.fromEntries(sent) }), call)
}
