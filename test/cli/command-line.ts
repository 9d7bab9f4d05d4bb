import { spawn } from 'node:child_process'
import { join } from 'node:path'

export interface Ran {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export const program = join(import.meta.dirname, '../../bin/sallyport.js')

/** Runs the program as a person would, with nothing of this process's own settings. */
export const sallyport = (words: readonly string[], input = '', env: Record<string, string> = {}): Promise<Ran> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, ...words], { env: { PATH: process.env['PATH'], ...env }, stdio: 'pipe' })
    const [out, errors]: [Buffer[], Buffer[]] = [[], []]
    child.stdout.on('data', (part: Buffer) => out.push(part))
    child.stderr.on('data', (part: Buffer) => errors.push(part))
    child.once('error', reject)
    child.once('close', (code) =>
      resolve({ code, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(errors).toString() }),
    )
    child.stdin.end(input)
  })
