import { type FamilyName, families } from '../../core/metrics.ts'
import { bounds, type Snapshot, sumKey } from './figures.ts'
import { familyOf } from './sums.ts'

/** One sample, in the form that prom-client adds up and writes. */
interface Sample {
  readonly metricName?: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

type Series = readonly [labels: readonly string[], value: number]

const labelNames = (name: FamilyName): readonly string[] => [
  ...families[name].labels,
  ...('perWorker' in families[name] ? ['worker'] : []),
]

const labelled = (names: readonly string[], values: readonly string[]): Record<string, string> =>
  Object.fromEntries(names.map((name, place) => [name, values[place] ?? '']))

/** The buckets of a histogram come apart and become cumulative, as Prometheus has them. */
const histogram = (name: FamilyName, labels: Record<string, string>, series: readonly Series[]): readonly Sample[] => {
  const found = new Map(series.map(([values, value]) => [values.at(-1) ?? '', value]))
  const { name: metric } = families[name]
  let count = 0
  const buckets = [...bounds.map(String), '+Inf'].map((le, place) => {
    count += found.get(String(place)) ?? 0
    return { metricName: `${metric}_bucket`, labels: { ...labels, le }, value: count }
  })
  return [
    ...buckets,
    { metricName: `${metric}_sum`, labels, value: found.get(sumKey) ?? 0 },
    { metricName: `${metric}_count`, labels, value: count },
  ]
}

const samplesOf = (name: FamilyName, series: readonly Series[]): readonly Sample[] => {
  const names = labelNames(name)
  if (families[name].type !== 'histogram') {
    return series.map(([values, value]) => ({ labels: labelled(names, values), value }))
  }
  const groups = Map.groupBy(series, ([values]) => values.slice(0, -1).join('\n'))
  return [...groups.values()].flatMap((group) => histogram(name, labelled(names, group[0]?.[0] ?? []), group))
}

/**
 * The text that Prometheus reads (its docs, "Text-based format"). prom-client is loaded by the first who asks: it is no
 * part of a start.
 */
export const prometheusText = async (sums: Snapshot): Promise<string> => {
  const { AggregatorRegistry } = await import('prom-client')
  const found = Map.groupBy(Object.entries(sums), ([key]) => familyOf(key))
  const metrics = [...found].flatMap(([name, entries]) => {
    if (name === undefined) return []
    const { name: metric, help, type } = families[name]
    const series = entries.map(([key, value]): Series => [key.split('\n').slice(1), value])
    return [{ name: metric, help, type, aggregator: 'sum', values: samplesOf(name, series) }]
  })
  return AggregatorRegistry.aggregate([metrics]).metrics()
}
