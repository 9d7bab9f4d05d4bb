import type { Figure, Row } from './measure.ts'

/** What the project wants to reach. */
export type Goal =
  /** So many times better than the peer, at least. */
  | { readonly kind: 'ratio'; readonly least: number }
  /** No more of the unit that is measured. */
  | { readonly kind: 'most'; readonly most: number }

export const atLeast = (least: number): Goal => ({ kind: 'ratio', least })

export const atMost = (most: number): Goal => ({ kind: 'most', most })

/** How many times better than the peer: faster, more, or with less of it; undefined without a peer. */
export const ratio = ({ peer, sallyport }: Pick<Row, 'peer' | 'sallyport'>): number | undefined => {
  if (peer === undefined) return undefined
  return isMoreBetter(sallyport) ? sallyport.median / peer.median : peer.median / sallyport.median
}

const isMoreBetter = ({ unit }: Figure): boolean => unit === 'requests/s'

/** Undefined where nothing is wanted, or where there is nothing to compare with. */
export const isMet = (row: Row): boolean | undefined => {
  if (row.goal === undefined) return undefined
  if (row.goal.kind === 'most') return row.sallyport.median <= row.goal.most
  const reached = ratio(row)
  return reached === undefined ? undefined : reached >= row.goal.least
}
