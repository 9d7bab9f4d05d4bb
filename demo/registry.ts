/** `npm run demo:registry`: Debian's docker-registry beside a throw-away server, and skopeo with every kind of credential. */
import { styleText } from 'node:util'
import { ensureNeeds } from '../scripts/needs.ts'
import { type Attempt, takeRegistryTour } from './registry/tour.ts'

const needs = [
  { program: 'git', package: 'git' },
  { program: 'docker-registry', package: 'docker-registry' },
  { program: 'skopeo', package: 'skopeo' },
]

const say = (line = ''): void => void process.stdout.write(`${line}\n`)

const tell = ({ who, tries, allowed, told, ok }: Attempt): void => {
  const verdict = allowed ? styleText('green', 'allowed') : styleText('red', 'refused')
  say(`  ${who.padEnd(34)}  ${styleText('cyan', tries.padEnd(28))}  ${verdict}`)
  if (told !== '') say(styleText('dim', `    “${told}”`))
  if (!ok) say(styleText(['red', 'bold'], `    unexpected: this should have been ${allowed ? 'refused' : 'allowed'}`))
}

ensureNeeds(needs)
say(styleText('bold', 'Sallyport and a container registry: who may pull, push and delete images, by which credential'))
const attempts = await takeRegistryTour({
  configured(lines) {
    say()
    say(styleText('dim', 'The registry was given these lines (sallyport registry config):'))
    for (const line of lines) say(styleText('dim', `  ${line}`))
    say()
  },
  tell,
})
const good = attempts.filter(({ ok }) => ok).length
say()
say(styleText([good === attempts.length ? 'green' : 'red', 'bold'], `${good} of ${attempts.length} as expected`))
process.exitCode = good === attempts.length ? 0 : 1
