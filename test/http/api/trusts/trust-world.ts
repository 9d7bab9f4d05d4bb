import { type Kysely, sql } from 'kysely'
import { jobClaims, newPair, type SigningPair, signJwt } from '../../../support/issuer.ts'
import type { Asked, Reply } from '../api-server.ts'
import { startWorld, type Who, type World } from '../world.ts'

export const outsideIssuer = 'https://ci.example.com'

/** What a trust says, where a test does not say otherwise. */
export const terms = {
  name: 'ship',
  issuer: outsideIssuer,
  audience: 'sallyport',
  claims: { repository: 'octo/ship', ref: ['refs/heads/main', 'refs/heads/release/*'] },
  access_level: 30,
  scopes: ['read_repository', 'write_repository'],
  refs: ['refs/heads/*'],
}

export interface TrustBody extends Record<string, unknown> {
  readonly id: number
  readonly in_force: boolean
  readonly refusals: readonly {
    readonly refusal_id: string
    readonly reason: string
    readonly verified: boolean
    readonly details: Record<string, unknown>
  }[]
}

export interface Exchanged {
  readonly access_token: string
  readonly issued_token_type: string
  readonly token_type: string
  readonly expires_in: number
  readonly scope: string
  readonly error: string
  readonly error_description: string
  readonly refusal_id: string
}

/** A world with a project `team/ship` and an outside issuer whose keys can be found. */
export interface TrustWorld extends World {
  readonly pair: SigningPair
  readonly shipId: number
  now(): number
  trust(fields?: Record<string, unknown>, by?: Who, place?: string): Promise<TrustBody>
  told(id: number, place?: string): Promise<TrustBody>
  outsideToken(claims?: Record<string, unknown>, header?: Record<string, unknown>): Promise<string>
  exchange(fields: Record<string, string | undefined>, asked?: Asked): Promise<Reply<Exchanged>>
}

export const exchangeFields = {
  grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
  subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
  audience: 'team/ship',
}

export const startTrustWorld = async (...how: Parameters<typeof startWorld>): Promise<TrustWorld> => {
  const world = await startWorld(...how)
  // Many small writes, and nothing that a power cut could take from anyone.
  for (const database of [world.store.write, world.store.activity]) {
    await sql`pragma synchronous = off`.execute(database as Kysely<unknown>)
  }
  const pair = await newPair('first')
  const keys = `${outsideIssuer}/keys`
  world.outside.set(`${outsideIssuer}/.well-known/openid-configuration`, { issuer: outsideIssuer, jwks_uri: keys })
  world.outside.set(keys, { keys: [pair.published] })
  const shipId = await world.project('ship')
  const now = () => world.parts.clock()
  const home = `/projects/${shipId}`
  return {
    ...world,
    pair,
    shipId,
    now,
    async trust(fields = {}, by = 'maintainer', place = home) {
      const asked = { token: world.token(by), json: { ...terms, ...fields } }
      const reply = await world.ask<TrustBody>('POST', `${place}/sallyport/trusts`, asked)
      if (reply.status !== 201) throw new Error(`no trust: ${reply.status} ${JSON.stringify(reply.body)}`)
      return reply.body
    },
    async told(id, place = home) {
      const reply = await world.ask<TrustBody>('GET', `${place}/sallyport/trusts/${id}`, { token: world.token('maintainer') })
      return reply.body
    },
    outsideToken: (claims = {}, header = {}) => signJwt(jobClaims(outsideIssuer, now(), claims), pair, header),
    exchange(fields, asked = {}) {
      const form = Object.entries({ ...exchangeFields, ...fields }).filter(
        (entry): entry is [string, string] => entry[1] !== undefined,
      )
      return world.ask<Exchanged>('POST', '/sallyport/token_exchange', { form: Object.fromEntries(form), ...asked })
    },
  }
}
