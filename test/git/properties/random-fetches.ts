import fc from 'fast-check'
import { firstTime } from './object-pool.ts'
import { fetchCommand, flush, packet } from './packets.ts'
import type { History } from './random-history.ts'

/** A fetch by numbers, before it is known what there is to fetch. */
export interface PlannedFetch {
  readonly version: 0 | 1 | 2
  readonly wants: readonly number[]
  readonly haves: readonly number[]
  readonly shallow: readonly number[]
  readonly deepen: string | undefined
  readonly filter: string | undefined
  readonly options: readonly string[]
  /** A client that is not done asks for acknowledgements first. */
  readonly isDone: boolean
  /** One wish that nobody can fulfil. */
  readonly wantsTooMuch: boolean
}

const numbers = (most: number) => fc.array(fc.nat(200), { maxLength: most })
const seldom = <Value>(arbitrary: fc.Arbitrary<Value>) => fc.option(arbitrary, { nil: undefined, freq: 2 })

export const fetchArbitrary: fc.Arbitrary<PlannedFetch> = fc.record({
  version: fc.constantFrom(2, 2, 2, 0, 1),
  wants: fc.array(fc.nat(200), { minLength: 1, maxLength: 4 }),
  haves: fc.oneof(fc.constant([]), numbers(4)),
  shallow: fc.oneof({ weight: 4, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: numbers(2) }),
  deepen: seldom(
    fc.constantFrom(
      'deepen 1',
      'deepen 3',
      `deepen-since ${firstTime + 500}`,
      'deepen-not refs/heads/b0',
      'deepen 0',
      'deepen x',
    ),
  ),
  filter: seldom(fc.constantFrom('blob:none', 'blob:limit=500', 'tree:0', 'tree:2', 'nothing:known', 'object:type=commit')),
  options: fc.subarray(['thin-pack', 'ofs-delta', 'include-tag', 'no-progress']),
  isDone: fc.constantFrom(true, true, true, false),
  wantsTooMuch: fc.constantFrom(false, false, false, false, false, true),
})

const nowhere = '1'.repeat(40)

export interface Asked {
  readonly body: Buffer
  readonly protocol: string
}

/** The capabilities of the older protocols, where options are words of the first wish. */
const oldCapabilities = ({ options, filter, deepen }: PlannedFetch): string => {
  const deeper = deepen?.startsWith('deepen-') ? [deepen.split(' ')[0] ?? ''] : []
  return ['multi_ack_detailed', 'side-band-64k', ...options, ...(filter === undefined ? [] : ['filter']), ...deeper].join(' ')
}

const oldBody = (fetch: PlannedFetch, words: { wants: string[]; haves: string[]; rest: string[] }): Buffer => {
  const [first = '', ...others] = words.wants
  const wishes = [`${first} ${oldCapabilities(fetch)}\n`, ...others.map((want) => `${want}\n`)]
  const end = fetch.isDone ? [packet('done\n')] : [flush]
  return Buffer.concat([
    ...[...wishes, ...words.rest].map((one) => packet(one)),
    flush,
    ...words.haves.map((one) => packet(one)),
    ...end,
  ])
}

/** The request that a client would send for this, in bytes. */
export const requestFor = (fetch: PlannedFetch, { commits, tags, others }: History): Asked => {
  const any = [...commits, ...commits, ...tags, ...others]
  const pick = (values: readonly string[], number: number): string => values[number % values.length] ?? nowhere
  const wants = [...fetch.wants.map((number) => `want ${pick(any, number)}`), ...(fetch.wantsTooMuch ? [`want ${nowhere}`] : [])]
  const haves = fetch.haves.map((number) => `have ${pick([...commits, nowhere], number)}\n`)
  const rest = [
    ...fetch.shallow.map((number) => `shallow ${pick(commits, number)}\n`),
    ...(fetch.deepen === undefined ? [] : [`${fetch.deepen}\n`]),
    ...(fetch.filter === undefined ? [] : [`filter ${fetch.filter}\n`]),
  ]
  if (fetch.version !== 2) {
    return { body: oldBody(fetch, { wants, haves, rest }), protocol: fetch.version === 1 ? 'version=1' : 'version=0' }
  }
  const options = fetch.options.map((option) => `${option}\n`)
  const words = [...options, ...rest, ...wants.map((want) => `${want}\n`), ...haves, ...(fetch.isDone ? ['done\n'] : [])]
  return { body: fetchCommand(words), protocol: 'version=2' }
}
