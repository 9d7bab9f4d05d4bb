import type { Goal } from './goal.ts'

/** Milliseconds, requests per second, bytes of memory, or how often something happened. */
export type Unit = 'ms' | 'requests/s' | 'bytes' | 'times'

export interface Figure {
  readonly unit: Unit
  readonly median: number
  /** Every run's value, in the order in which they were measured. */
  readonly values: readonly number[]
}

/** One line of the table. */
export interface Row {
  readonly work: string
  /** What the peer is; empty where there is none. */
  readonly against: string
  readonly peer: Figure | undefined
  readonly sallyport: Figure
  /** What the project wants to reach; undefined where it has set none. */
  readonly goal: Goal | undefined
}

export const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((one, other) => one - other)
  const middle = Math.floor(sorted.length / 2)
  const upper = sorted[middle]
  if (upper === undefined) throw new Error('no run, no median')
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? upper)) / 2
}

export const figure = (unit: Unit, values: readonly number[]): Figure => ({ unit, median: median(values), values })

/** A row without a peer. */
export const alone = (work: string, sallyport: Figure, goal?: Goal): Row => ({
  work,
  against: '',
  peer: undefined,
  sallyport,
  goal,
})

/** Does the work so often, one after the other. */
export const repeated = async (count: number, work: (run: number) => Promise<number>): Promise<number[]> => {
  const values: number[] = []
  for (let run = 0; run < count; run += 1) values.push(await work(run))
  return values
}

/** So many at the same time. */
export const together = <Value>(count: number, work: () => Promise<Value>): Promise<Value[]> =>
  Promise.all(Array.from({ length: count }, work))

/** How many milliseconds it takes. */
export const timed = async (work: () => Promise<unknown>): Promise<number> => {
  const begun = performance.now()
  await work()
  return performance.now() - begun
}

/** One way to do the work that is measured. */
export interface Contender {
  /** Sets the scene for one run; not measured. */
  readonly prepare?: (run: number) => Promise<unknown>
  /** Does the work once; returns the value. */
  readonly measure: (run: number) => Promise<number>
}

const once = async ({ prepare, measure }: Contender, run: number): Promise<number> => {
  await prepare?.(run)
  return measure(run)
}

/**
 * Measures both in turn, so that whatever else happens on the machine falls on both. One run of each before that does
 * not count, unless it is said how many.
 */
export const sideBySide = async (
  unit: Unit,
  runs: number,
  peer: Contender,
  sallyport: Contender,
  rehearsals = 1,
): Promise<{ peer: Figure; sallyport: Figure }> => {
  const values: { peer: number[]; sallyport: number[] } = { peer: [], sallyport: [] }
  for (let run = 0; run < runs + rehearsals; run += 1) {
    values.peer.push(await once(peer, run))
    values.sallyport.push(await once(sallyport, run))
  }
  return { peer: figure(unit, values.peer.slice(rehearsals)), sallyport: figure(unit, values.sallyport.slice(rehearsals)) }
}
