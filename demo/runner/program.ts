import { spawn } from 'node:child_process'

export interface ProgramOptions {
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  readonly signal: AbortSignal
  readonly output: (bytes: Uint8Array) => void
}

/** How long a program that is told to end may take, in milliseconds. */
const grace = 500

/** Tells a program and all that it started. */
const tell = (pid: number | undefined, signal: 'SIGTERM' | 'SIGKILL'): void => {
  if (pid === undefined) return
  try {
    process.kill(-pid, signal)
  } catch {
    // Nobody is left to be told.
  }
}

/** Runs a program to its end in a group of its own; resolves with the exit code, 128 and more where it was ended. */
export const runProgram = (
  program: string,
  words: readonly string[],
  { cwd, env, signal, output }: ProgramOptions,
): Promise<number> =>
  new Promise((resolve, reject) => {
    const child = spawn(program, words, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true })
    const end = (): void => {
      tell(child.pid, 'SIGTERM')
      setTimeout(() => tell(child.pid, 'SIGKILL'), grace).unref()
    }
    if (signal.aborted) end()
    signal.addEventListener('abort', end)
    child.stdout.on('data', output)
    child.stderr.on('data', output)
    child.on('error', reject)
    child.on('close', (code) => {
      signal.removeEventListener('abort', end)
      resolve(code ?? 137)
    })
  })
