import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { run } from '../../bench/processes.ts'
import { maintain, makeRepository, shapes } from '../../bench/repository.ts'

let directory = ''
const git = async (...arguments_: string[]): Promise<string> => (await run('git', ['-C', directory, ...arguments_])).trim()

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'sallyport-shape-'))
  await makeRepository(join(directory, 'small.git'), shapes.small)
  directory = join(directory, 'small.git')
})

afterAll(() => rm(join(directory, '..'), { recursive: true, force: true }))

test('a made repository has its commits and refs and is whole, also after maintenance', async () => {
  await maintain(directory)
  expect(await git('rev-list', '--count', 'main')).toBe('40')
  expect((await git('for-each-ref')).split('\n')).toHaveLength(20)
  await git('fsck', '--strict')
})

test('the same shape gives the same history everywhere', async () => {
  expect(await git('rev-parse', 'main')).toBe('530554eff82d92ecc1623883784ac0829da50e3d')
})
