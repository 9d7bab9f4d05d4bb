/** `npm run demo:registry`: Debian's docker-registry beside a throw-away server, and skopeo with every kind of credential. */
import { parseArgs, styleText } from 'node:util'
import { ensureNeeds } from '../scripts/needs.ts'
import { type Attempt, type RegistryGuide, takeRegistryTour } from './registry/tour.ts'

const needs = [
  { program: 'git', package: 'git' },
  { program: 'docker-registry', package: 'docker-registry' },
  { program: 'skopeo', package: 'skopeo' },
]

const wantsJson = (): boolean => {
  try {
    return parseArgs({ options: { json: { type: 'boolean', default: false } } }).values.json
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\nUsage: npm run demo:registry [-- --json]`)
    return process.exit(2)
  }
}

const say = (line = ''): void => void process.stdout.write(`${line}\n`)
const dim = (line: string): void => say(styleText('dim', line))

/** A guide, and what it says when the tour is over. */
interface Told extends RegistryGuide {
  end(attempts: readonly Attempt[]): void
}

const plain: Told = {
  configured(lines) {
    say(styleText('bold', 'Sallyport and a container registry: who may pull, push and delete images, by which credential'))
    dim('The registry was given these lines (sallyport registry config):')
    for (const line of lines) dim(`  ${line}`)
    say()
  },
  tell({ who, tries, allowed, sentence, ok }) {
    const verdict = allowed ? styleText('green', 'allowed') : styleText('red', 'refused')
    say(`  ${who.padEnd(34)}  ${styleText('cyan', tries.padEnd(24))}  ${verdict}`)
    if (sentence !== '') dim(`    “${sentence}”`)
    if (!ok) say(styleText(['red', 'bold'], `    unexpected: this should have been ${allowed ? 'refused' : 'allowed'}`))
  },
  end(attempts) {
    const good = attempts.filter(({ ok }) => ok).length
    say()
    say(styleText([good === attempts.length ? 'green' : 'red', 'bold'], `${good} of ${attempts.length} as expected`))
  },
}

const json: Told = { configured() {}, tell: (attempt) => say(JSON.stringify(attempt)), end() {} }

/** Aborts, with the exit code as its reason, when somebody breaks the tour off. */
const breakOff = (): AbortSignal => {
  const broken = new AbortController()
  process.once('SIGINT', () => broken.abort(130))
  process.once('SIGTERM', () => broken.abort(143))
  return broken.signal
}

const run = async (guide: Told, broken: AbortSignal): Promise<number> => {
  const attempts = await takeRegistryTour(guide, broken)
  guide.end(attempts)
  return attempts.every(({ ok }) => ok) ? 0 : 1
}

const guide = wantsJson() ? json : plain
ensureNeeds(needs)
const broken = breakOff()
process.exitCode = await run(guide, broken).catch((fault: unknown) => {
  // A signal from the terminal reaches both servers as well: what fails then is no fault.
  if (broken.aborted) return Number(broken.reason)
  throw fault
})
