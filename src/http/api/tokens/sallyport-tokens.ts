import { z } from 'zod'
import { extendTokens, extensionNotes, extensionRefusal } from '../../../store/token-extension.ts'
import { findHolders, type NamedHolders } from '../../../store/token-holders.ts'
import {
  type ExtendableRow,
  expiryDates,
  familyOf,
  type OverviewFilter,
  overviewFields,
  overviewOrders,
  overviewStates,
  selectExtendable,
  selectOverview,
  tokenFamilies,
} from '../../../store/token-overview.ts'
import { type Answer, ok } from '../answer.ts'
import { type Call, type Route, route } from '../call.ts'
import { requireAdmin } from '../caller.ts'
import {
  dayWords,
  maybeDay,
  maybeMoment,
  maybeNumber,
  maybeWords,
  momentWords,
  wholeNumber,
  words,
  yesNo,
} from '../entity-words.ts'
import { badRequest, notFound } from '../errors.ts'
import { day, flag, moment, oneOf, optional, text, whole } from '../input.ts'
import { paginate } from '../pagination.ts'

/** Whose tokens: each by number, or by username or path. */
const ofWhom = {
  kind: optional(oneOf(tokenFamilies)),
  user: optional(text()),
  project: optional(text()),
  group: optional(text()),
}

const month = z.string().regex(/^\d{4}-(?:0[1-9]|1[0-2])$/, 'is invalid')

const overviewInput = z.object({
  ...ofWhom,
  expires_on: optional(day()),
  expires_in_month: optional(month),
  no_expiry: optional(flag()),
  unused_since: optional(moment()),
  state: optional(oneOf(overviewStates)),
  sort: optional(oneOf(overviewOrders)),
})

const datesInput = z.object({ ...ofWhom, top: optional(whole()) })

const extensionInput = z.object({ ...ofWhom, expires_on: day(), to: day(), apply: optional(flag()) })

/** A token as whoever keeps house looks at it; never its secret. */
const overviewEntity = z
  .object({
    id: wholeNumber,
    kind: z.enum(tokenFamilies),
    name: words,
    description: maybeWords,
    scopes: z.array(words),
    user_id: wholeNumber,
    username: words,
    email: words,
    user_state: words,
    project_id: maybeNumber,
    group_id: maybeNumber,
    revoked: yesNo,
    active: yesNo,
    created_at: momentWords,
    last_used_at: maybeMoment,
    expires_at: maybeDay,
  })
  .meta({ id: 'OverviewToken' })

const dateEntity = z.object({ expires_at: dayWords, count: wholeNumber }).meta({ id: 'ExpiryDate' })

const extensionEntity = z
  .object({
    applied: yesNo,
    expires_on: dayWords,
    to: dayWords,
    count: wholeNumber,
    tokens: z.array(z.object({ id: wholeNumber, kind: z.enum(tokenFamilies), name: words, user_id: wholeNumber })),
  })
  .meta({ id: 'TokenExtension' })

interface OfWhom extends NamedHolders {
  readonly kind?: OverviewFilter['kind']
}

/** Throws 404 where one that is named is not there. */
const holdersOf = async (call: Call, { kind, ...named }: OfWhom): Promise<OverviewFilter> => {
  const holders = await findHolders(call.parts.store.read, named)
  if ('missing' in holders) throw notFound(holders.missing)
  return { kind, ...holders }
}

const list = async (call: Call): Promise<Answer> => {
  requireAdmin(call.caller)
  const { expires_on, expires_in_month, no_expiry, unused_since, state, sort, ...of } = call.read(overviewInput)
  const filter: OverviewFilter = {
    ...(await holdersOf(call, of)),
    expiresOn: expires_on,
    expiresInMonth: expires_in_month,
    noExpiry: no_expiry,
    unusedSince: unused_since,
    state,
    sort,
  }
  await call.parts.activity.usage.settled()
  return paginate(call, selectOverview(call.parts.store.read, filter, call.now), (rows) =>
    rows.map((row): z.output<typeof overviewEntity> => overviewFields(row, call.now)),
  )
}

/** Days that one answer names. */
const [usualDates, mostDates] = [10, 100]

const dates = async (call: Call): Promise<Answer> => {
  requireAdmin(call.caller)
  const { top = usualDates, ...of } = call.read(datesInput)
  const most = Math.min(Math.max(top, 1), mostDates)
  return ok(await expiryDates(call.parts.store.read, await holdersOf(call, of), most, call.now))
}

/** Tokens that one answer names; all are counted. */
const mostShown = 100

const extensionShape = (row: ExtendableRow) => ({ id: row.id, kind: familyOf(row), name: row.name, user_id: row.user_id })

/** Says what it would do, unless told to do it. */
const extend = async (call: Call): Promise<Answer> => {
  requireAdmin(call.caller)
  const { expires_on: expiresOn, to, apply = false, ...of } = call.read(extensionInput)
  const filter = { ...(await holdersOf(call, of)), expiresOn }
  const { store } = call.parts
  const refusal = await extensionRefusal(store.read, filter, to, call.now)
  if (refusal !== undefined) throw badRequest(`Expiration date ${refusal}`)
  const rows = apply
    ? await extendTokens(store, filter, to, call.now)
    : await selectExtendable(store.read, filter, call.now).execute()
  if (apply) call.audit(...(await extensionNotes(store.read, rows, to)))
  const tokens = rows.slice(0, mostShown).map(extensionShape)
  return ok({ applied: apply, expires_on: expiresOn, to, count: rows.length, tokens })
}

/** Keeping house with all access tokens of the instance: what GitLab leaves to scripts in its console. For administrators. */
export const sallyportTokenRoutes: readonly Route[] = [
  route('GET', '/sallyport/tokens', {
    input: [overviewInput],
    output: overviewEntity,
    paged: true,
    summary: 'all access tokens, by when they end and when they were used',
    handler: list,
  }),
  route('GET', '/sallyport/tokens/expiry_dates', {
    input: [datesInput],
    output: z.array(dateEntity),
    summary: 'days on which many access tokens end',
    handler: dates,
  }),
  route('POST', '/sallyport/tokens/extend', {
    input: [extensionInput],
    output: extensionEntity,
    status: 200,
    summary: 'gives a later day to all access tokens that end on one; a dry run unless apply is true',
    handler: extend,
  }),
]
