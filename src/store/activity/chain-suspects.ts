import { type ChainedRow, chainDigest } from './chain.ts'
import type { ChainFault } from './verify-chain.ts'

/** A row whose digest is not that of itself and the row before it. */
export interface Suspect {
  readonly row: ChainedRow & { readonly id: number; readonly digest: string }
  /** The digest of the row before it, as it stands there. */
  readonly before: string
}

/** With more of them nobody asks which one stood where. */
const mostCompared = 40

const isWrittenAs = ({ row }: Suspect, id: number, digests: readonly string[]): boolean =>
  digests.some((before) => chainDigest(before, { ...row, id }) === row.digest)

/** Its own place first: a row that is as it was written, behind one that is not. */
const placesOf = (suspect: Suspect, suspects: readonly Suspect[]): number[] => [
  suspect.row.id,
  ...suspects.map(({ row }) => row.id).filter((id) => id !== suspect.row.id),
]

const settle = (suspect: Suspect, suspects: readonly Suspect[], digests: readonly string[]): ChainFault[] => {
  const from = placesOf(suspect, suspects).find((id) => isWrittenAs(suspect, id, digests))
  const { id } = suspect.row
  if (from === undefined) return [{ kind: 'changed', id }]
  return from === id ? [] : [{ kind: 'moved', id, from }]
}

/** Tells rows that changed their places from rows that say something else, by trying the places and digests of the others. */
export const settleSuspects = (suspects: readonly Suspect[]): ChainFault[] => {
  if (suspects.length > mostCompared) return suspects.map(({ row }) => ({ kind: 'changed', id: row.id }))
  const digests = [...new Set(suspects.flatMap(({ row, before }) => [before, row.digest]))]
  return suspects.flatMap((suspect) => settle(suspect, suspects, digests))
}
