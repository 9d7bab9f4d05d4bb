import type { Settings } from '../config.ts'
import { dayHasCome } from '../core/clock.ts'
import { extendTokens, extensionNotes, extensionRefusal } from '../store/token-extension.ts'
import { findHolders, type NamedHolders } from '../store/token-holders.ts'
import {
  type ExtendableRow,
  expiryDates,
  familyOf,
  type OverviewFilter,
  overviewFields,
  selectExtendable,
  selectOverview,
  type TokenFamily,
} from '../store/token-overview.ts'
import { inOpenedHome, type OpenedHome } from './opened-home.ts'
import { json, lines, type Output } from './output.ts'
import { Refused } from './refused.ts'
import { dateLine, tokenLine } from './token-lines.ts'

export interface OfWhom extends NamedHolders {
  readonly kind?: TokenFamily | undefined
}

export interface Asked extends OfWhom {
  readonly filter: Omit<OverviewFilter, keyof OfWhom>
}

const holdersOf = async ({ store }: OpenedHome, { kind, user, project, group }: OfWhom): Promise<OverviewFilter> => {
  const holders = await findHolders(store.read, { user, project, group })
  if (!('missing' in holders)) return { kind, ...holders }
  const word = { User: user, Project: project, Group: group }[holders.missing]
  throw new Refused(`there is no ${holders.missing.toLowerCase()} ${JSON.stringify(word)}`)
}

/** All tokens that a filter names. */
export const listTokens = (settings: Settings, { filter: given, ...of }: Asked): Promise<Output> =>
  inOpenedHome(settings, async (home) => {
    const filter = { ...given, ...(await holdersOf(home, of)) }
    const rows = await selectOverview(home.store.read, filter, home.now).execute()
    const tokens = rows.map((row) => overviewFields(row, home.now))
    return settings.json ? json(tokens) : lines(tokens.map((token) => tokenLine(token, filter)))
  })

/** The days on which most tokens end. */
export const listDates = (settings: Settings, of: OfWhom, top: number): Promise<Output> =>
  inOpenedHome(settings, async (home) => {
    const dates = await expiryDates(home.store.read, await holdersOf(home, of), top, home.now)
    return settings.json ? json(dates) : lines(dates.map(dateLine))
  })

const summaryOf = (rows: readonly ExtendableRow[], from: string, to: string, applied: boolean, now: number): string[] => {
  const done = `Updated ${rows.length} tokens with new expiry date ${to}`
  const dry = `Would update ${rows.length} tokens with new expiry date ${to}; --apply does it`
  const revived = applied ? 'They had expired, and work again' : 'They have expired, and would work again'
  return [applied ? done : dry, ...(dayHasCome(from, now) && rows.length > 0 ? [revived] : [])]
}

export interface Extension extends OfWhom {
  readonly expiresOn: string
  readonly to: string
  readonly apply: boolean
}

const lineOf = (row: ExtendableRow, now: number): string =>
  tokenLine(overviewFields({ ...row, last_used_at: null }, now), {}).replace(/, Last used:$/, '')

/** Gives a later day to all tokens that end on one; a dry run unless it is to be applied. */
export const extend = (settings: Settings, { expiresOn, to, apply, ...of }: Extension): Promise<Output> =>
  inOpenedHome(settings, async (home) => {
    const { store, now } = home
    const filter = { ...(await holdersOf(home, of)), expiresOn }
    const refusal = await extensionRefusal(store.read, filter, to, now)
    if (refusal !== undefined) throw new Refused(`--to ${to}: it ${refusal}`)
    const rows = apply ? await extendTokens(store, filter, to, now) : await selectExtendable(store.read, filter, now).execute()
    if (apply) home.audit(await extensionNotes(store.read, rows, to))
    const tokens = rows.map((row) => ({ id: row.id, kind: familyOf(row), name: row.name, user_id: row.user_id }))
    if (settings.json) return json({ applied: apply, expires_on: expiresOn, to, count: rows.length, tokens })
    return lines([...rows.map((row) => lineOf(row, now)), ...summaryOf(rows, expiresOn, to, apply, now)])
  })
