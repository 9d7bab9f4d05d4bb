/** `npm test`: everything, in the order in which a mistake is found soonest. The last line counts the tests. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join, resolve } from 'node:path'
import { ensureNeeds, testNeeds } from './needs.ts'

interface Results {
  readonly numPassedTests: number
  readonly numFailedTests: number
  readonly numPendingTests: number
  readonly success: boolean
}

const programs = resolve('node_modules', '.bin')

/** The Node of the lock file first, also where this is not run by npm. */
const env = { ...process.env, PATH: `${programs}${delimiter}${process.env['PATH'] ?? ''}` }

const run = (title: string, program: string, arguments_: readonly string[]): boolean => {
  console.log(`== ${title}`)
  return spawnSync(join(programs, program), arguments_, { stdio: 'inherit', env }).status === 0
}

const count = (file: string): Results => JSON.parse(readFileSync(file, 'utf8')) as Results

ensureNeeds(testNeeds)
const wanted = process.argv.slice(2)
const folder = mkdtempSync(join(tmpdir(), 'sallyport-test-'))
const output = join(folder, 'results.json')
const checks = [
  run('types', 'tsc', ['-p', '.']),
  run('lint and format', 'biome', ['ci', '--error-on-warnings', `--colors=${process.stdout.isTTY ? 'force' : 'off'}`, '.']),
  run('tests', 'vitest', ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${output}`, ...wanted]),
]
const failedChecks = checks.slice(0, 2).filter((good) => !good).length
try {
  const results = count(output)
  const skipped = results.numPendingTests > 0 ? `, ${results.numPendingTests} skipped` : ''
  const failed = results.numFailedTests + failedChecks + (results.success || results.numFailedTests > 0 ? 0 : 1)
  console.log(`${results.numPassedTests + 2 - failedChecks} passed, ${failed} failed${skipped}`)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
process.exit(checks.every((good) => good) ? 0 : 1)
