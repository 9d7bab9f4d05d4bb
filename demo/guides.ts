import { styleText } from 'node:util'
import { credentialNames, credentials } from './credentials/all.ts'
import { groups } from './steps/all.ts'
import type { Finding, Guide } from './tour.ts'
import type { Trace } from './traces.ts'

/** A guide, and what it says when the tour is over. */
export interface TourGuide extends Guide {
  begin(): void
  /** Something beside the steps: what was done or found, a line each. */
  chapter(title: string, about: string, traces: readonly Trace[]): void
  end(findings: readonly Finding[]): void
}

const longest = (texts: readonly string[]): number => Math.max(...texts.map((text) => text.length))
const whoWidth = longest(credentialNames.map((name) => credentials[name].who))
const triesWidth = longest(groups.flatMap(({ steps }) => steps.map((step) => step.does.words)))

const say = (line = ''): void => void process.stdout.write(`${line}\n`)

/** The first sentence: the rest of a long text is advice. */
const firstOf = (text: string): string => /^.+?\.(?= )/.exec(text)?.[0] ?? text

const verdict = (finding: Finding): string =>
  finding.happened.startsWith('allowed') ? styleText('green', 'allowed') : styleText('red', 'refused')

const lineOf = (finding: Finding): string => {
  const who = finding.who.padEnd(whoWidth)
  const tries = finding.tries.padEnd(triesWidth)
  return `  ${who}  ${styleText('cyan', tries)}  ${verdict(finding)}  ${styleText('yellow', finding.rule)}`
}

const asExpected = (findings: readonly Finding[]): string => {
  const good = findings.filter(({ ok }) => ok).length
  const style = good === findings.length ? 'green' : 'red'
  return styleText([style, 'bold'], `${good} of ${findings.length} as expected`)
}

/** For people: a heading for each group, a line for each step, and below it what git showed. Coloured on a terminal. */
export const plainGuide: TourGuide = {
  begin() {
    say(styleText('bold', 'Sallyport: who may clone and push, by which credential, and why'))
    say(styleText('dim', 'Stock git and OpenSSH on a throw-away server. The last column is what its log says.'))
  },
  enter({ title, about }) {
    say()
    say(styleText('bold', title))
    say(styleText('dim', about))
  },
  tell(finding) {
    say(lineOf(finding))
    if (finding.sentence !== '') say(styleText('dim', `    “${firstOf(finding.sentence)}”`))
    if (!finding.ok) say(styleText(['red', 'bold'], `    unexpected: this should have been ${finding.expected}`))
  },
  chapter(title, about, traces) {
    say()
    say(styleText('bold', title))
    say(styleText('dim', about))
    for (const { what, told } of traces)
      say(`  ${styleText('cyan', what.padEnd(longest(traces.map((one) => one.what))))}  ${told}`)
  },
  end(findings) {
    say()
    say(asExpected(findings))
  },
}

const nothing = (): void => {}

/** For machines: one JSON object a line, and nothing else. */
export const jsonGuide: TourGuide = {
  begin: nothing,
  enter: nothing,
  tell: (finding) => say(JSON.stringify(finding)),
  chapter: nothing,
  end: nothing,
}
