import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, rmSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { finishRetirement, lookAfter } from '../../src/git/maintenance/look-after.ts'
import { readState } from '../../src/git/maintenance/state-file.ts'
import { days, git, TendedRepository } from '../git/maintenance/repository.ts'

let repository: TendedRepository

beforeEach(async () => {
  repository = await TendedRepository.make()
})
afterEach(() => repository.remove())

const age = (folder: string, by: number): void => {
  const then = new Date(Date.now() - by)
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (entry.isFile()) utimesSync(join(entry.parentPath, entry.name), then, then)
  }
}

const objects = (): string => join(repository.directory, 'objects')

test('all is packed anew: one pack, an index with a bitmap, a commit-graph, packed refs', async () => {
  repository.commit(3)
  repository.push('HEAD:refs/heads/main', 'packed')
  const tip = repository.commit(3)
  repository.push('HEAD:refs/heads/topic')
  expect(await lookAfter(repository.care(), 'whole')).toBe(true)
  expect(repository.packs).toHaveLength(1)
  expect(repository.looseObjects).toBe(0)
  const names = repository.files('objects/pack').map((name) => name.replace(/-[0-9a-f]{40}/, ''))
  expect(names).toEqual(['multi-pack-index', 'multi-pack-index.bitmap', 'pack.idx', 'pack.pack', 'pack.rev'])
  expect(repository.files('objects/info/commit-graphs')).toContain('commit-graph-chain')
  expect(readFileSync(join(repository.directory, 'packed-refs'), 'utf8')).toContain(`${tip} refs/heads/topic`)
  expect(repository.check()).toBe('')
  expect(git(repository.directory, 'rev-list', '--test-bitmap', 'refs/heads/topic')).toBe('')
  expect(repository.faults).toEqual([])
})

test('what came since is put together with small packs, and the large pack stays', async () => {
  repository.commit(40)
  repository.push('HEAD:refs/heads/main', 'packed')
  await lookAfter(repository.care(), 'whole')
  const [large = ''] = repository.packs
  for (const how of ['packed', 'packed', 'packed', 'unpacked'] as const) {
    repository.commit()
    repository.push('HEAD:refs/heads/main', how)
  }
  expect(await lookAfter(repository.care(), 'growth')).toBe(true)
  expect(repository.packs).toHaveLength(2)
  expect(repository.packs).toContain(large)
  expect(repository.looseObjects).toBe(0)
  expect(repository.check()).toBe('')
  expect(repository.faults).toEqual([])
})

test('an empty repository, and one that has nothing new, are no fault', async () => {
  for (const plan of ['whole', 'growth', 'refs'] as const) expect(await lookAfter(repository.care(), plan)).toBe(true)
  repository.commit(2)
  repository.push('HEAD:refs/heads/main', 'packed')
  for (const plan of ['whole', 'whole', 'growth', 'growth'] as const) {
    expect(await lookAfter(repository.care(), plan)).toBe(true)
  }
  expect(repository.faults).toEqual([])
  expect(repository.packs).toHaveLength(1)
  expect(repository.check()).toBe('')
})

describe('old packs', () => {
  test('stay until the rest is over, and the server may stop in between', async () => {
    repository.commit(2)
    repository.push('HEAD:refs/heads/main', 'packed')
    repository.commit(2)
    repository.push('HEAD:refs/heads/main', 'packed')
    const before = repository.packs
    await lookAfter(repository.care({ rest: 1_000 }), 'whole')
    expect(repository.packs).toEqual(expect.arrayContaining(before))
    expect(repository.packs).toHaveLength(3)
    expect(repository.events.at(-1)).toMatchObject({ kind: 'ended', waiting: { packs: 2 } })
    const { retirement } = await readState(repository.directory)
    if (retirement === undefined) throw new Error('nothing waits')
    await finishRetirement(repository.care(), retirement)
    expect(repository.packs).toHaveLength(1)
    expect(await readState(repository.directory)).toMatchObject({ retirement: undefined })
    expect(repository.check()).toBe('')
  })

  test('stay where a ref was put on an object that the new ones do not have', async () => {
    repository.commit()
    repository.push('HEAD:refs/heads/main', 'packed')
    const lost = repository.commit()
    repository.push('HEAD:refs/heads/gone', 'packed')
    git(repository.directory, 'update-ref', '-d', 'refs/heads/gone')
    age(objects(), days(20))
    await lookAfter(repository.care({ rest: 1_000 }), 'whole')
    git(repository.directory, 'update-ref', 'refs/heads/back', lost)
    const { retirement } = await readState(repository.directory)
    if (retirement === undefined) throw new Error('nothing waits')
    expect(await finishRetirement(repository.care(), retirement)).toBe(true)
    // That of the lost commit, and that of `main`, which was made anew just as it was.
    expect(repository.packs).toHaveLength(2)
    expect(repository.check()).toBe('')
    expect(await lookAfter(repository.care(), 'whole')).toBe(true)
    expect(repository.packs).toHaveLength(1)
    expect(repository.check()).toBe('')
  })

  test('stay where an object in one of them was pushed once more', async () => {
    repository.commit()
    repository.push('HEAD:refs/heads/main', 'packed')
    repository.commit()
    repository.push('HEAD:refs/heads/gone', 'packed')
    git(repository.directory, 'update-ref', '-d', 'refs/heads/gone')
    age(objects(), days(20))
    await lookAfter(repository.care({ rest: 1_000 }), 'whole')
    const { retirement } = await readState(repository.directory)
    if (retirement === undefined) throw new Error('nothing waits')
    // As a push under way does it, whose refs are not written yet.
    const blob = execFileSync('git', ['cat-file', 'blob', 'HEAD:file-2'], { cwd: repository.checkout })
    execFileSync('git', ['hash-object', '-w', '--stdin'], { cwd: repository.directory, input: blob })
    await finishRetirement(repository.care(), retirement)
    expect(repository.packs).toHaveLength(2)
  })
})

describe('what nothing leads to', () => {
  const pushAndRemove = (how: 'packed' | 'unpacked'): string => {
    const id = repository.commit()
    repository.push('HEAD:refs/heads/gone', how)
    git(repository.directory, 'update-ref', '-d', 'refs/heads/gone')
    git(repository.checkout, 'reset', '-q', '--hard', 'HEAD^')
    return id
  }

  beforeEach(() => {
    repository.commit()
    repository.push('HEAD:refs/heads/main')
  })

  test.each(['packed', 'unpacked'] as const)('stays while it is young, pushed %s', async (how) => {
    const id = pushAndRemove(how)
    for (const plan of ['whole', 'growth', 'whole'] as const) await lookAfter(repository.care(), plan)
    expect(repository.has(id)).toBe(true)
    expect(repository.faults).toEqual([])
  })

  test.each(['packed', 'unpacked'] as const)('goes when it is old, pushed %s', async (how) => {
    const id = pushAndRemove(how)
    age(objects(), days(20))
    await lookAfter(repository.care(), 'whole')
    expect(repository.has(id)).toBe(false)
    expect(repository.pruned).toBe(1)
    expect(repository.check()).toBe('')
  })

  test('goes in time also when it was packed before', async () => {
    const id = pushAndRemove('unpacked')
    await lookAfter(repository.care(), 'whole')
    expect(repository.packs).toHaveLength(2)
    await lookAfter(repository.care({ grace: -days(1) }), 'whole')
    expect(repository.has(id)).toBe(false)
    expect(repository.packs).toHaveLength(1)
    expect(repository.check()).toBe('')
  })

  test.each(['refs/keep-around/x', 'refs/pipelines/1', 'refs/environments/x', 'refs/tmp/x'])('stays for %s', async (ref) => {
    const id = pushAndRemove('unpacked')
    git(repository.directory, 'update-ref', ref, id)
    age(objects(), days(20))
    await lookAfter(repository.care(), 'whole')
    expect(repository.has(id)).toBe(true)
    expect(repository.check()).toBe('')
  })
})

test('a repository that is removed meanwhile is no fault, and leaves nothing behind', async () => {
  repository.commit()
  repository.push('HEAD:refs/heads/main', 'packed')
  const care = repository.care()
  const removed = repository.care({
    heard: (event) => {
      care.heard(event)
      if (event.kind === 'step' && event.step === 'commit-graph') rmSync(repository.directory, { recursive: true })
    },
  })
  expect(await lookAfter(removed, 'whole')).toBe(false)
  expect(repository.events.at(-1)).toMatchObject({ kind: 'failed', wasEnded: true })
  expect(existsSync(repository.directory)).toBe(false)
})
