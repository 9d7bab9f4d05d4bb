import { type FamilyName, families, type LabelsOf, type Metrics } from '../../core/metrics.ts'

/**
 * The figures of one process at one moment, in a form that is added up key by key: the family, then the values of its
 * labels, in lines. A histogram has a key for each of its buckets (not cumulative), and one for its sum.
 */
export type Snapshot = Readonly<Record<string, number>>

/** Upper bounds of the buckets of a histogram, in seconds. Above the last one lies `+Inf`. */
export const bounds: readonly number[] = [0.005, 0.025, 0.1, 0.5, 2.5, 10, 60]

/** The key of a histogram's sum stands where others have the number of their bucket. */
export const sumKey = 'sum'

/** The most series of one family. Labels take words of ours, so that this is never reached; it bounds what a fault costs. */
const mostSeries = 500

const keyOf = (name: FamilyName, labels: Readonly<Record<string, string>>): string => {
  let key: string = name
  for (const label of families[name].labels) key += `\n${labels[label]}`
  return key
}

const bucketOf = (value: number): number => {
  const bucket = bounds.findIndex((bound) => value <= bound)
  return bucket < 0 ? bounds.length : bucket
}

/** Counts in memory; told as a `Snapshot`. */
export class Figures implements Metrics {
  readonly #values = new Map<string, number>()
  readonly #followed = new Map<string, () => number>()
  readonly #series = new Map<FamilyName, number>()

  add<Name extends FamilyName>(name: Name, labels: LabelsOf<Name>, by = 1): void {
    this.#raise(name, keyOf(name, labels), by)
  }

  observe<Name extends FamilyName>(name: Name, labels: LabelsOf<Name>, value: number): void {
    const key = keyOf(name, labels)
    this.#raise(name, `${key}\n${bucketOf(value)}`, 1)
    this.#raise(name, `${key}\n${sumKey}`, value)
  }

  follow<Name extends FamilyName>(name: Name, labels: LabelsOf<Name>, read: () => number): void {
    this.#followed.set(keyOf(name, labels), read)
  }

  snapshot(): Snapshot {
    const snapshot: Record<string, number> = Object.fromEntries(this.#values)
    for (const [key, read] of this.#followed) snapshot[key] = read()
    return snapshot
  }

  #raise(name: FamilyName, key: string, by: number): void {
    const value = this.#values.get(key)
    if (value !== undefined) this.#values.set(key, value + by)
    else if (this.#hasRoom(name)) this.#values.set(key, by)
  }

  #hasRoom(name: FamilyName): boolean {
    const series = this.#series.get(name) ?? 0
    this.#series.set(name, series + 1)
    return series < mostSeries
  }
}
