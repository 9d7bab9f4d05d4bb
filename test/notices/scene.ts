import { pino } from 'pino'
import type { AccessTokenId, DeployTokenId, ProjectId, UserId } from '../../src/core/ids.ts'
import { parseMailServer } from '../../src/core/mail.ts'
import { type Outcome, type RunParts, runNotices, type Task } from '../../src/notices/run.ts'
import { SmtpPost } from '../../src/notices/smtp.ts'
import type { ExpiryNoticesTable } from '../../src/store/schema.ts'
import type { Store } from '../../src/store/sqlite.ts'
import { startWorld, type World } from '../http/api/world.ts'

/** Days from the world's own today. */
export const inDays = (days: number, from = Date.parse('2026-03-10')): string =>
  new Date(from + days * 86_400_000).toISOString().slice(0, 10)

export interface Scene extends World {
  readonly log: Record<string, unknown>[]
  /** One run at a moment, by a mail server's port or by none. */
  run(port: number | undefined, changed?: Partial<RunParts> & { readonly task?: Task }): Promise<Outcome>
  /** A token of a person's own. */
  own(user: UserId, name: string, days: number, fields?: Parameters<World['addToken']>[1]): Promise<AccessTokenId>
  states(): Promise<ExpiryNoticesTable['state'][]>
}

const expiring: Task = { job: 'expiring', since: '2026-03-09' }
export const expired: Task = { job: 'expired', since: '2026-03-09' }

/** People, a group and projects over a real store, and runs of the letters by a clock that stands where the test says. */
export const openScene = async (): Promise<Scene> => {
  const world = await startWorld()
  const log: Record<string, unknown>[] = []
  return {
    ...world,
    log,
    async run(port, { task = expiring, ...changed } = {}) {
      const server = port === undefined ? undefined : parseMailServer(`smtp://127.0.0.1:${port}`)
      return runNotices(
        {
          store: world.store,
          log: pino({ level: 'debug' }, { write: (line: string) => void log.push(JSON.parse(line)) }),
          post: server === undefined ? undefined : new SmtpPost(server),
          from: undefined,
          baseUrl: 'https://git.example.org',
          clock: world.parts.clock,
          stopping: new AbortController().signal,
          ...changed,
        },
        task,
      )
    },
    own: async (user, name, days, fields = {}) => (await world.addToken(user, { name, expires_at: inDays(days), ...fields })).id,
    async states() {
      const rows = await world.store.read.selectFrom('expiry_notices').select('state').orderBy('id').execute()
      return rows.map((row) => row.state)
    },
  }
}

/** A token of a project's or group's bot, by the API. */
export const resourceToken = async (world: World, place: string, name: string, days: number): Promise<number> => {
  const json = { name, scopes: ['api'], expires_at: inDays(days) }
  const reply = await world.ask<{ id: number }>('POST', `${place}/access_tokens`, { token: world.people.root.token, json })
  if (reply.status !== 201) throw new Error(`no token: ${JSON.stringify(reply.body)}`)
  return reply.body.id
}

export const deployToken = async (store: Store, project: number, name: string, expiresAt: string): Promise<DeployTokenId> => {
  const row = await store.write
    .insertInto('deploy_tokens')
    .values({
      project_id: project as ProjectId,
      group_id: null,
      name,
      username: 'deployer',
      digest: `digest of ${name}`,
      scopes: '["read_repository"]',
      revoked: 0,
      expires_at: expiresAt,
      created_by: null,
      created_at: '2026-01-01T00:00:00.000Z',
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  return row.id
}
