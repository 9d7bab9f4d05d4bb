/** One series of a scrape: its name, its labels, its value. */
export interface Sample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

const comment = /^# (?:HELP (?:[a-zA-Z_:][a-zA-Z0-9_:]*) \S.*|TYPE (?:[a-zA-Z_:][a-zA-Z0-9_:]*) (?:counter|gauge|histogram))$/
const sample = /^(?<name>[a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(?<labels>.*)\})? (?<value>[+-]?(?:\d+(?:\.\d+)?(?:e[+-]?\d+)?|Inf)|NaN)$/
const label = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)/gy

const familyOf = (name: string): string => name.replace(/_(?:bucket|sum|count)$/, '')

const readLabels = (text: string): Record<string, string> => {
  const labels: Record<string, string> = {}
  label.lastIndex = 0
  let end = 0
  for (let match = label.exec(text); match !== null; match = label.exec(text)) {
    labels[match[1] ?? ''] = match[2] ?? ''
    end = label.lastIndex
  }
  if (end !== text.length) throw new Error(`these are no labels: ${text}`)
  return labels
}

const readSample = (line: string): Sample => {
  const { name = '', labels = '', value = '' } = sample.exec(line)?.groups ?? {}
  if (name === '') throw new Error(`this is no sample: ${line}`)
  return { name, labels: readLabels(labels), value: Number(value.replace('Inf', 'Infinity')) }
}

/** Throws for whatever stands here twice. */
const once = (seen: Set<string>, what: string): void => {
  if (seen.has(what)) throw new Error(`told twice: ${what}`)
  seen.add(what)
}

/** Reads a scrape by the rules of Prometheus' text format, and throws for a line that breaks one, or comes twice. */
export const readPrometheus = (text: string): readonly Sample[] => {
  if (!text.endsWith('\n')) throw new Error('the last line has no end')
  const seen = new Set<string>()
  const samples: Sample[] = []
  for (const line of text.split('\n').filter((written) => written !== '')) {
    once(seen, line.replace(/^([^#].*) \S+$/, '$1'))
    if (!line.startsWith('#')) samples.push(readSample(line))
    else if (!comment.test(line)) throw new Error(`this is no comment: ${line}`)
  }
  const untyped = samples.find(
    ({ name }) => !text.includes(`# TYPE ${name} `) && !text.includes(`# TYPE ${familyOf(name)} histogram`),
  )
  if (untyped !== undefined) throw new Error(`not typed: ${untyped.name}`)
  return samples
}

/** The sum of all series of a name whose labels fit. */
export const sumOf = (samples: readonly Sample[], name: string, labels: Readonly<Record<string, string>> = {}): number =>
  samples
    .filter((entry) => entry.name === name && Object.entries(labels).every(([key, value]) => entry.labels[key] === value))
    .reduce((sum, { value }) => sum + value, 0)
