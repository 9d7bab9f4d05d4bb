/** `npm run demo`: every credential clones, pushes or is refused, with real git and ssh on a throw-away server. */
import { parseArgs } from 'node:util'
import { ensureNeeds } from '../scripts/needs.ts'
import { jsonGuide, plainGuide, type TourGuide } from './guides.ts'
import { openStage, type Stage } from './stage.ts'
import { groups } from './steps/all.ts'
import { takeTour } from './tour.ts'

const needs = [
  { program: 'git', package: 'git' },
  { program: 'ssh', package: 'openssh-client' },
  { program: 'ssh-keygen', package: 'openssh-client' },
]

const wantsJson = (): boolean => {
  try {
    return parseArgs({ options: { json: { type: 'boolean', default: false } } }).values.json
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\nUsage: npm run demo [-- --json]`)
    return process.exit(2)
  }
}

/** Nothing is left behind, also where the tour is broken off. */
const leaveOnSignal = (stage: Stage): void => {
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    process.once(signal, () => void stage[Symbol.asyncDispose]().finally(() => process.exit(code)))
  }
}

const run = async (guide: TourGuide): Promise<boolean> => {
  guide.begin()
  await using stage = await openStage()
  leaveOnSignal(stage)
  const findings = await takeTour(stage, groups, guide)
  guide.end(findings)
  return findings.every(({ ok }) => ok)
}

const guide = wantsJson() ? jsonGuide : plainGuide
ensureNeeds(needs)
process.exitCode = (await run(guide)) ? 0 : 1
