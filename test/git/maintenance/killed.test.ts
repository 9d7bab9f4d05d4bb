import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { lookAfter } from '../../../src/git/maintenance/look-after.ts'
import { sweepStaleFiles } from '../../../src/git/maintenance/stale-files.ts'
import type { SpawnMessage } from '../../../src/git/process.ts'
import { git, TendedRepository } from './repository.ts'

let repository: TendedRepository

beforeEach(async () => {
  repository = await TendedRepository.make()
})
afterEach(() => repository.remove())

const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))

const hoursPass = (hours: number, pattern: RegExp): void => {
  const then = new Date(Date.now() - hours * 3_600_000)
  for (const file of filesBelow(repository.directory)) if (pattern.test(file)) utimesSync(file, then, then)
}

/** Kills the process that is started next but so many, at once or a little later. */
const killOne = (skipped: number, delay: number): (() => void) => {
  let started = 0
  const kill = (message: unknown): void => {
    started += 1
    const { pid } = message as SpawnMessage
    if (started !== skipped + 1 || pid === undefined) return
    setTimeout(() => {
      try {
        process.kill(-pid, 'SIGKILL')
      } catch {
        // It was over by then, which is as good.
      }
    }, delay)
  }
  subscribe('sallyport:spawn', kill)
  return () => unsubscribe('sallyport:spawn', kill)
}

test('git is killed at each step, and nothing is lost; an hour later all is done as if it had not been', async () => {
  const tips: string[] = []
  const push = (): void => {
    tips.push(repository.commit())
    repository.push(`HEAD:refs/heads/branch-${tips.length}`, tips.length % 2 === 0 ? 'packed' : 'unpacked')
  }
  let killed = 0
  for (let step = 0; step < 8; step += 1) {
    push()
    const end = killOne(step, step % 2)
    killed += (await lookAfter(repository.care(), step % 3 === 2 ? 'growth' : 'whole')) ? 0 : 1
    end()
    expect(repository.check()).toBe('')
    hoursPass(25, /\.(?:lock|new)$|tmp_/)
  }
  expect(killed).toBeGreaterThan(2)
  repository.events.length = 0
  expect([await lookAfter(repository.care(), 'whole'), repository.faults]).toEqual([true, []])
  expect(repository.packs).toHaveLength(1)
  expect(repository.check()).toBe('')
  const refs = git(repository.directory, 'for-each-ref', '--format=%(objectname)').split('\n')
  expect(new Set(refs)).toEqual(new Set(tips))
  expect(filesBelow(repository.directory).filter((file) => /tmp_|\.lock$|sallyport-check/.test(file))).toEqual([])
})

const old = [
  'packed-refs.lock',
  'refs/heads/main.lock',
  'objects/pack/tmp_pack_x',
  'objects/pack/multi-pack-index.lock',
  `objects/pack/pack-${'0'.repeat(40)}.pack`,
  'objects/17/tmp_obj_x',
  'objects/info/commit-graphs/commit-graph-chain.lock',
]

test('what git left is removed when it is old, and no younger', async () => {
  for (const name of old) {
    mkdirSync(dirname(join(repository.directory, name)), { recursive: true })
    writeFileSync(join(repository.directory, name), '')
  }
  const left = (): string[] => old.filter((name) => filesBelow(repository.directory).includes(join(repository.directory, name)))
  await sweepStaleFiles(repository.directory)
  expect(left()).toEqual(old)
  hoursPass(2, /lock$|tmp_|0000\.pack$/)
  await sweepStaleFiles(repository.directory)
  expect(left()).toEqual(old.filter((name) => !name.endsWith('.lock')))
  hoursPass(25, /tmp_|0000\.pack$/)
  await sweepStaleFiles(repository.directory)
  expect(left()).toEqual([])
})
