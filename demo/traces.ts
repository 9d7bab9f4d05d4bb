import { setTimeout as pause } from 'node:timers/promises'
import type { Stage } from './stage.ts'

/** Something that the tour left behind, as the REST API tells it. */
export interface Trace {
  readonly what: string
  readonly told: string
}

export const traceTitle = 'What is left behind'
export const traceAbout = 'Audit events and the last use of each credential, as the REST API tells them.'

/** What happened is written in batches: how long to wait for one, in milliseconds. */
const patience = 10_000
const between = 200

const soon = async (what: string, look: () => Promise<string | undefined>): Promise<Trace> => {
  for (const until = performance.now() + patience; performance.now() < until; await pause(between)) {
    const told = await look()
    if (told !== undefined) return { what, told }
  }
  throw new Error(`the tour left no trace: ${what}`)
}

const event =
  ({ scene: { api } }: Stage, name: string) =>
  async (): Promise<string | undefined> => {
    const events = await api.make('GET', '/audit_events?per_page=100')
    const found = events.find((one: { event_name: string }) => one.event_name === name)
    return found?.details.custom_message
  }

const lastUse =
  ({ scene }: Stage, username: string) =>
  async (): Promise<string | undefined> => {
    const tokens = await scene.api.make('GET', `/personal_access_tokens?user_id=${scene.who(username).id}&sort=last_used_desc`)
    const [{ name, last_used_at, last_used_ips }] = tokens
    return last_used_at === null ? undefined : `token "${name}": ${last_used_at} from ${last_used_ips.join(', ')}`
  }

/** Throws where one is missing. */
export const readTraces = (stage: Stage): Promise<readonly Trace[]> =>
  Promise.all([
    soon('push_denied', event(stage, 'push_denied')),
    soon('revoked_token_used', event(stage, 'revoked_token_used')),
    soon('address_banned', event(stage, 'address_banned')),
    soon('last use, Owner', lastUse(stage, 'owner')),
  ])
