import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { PayloadStep } from './payload.ts'
import { type ProgramOptions, runProgram } from './program.ts'

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`

/** Of a command on several lines the log shows the first. */
const shownAs = (line: string): string => {
  const [first = '', ...more] = line.split('\n')
  return more.length === 0 ? first : `${first} # collapsed multi-line command`
}

const withEcho = (line: string): string => `printf '\\033[32;1m$ %s\\033[0;m\\n' ${quoted(shownAs(line))}\n${line}\n`

/** Runs the lines of a step in one shell that ends at the first line that fails; resolves with its exit code. */
export const runScript = async (step: PayloadStep, options: ProgramOptions & { aside: string }): Promise<number> => {
  const file = join(options.aside, `${step.name.replace(/[^a-z_]/g, '_')}.sh`)
  await writeFile(file, `set -eo pipefail\n${step.script.map(withEcho).join('')}`, { mode: 0o600 })
  return await runProgram('bash', ['--noprofile', '--norc', file], options)
}
