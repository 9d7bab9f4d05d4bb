import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

/** A program beside the test that works until it is told to stop, and then says what came of it. */
export interface Companion {
  /** The first line that it said. */
  readonly said: string
  /** What it says at its end, as JSON. */
  stop<Told>(): Promise<Told>
}

/** Attackers stand back behind everybody else: their own time must not pass for what they do to the server. */
const least = 19

export const startCompanion = async (
  program: 'attacker' | 'prober' | 'control',
  words: readonly string[],
): Promise<Companion> => {
  const file = join(import.meta.dirname, `${program}.ts`)
  const run = [process.execPath, '--no-warnings', file, ...words]
  const [first = '', ...rest] = program === 'attacker' ? ['nice', '-n', String(least), ...run] : run
  const child = spawn(first, rest, { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines: string[] = []
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(line))
  const closed = once(child, 'close')
  while (lines.length === 0) {
    if (child.exitCode !== null) throw new Error(`the ${program} ended with ${child.exitCode}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  return {
    said: lines[0] ?? '',
    async stop<Told>() {
      child.stdin.end()
      await closed
      return JSON.parse(lines.at(-1) ?? '{}') as Told
    },
  }
}
