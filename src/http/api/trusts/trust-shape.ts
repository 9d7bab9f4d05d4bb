import { z } from 'zod'
import type { UserId } from '../../../core/ids.ts'
import { isBacked } from '../../../store/trust-grants.ts'
import { type TrustRefusalRow, trustRefusalsOf } from '../../../store/trust-refusals.ts'
import { claimsOf, stringsOf, type TrustRow } from '../../../store/trusts.ts'
import type { Call } from '../call.ts'
import { maybeWords, momentWords, wholeNumber, words, yesNo } from '../entity-words.ts'

export const trustEntity = z
  .object({
    id: wholeNumber,
    name: words,
    enabled: yesNo,
    /** It gives something now: it is enabled, and whoever answers for it may still give so much. */
    in_force: yesNo,
    issuer: words,
    jwks_uri: maybeWords,
    audience: words,
    claims: z.record(z.string(), z.array(words)),
    access_level: wholeNumber,
    scopes: z.array(words),
    refs: z.array(words),
    life: wholeNumber,
    single_use: yesNo,
    sponsor: z.object({ id: wholeNumber, username: words }).nullable(),
    created_at: momentWords,
    updated_at: momentWords,
  })
  .meta({ id: 'Trust' })

const refusalEntity = z
  .object({
    refusal_id: words,
    reason: words,
    /** The issuer's signature was good; else anybody may have made the token up. */
    verified: yesNo,
    details: z.record(z.string(), z.unknown()),
    created_at: momentWords,
  })
  .meta({ id: 'TrustRefusal' })

export const toldTrustEntity = trustEntity.extend({ refusals: z.array(refusalEntity) }).meta({ id: 'TrustWithRefusals' })

type Sponsor = z.output<typeof trustEntity>['sponsor']

const sponsorsOf = async (call: Call, rows: readonly TrustRow[]): Promise<ReadonlyMap<UserId, Sponsor>> => {
  const ids = [...new Set(rows.flatMap(({ sponsor_id }) => sponsor_id ?? []))]
  if (ids.length === 0) return new Map()
  const found = await call.parts.store.read.selectFrom('users').where('id', 'in', ids).select(['id', 'username']).execute()
  return new Map(found.map((user) => [user.id, user]))
}

export const shapeTrusts = async (call: Call, rows: readonly TrustRow[]): Promise<z.output<typeof trustEntity>[]> => {
  const sponsors = await sponsorsOf(call, rows)
  const shape = async (row: TrustRow): Promise<z.output<typeof trustEntity>> => ({
    id: row.id,
    name: row.name,
    enabled: row.enabled === 1,
    in_force: await isBacked(call.parts.store.read, row, call.now),
    issuer: row.issuer,
    jwks_uri: row.jwks_uri,
    audience: row.audience,
    claims: Object.fromEntries(Object.entries(claimsOf(row)).map(([name, wanted]) => [name, [...wanted]])),
    access_level: row.access_level,
    scopes: [...stringsOf(row.scopes)],
    refs: [...stringsOf(row.refs)],
    life: row.life,
    single_use: row.single_use === 1,
    sponsor: (row.sponsor_id !== null && sponsors.get(row.sponsor_id)) || null,
    created_at: row.created_at,
    updated_at: row.updated_at,
  })
  return Promise.all(rows.map(shape))
}

export const shapeTrust = async (call: Call, row: TrustRow): Promise<z.output<typeof trustEntity>> => {
  const [shape] = await shapeTrusts(call, [row])
  if (shape === undefined) throw new Error('a trust has no shape')
  return shape
}

const detailsOf = ({ details }: TrustRefusalRow): Record<string, unknown> => {
  const value: unknown = JSON.parse(details)
  return typeof value === 'object' && value !== null ? { ...value } : {}
}

/** With what it refused of late, and why. */
export const tellTrust = async (call: Call, row: TrustRow): Promise<z.output<typeof toldTrustEntity>> => {
  const refusals = await trustRefusalsOf(call.parts.store.read, row.id)
  return {
    ...(await shapeTrust(call, row)),
    refusals: refusals.map((refusal) => ({
      refusal_id: refusal.refusal_id,
      reason: refusal.reason,
      verified: refusal.verified === 1,
      details: detailsOf(refusal),
      created_at: refusal.created_at,
    })),
  }
}
