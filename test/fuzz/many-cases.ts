import { Cases, type Verdict } from './cases.ts'
import type { Ground } from './ground.ts'
import { changedRefs, type Holding, leftBehind, refsIn, settledHolding } from './watch.ts'

const lanes = 24

export interface Run {
  readonly seed: number
  /** The first round. */
  readonly from: number
  /** How many cases there are to be at least. */
  readonly count: number
}

/** What many cases led to, to be compared with how it should be. */
export interface Findings {
  /** The round that would come next. */
  readonly next: number
  /** What went wrong, case by case. */
  readonly wrong: readonly string[]
  /** How often each status was heard. */
  readonly statuses: ReadonlyMap<number, number>
  /** Lines of the log that tell of a fault. */
  readonly faults: readonly string[]
  /** Refs that changed though nobody was told so. */
  readonly unacknowledged: readonly string[]
  readonly bystander: readonly string[]
  readonly leftBehind: readonly string[]
  readonly holding: Holding
  /** Undefined as long as the server runs. */
  readonly exit: number | string | undefined
}

const goThrough = async (cases: Cases, { seed, from, count }: Run, take: (verdict: Verdict, name: string) => void) => {
  let next = from
  let done = 0
  const lane = async (): Promise<void> => {
    while (done < count) {
      const at = next
      next += 1
      const verdict = await cases.run(at).catch((fault: unknown): Verdict => ({ wrong: String(fault) }))
      done += verdict.cases ?? 1
      take(verdict, `round ${at} of seed ${seed}`)
    }
  }
  await Promise.all(Array.from({ length: lanes }, lane))
  return next
}

/** A fault has its own level, and an answer of its own. */
const isFaultLine = (line: Readonly<Record<string, unknown>>): boolean =>
  Number(line['level']) >= 50 || (Number(line['status']) >= 500 && line['status'] !== 503) || 'unparsable' in line

/**
 * Says so many cases to the server, and looks at what is left of it then.
 * @param descriptors how many files the process may have open in the end
 */
export const manyCases = async (ground: Ground, run: Run, descriptors: number): Promise<Findings> => {
  const { server, target, bystander } = ground
  const before = { target: await refsIn(target), bystander: await refsIn(bystander), lines: server.log.length }
  const wrong: string[] = []
  const statuses = new Map<number, number>()
  const acknowledged = new Set<string>()
  const cases = new Cases(ground, run.seed)
  const next = await goThrough(cases, run, (verdict, name) => {
    if (verdict.wrong !== undefined) wrong.push(`${name}: ${verdict.wrong}`)
    for (const status of verdict.statuses ?? []) statuses.set(status, (statuses.get(status) ?? 0) + 1)
    for (const ref of verdict.refs ?? []) acknowledged.add(ref)
  })
  cases.close()
  await server.settled()
  const holding = await settledHolding(server.process.pid ?? 0, descriptors)
  return {
    next,
    wrong,
    statuses,
    faults: server.log
      .slice(before.lines)
      .filter(isFaultLine)
      .map((line) => JSON.stringify(line)),
    unacknowledged: changedRefs(before.target, await refsIn(target)).filter((ref) => !acknowledged.has(ref)),
    bystander: changedRefs(before.bystander, await refsIn(bystander)),
    leftBehind: await leftBehind(ground),
    holding,
    exit: server.process.exitCode ?? server.process.signalCode ?? undefined,
  }
}

/** What has to hold of any run; memory apart, which is a question of many runs. */
export const nothingBroke = {
  wrong: [],
  faults: [],
  unacknowledged: [],
  bystander: [],
  leftBehind: [],
  exit: undefined,
} satisfies Partial<Findings>
