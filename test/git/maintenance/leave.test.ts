import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { admitUpkeep, type Upkeep } from '../../../src/access/upkeep.ts'
import type { ProjectId } from '../../../src/core/ids.ts'
import type { Invocation } from '../../../src/git/invocation.ts'
import { wordsOf } from '../../../src/git/maintenance/task.ts'
import { startGit, startUpkeep } from '../../../src/git/process.ts'
import { TendedRepository } from './repository.ts'

let repository: TendedRepository

beforeEach(async () => {
  repository = await TendedRepository.make()
})
afterEach(() => repository.remove())

const never = new AbortController().signal
const real = admitUpkeep(7 as ProjectId)

describe('without leave no upkeep', () => {
  test.each<[string, () => unknown]>([
    ['a literal', () => ({ service: 'maintain', repository: 7 })],
    ['a copy', () => ({ ...real })],
    ['one that inherits', () => Object.create(real)],
    ['one of the same class', () => Reflect.construct(real.constructor, [7])],
  ])('%s starts nothing', async (_, forge) => {
    const started = startUpkeep(forge() as Upkeep, { kind: 'pack-refs' }, repository.directory, never, 1_000)
    await expect(started).rejects.toThrow('for an admission only')
  })

  test('and leave for upkeep lets nobody fetch or push', async () => {
    const invocation: Invocation = {
      mode: 'session',
      directory: repository.directory,
      protocol: undefined,
      maxPush: 1,
      hook: undefined,
    }
    await expect(startGit(real as never, invocation, never)).rejects.toThrow('for an admission only')
  })
})

test('times are told to git as it reads them', () => {
  const expireBefore = Date.parse('2026-11-25T12:00:00.750Z')
  expect(wordsOf({ kind: 'prune', expireBefore }, '/r')).toEqual(['prune', '--expire=2026-11-25T12:00:00Z'])
})
