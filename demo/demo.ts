/** `npm run demo`: every credential clones, pushes or is refused, with real git and ssh on a throw-away server. */
import { parseArgs } from 'node:util'
import { ensureNeeds } from '../scripts/needs.ts'
import { jsonGuide, plainGuide, type TourGuide } from './guides.ts'
import { pipelineAbout, pipelineTitle, runPipeline } from './pipeline.ts'
import { openStage } from './stage.ts'
import { groups } from './steps/all.ts'
import { takeTour } from './tour.ts'
import { readTraces, traceAbout, traceTitle } from './traces.ts'

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

/** Aborts, with the exit code as its reason, when somebody breaks the tour off. */
const breakOff = (): AbortSignal => {
  const broken = new AbortController()
  process.once('SIGINT', () => broken.abort(130))
  process.once('SIGTERM', () => broken.abort(143))
  return broken.signal
}

/** Nothing is left behind, also where the tour is broken off. */
const run = async (guide: TourGuide, broken: AbortSignal): Promise<number> => {
  guide.begin()
  await using stage = await openStage()
  const findings = await takeTour(stage, groups, guide, broken)
  guide.chapter(pipelineTitle, pipelineAbout, await runPipeline(stage))
  guide.chapter(traceTitle, traceAbout, await readTraces(stage))
  guide.end(findings)
  return findings.every(({ ok }) => ok) ? 0 : 1
}

const guide = wantsJson() ? jsonGuide : plainGuide
ensureNeeds(needs)
const broken = breakOff()
process.exitCode = await run(guide, broken).catch((fault: unknown) => {
  // A signal from the terminal reaches the server as well: what fails then is no fault.
  if (broken.aborted) return Number(broken.reason)
  throw fault
})
