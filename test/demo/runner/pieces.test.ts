import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { downloadArtifacts, matching } from '../../../demo/runner/artifacts.ts'
import { JobCalls } from '../../../demo/runner/job-calls.ts'
import { runProgram } from '../../../demo/runner/program.ts'
import { expanded, prepareVariables } from '../../../demo/runner/variables.ts'
import { zip } from '../../../demo/runner/zip.ts'

let folder = ''

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'runner-pieces-'))
})

afterAll(() => rm(folder, { recursive: true, force: true }))

const variable = (key: string, value: string, more: object = {}) => ({ key, value, masked: false, ...more })

describe('variables', () => {
  test('name each other, unless they are raw', () => {
    const given = [
      variable('A', 'a'),
      // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the shell that would read this
      variable('B', '${A}-$A-$NONE-$$A'),
      variable('C', '$A', { raw: true }),
      variable('D', 'costs 5$'),
    ]
    expect(expanded(given).map(({ value }) => value)).toEqual(['a', 'a-a--$$A', '$A', 'costs 5$'])
  })

  test('that are files stand in files of nobody else, and masked ones are told', async () => {
    const given = [variable('KEY', 'hidden-value', { file: true, masked: true }), variable('no name', 'x')]
    const { environment, masks } = await prepareVariables(given, join(folder, 'files'), { OWN: '1' })
    const { KEY = '', ...others } = environment
    expect(others).toEqual({ PATH: process.env['PATH'], OWN: '1' })
    expect([await readFile(KEY, 'utf8'), (await stat(KEY)).mode & 0o777]).toEqual(['hidden-value', 0o600])
    expect(masks).toEqual(['hidden-value'])
  })
})

describe('artifacts', () => {
  test('are folders, patterns and files inside the working copy, without what is left out', async () => {
    const copy = join(folder, 'copy')
    await mkdir(join(copy, 'out/deep'), { recursive: true })
    for (const name of ['out/a.txt', 'out/deep/b.txt', 'out/c.log', 'one.bin', 'other.bin', '../outside']) {
      await writeFile(join(copy, name), name)
    }
    expect(await matching(copy, { paths: ['out/', '*.bin', '../outside'], exclude: ['out/*.log'] })).toEqual([
      'one.bin',
      'other.bin',
      'out/a.txt',
      'out/deep/b.txt',
    ])
  })

  test('of an archive that leads outside are refused', async () => {
    const calls = new JobCalls('http://127.0.0.1:1', 1, 'x')
    calls.download = async () => zip([{ name: '../evil', bytes: Buffer.from('x') }])
    await expect(downloadArtifacts(calls, folder, { id: 1, name: 'a', token: 'x' })).rejects.toThrow('leads outside')
  })
})

test('a program that is halted ends with all that it started', async () => {
  const halt = new AbortController()
  const heard: string[] = []
  const work = runProgram('bash', ['-c', 'sleep 60 & echo started; wait'], {
    cwd: folder,
    env: { PATH: process.env['PATH'] ?? '' },
    signal: halt.signal,
    output: (bytes) => {
      heard.push(Buffer.from(bytes).toString())
      halt.abort()
    },
  })
  expect(await work).toBeGreaterThanOrEqual(128)
  expect(heard.join('')).toBe('started\n')
})
