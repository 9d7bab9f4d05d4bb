/** `node demo/picture.ts`: makes `docs/demo.svg` out of a real run of the tour. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { styleText } from 'node:util'
import { withoutCodes } from './ansi.ts'
import { pipelineTitle } from './pipeline.ts'
import { jobTokens } from './steps/jobs.ts'
import { deployKeys } from './steps/keys.ts'
import { personalTokens } from './steps/people.ts'
import { ban, protection } from './steps/rules.ts'
import { terminalSvg } from './terminal-svg.ts'
import { traceTitle } from './traces.ts'

/** The groups that tell most; all of them would be too long for a picture. */
const chosen: readonly string[] = [
  ...[personalTokens, jobTokens, deployKeys, protection, ban].map(({ title }) => title),
  pipelineTitle,
  traceTitle,
]

const file = join(import.meta.dirname, '../docs/demo.svg')

const runInColour = async (): Promise<string> => {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'demo.ts')], {
    env: { PATH: process.env['PATH'], FORCE_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [output, [code]] = await Promise.all([text(child.stdout), once(child, 'close')])
  if (code === 0) return output
  throw new Error(`the tour ended with ${code}; a picture is made of a good one only:\n${output}`)
}

const leftOut = styleText('dim', '  …', { validateStream: false })

/** The beginning, the chosen groups and the end; a line with dots stands for what is between them. */
const excerpt = (output: string): string[] => {
  const sections = output.trimEnd().split('\n\n')
  const isShown = (section: string, at: number): boolean =>
    at === 0 || at === sections.length - 1 || chosen.includes(withoutCodes(section.split('\n', 1)[0] ?? ''))
  return sections.flatMap((section, at) => {
    if (isShown(section, at)) return section.split('\n')
    return isShown(sections[at - 1] ?? '', at - 1) ? [leftOut] : []
  })
}

const lines = ['$ npm run demo', '', ...excerpt(await runInColour())]
await writeFile(file, terminalSvg('Excerpt of npm run demo: who may clone and push, by which credential, and why', lines))
