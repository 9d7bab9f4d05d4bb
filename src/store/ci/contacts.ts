import type { Selectable } from 'kysely'
import type { RunnerId } from '../../core/ids.ts'
import type { RunnerContactsTable } from '../activity/schema.ts'
import { instantOf } from '../instant.ts'
import type { Reader } from '../routes.ts'
import type { Store } from '../sqlite.ts'
import type { RunnerRow } from './runners.ts'

export type RunnerContact = Selectable<RunnerContactsTable>

/** What a machine tells of itself. */
export type RunnerDescription = Pick<RunnerContact, 'version' | 'revision' | 'platform' | 'architecture' | 'executor'>

const minute = 60_000

/** GitLab's measures (`Ci::Runner`), in milliseconds: silent for so long, a runner is offline, or stale. */
export const offlineAfter = 2 * 60 * minute
export const staleAfter = 7 * 24 * 60 * minute

/** The name under which a runner is kept that does not say which machine it is (gitlab `RunnerManager`). */
const nameless = '<legacy>'

/** Machines kept of one runner; beyond that the one that was silent longest is forgotten. */
const mostMachines = 100

/** What it does not say is as it was. */
export interface Contact extends Partial<RunnerDescription> {
  readonly runner: RunnerId
  readonly system: string | undefined
  readonly address: string | undefined
}

const forgetOldest = (store: Store, runner: RunnerId) =>
  store.activity
    .deleteFrom('runner_contacts')
    .where('runner_id', '=', runner)
    .where('id', 'not in', (kept) =>
      kept
        .selectFrom('runner_contacts')
        .select('id')
        .where('runner_id', '=', runner)
        .orderBy('contacted_at', 'desc')
        .limit(mostMachines),
    )
    .execute()

/** Keeps that a machine spoke, at most once a minute for each. */
export const noteContact = async (store: Store, { runner, system = nameless, address, ...told }: Contact, now: number) => {
  const known = await store.read
    .selectFrom('activity.runner_contacts')
    .select('contacted_at')
    .where('runner_id', '=', runner)
    .where('system_id', '=', system)
    .executeTakeFirst()
  if (known !== undefined && Math.abs(Date.parse(known.contacted_at) - now) < minute) return
  const time = instantOf(now)
  const seen = { ...told, ip_address: address ?? null, contacted_at: time }
  await store.activity
    .insertInto('runner_contacts')
    .values({ runner_id: runner, system_id: system, created_at: time, ...seen })
    .onConflict((conflict) => conflict.columns(['runner_id', 'system_id']).doUpdateSet(seen))
    .execute()
  if (known === undefined) await forgetOldest(store, runner)
}

/** The machines of a runner, the one that spoke last first. */
export const contactsOf = (reader: Reader, runner: RunnerId): Promise<RunnerContact[]> =>
  reader
    .selectFrom('activity.runner_contacts')
    .selectAll()
    .where('runner_id', '=', runner)
    .orderBy('contacted_at', 'desc')
    .orderBy('id', 'desc')
    .execute()

/** When each of these runners last spoke; those that never did are left out. */
export const lastContacts = async (reader: Reader, runners: readonly RunnerId[]): Promise<ReadonlyMap<RunnerId, string>> => {
  if (runners.length === 0) return new Map()
  const rows = await reader
    .selectFrom('activity.runner_contacts')
    .select(['runner_id', ({ fn }) => fn.max('contacted_at').as('at')])
    .where('runner_id', 'in', [...runners])
    .groupBy('runner_id')
    .execute()
  return new Map(rows.map(({ runner_id, at }) => [runner_id, at]))
}

/** Of one machine that is gone for good; of all machines where none is named. */
export const forgetContacts = async (store: Store, runner: RunnerId, system?: string): Promise<void> => {
  const all = store.activity.deleteFrom('runner_contacts').where('runner_id', '=', runner)
  await (system === undefined ? all : all.where('system_id', '=', system)).execute()
}

export const contactStates = ['online', 'offline', 'stale', 'never_contacted'] as const
export type ContactState = (typeof contactStates)[number]

/** @param at when it last spoke */
export const contactState = (runner: Pick<RunnerRow, 'created_at'>, at: string | undefined, now: number): ContactState => {
  const stale = instantOf(now - staleAfter)
  if (runner.created_at <= stale && (at ?? '') <= stale) return 'stale'
  if (at === undefined) return 'never_contacted'
  return at > instantOf(now - offlineAfter) ? 'online' : 'offline'
}
