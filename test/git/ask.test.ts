import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Admission, decide } from '../../src/access/decide.ts'
import type { ProjectId } from '../../src/core/ids.ts'
import type { RefUpdate } from '../../src/core/ref-update.ts'
import { bytesOf } from '../../src/git/answer.ts'
import type { GitEngine, RepositoryEngine } from '../../src/git/engine.ts'
import { makeGitEngine } from '../../src/git/git-engine.ts'
import { makeTag } from '../../src/git/ref-changes.ts'
import { Repositories } from '../../src/git/repositories.ts'
import { byUser, change, create, factsWith, inspect, projectWith } from '../access/case.ts'
import { seesNothing } from '../support/push-inspection.ts'

/** Questions and changes of the API, as the engine runs them. */
const id = 3 as ProjectId
const emptyTree = '4b825dc642cb6eb9a060e54bf8d69288fbee4904'
const never = new AbortController().signal
let home = ''
let repositories: Repositories
let engine: GitEngine & RepositoryEngine
const settled: string[] = []

const engineWith = (running: number) =>
  makeGitEngine({
    repositories,
    settle: async (_, { updates }) => void settled.push(...updates.map(({ ref }) => ref)),
    inspect: seesNothing,
    maxPush: 2 ** 20,
    places: { running, waiting: 0, patience: 50 },
    log: pino({ level: 'silent' }),
  })

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'ask-'))
  repositories = new Repositories(home)
  await repositories.create(id, 'main')
  engine = engineWith(8)
})

afterAll(() => rm(home, { recursive: true, force: true }))

const facts = factsWith({ role: 50, project: projectWith({ id }) })

const toRead = (): Admission<'inspect'> => {
  const decision = decide({ who: byUser(), action: inspect, facts })
  if ('kind' in decision) throw new Error('refused')
  return decision as Admission<'inspect'>
}

const toChange = (...updates: RefUpdate[]): Admission<'change-refs'> => {
  const decision = decide({ who: byUser(), action: change(...updates), facts })
  if ('kind' in decision) throw new Error('refused')
  return decision as Admission<'change-refs'>
}

const tree = { kind: 'object-lines', ids: [emptyTree] } as const

test('an answer is read to its end', async () => {
  const answer = await engine.ask(toRead(), tree, bytesOf, never)
  expect(answer).toMatchObject({ kind: 'answered' })
  expect(answer.kind === 'answered' && answer.result.toString()).toBe(`${emptyTree} tree 0\n`)
})

test('who has read enough stops git, and what was read counts', async () => {
  const answer = await engine.ask(
    toRead(),
    { kind: 'object-lines', ids: Array(2000).fill(emptyTree) },
    async (output) => {
      for await (const chunk of output) return chunk.length > 0
      return false
    },
    never,
  )
  expect(answer).toEqual({ kind: 'answered', result: true })
})

test('git’s own no is told apart', async () => {
  const answer = await engine.ask(toRead(), { kind: 'blob', id: 'a'.repeat(40) }, bytesOf, never)
  expect(answer).toMatchObject({ kind: 'failed', code: 128, complaint: expect.stringContaining('fatal') })
})

test('a fault of the reader is thrown, and git is gone', async () => {
  await expect(engine.ask(toRead(), tree, () => Promise.reject(new Error('cannot read')), never)).rejects.toThrow('cannot read')
})

test('an answer that breaks off is told by its reason', async () => {
  const stop = new AbortController()
  const answer = await engine.ask(
    toRead(),
    tree,
    async () => {
      stop.abort(new Error('enough of this'))
      return new Promise<never>((_, reject) => setTimeout(() => reject(new Error('cut')), 10))
    },
    stop.signal,
  )
  expect(answer).toEqual({ kind: 'aborted', reason: 'enough of this' })
})

test('questions count on the caller’s share of places', async () => {
  const small = engineWith(2)
  const held = Promise.withResolvers<void>()
  const begun = Promise.withResolvers<void>()
  const hold = (): Promise<void> => {
    begun.resolve()
    return held.promise
  }
  const first = small.ask(toRead(), tree, hold, never)
  await begun.promise
  expect(await small.ask(toRead(), tree, bytesOf, never)).toEqual({ kind: 'busy' })
  held.resolve()
  expect(await first).toMatchObject({ kind: 'answered' })
  expect(await small.ask(toRead(), tree, bytesOf, never)).toMatchObject({ kind: 'answered' })
})

test('only what was admitted is asked, and only as what it was admitted', async () => {
  const reading = toRead() as unknown as Admission<'change-refs'>
  await expect(engine.changeRefs(reading, undefined, never)).rejects.toThrow('starts nothing in mode change-refs')
  const changing = toChange(create('refs/tags/x')) as unknown as Admission<'inspect'>
  await expect(engine.ask(changing, tree, bytesOf, never)).rejects.toThrow('starts nothing in mode ask')
  await expect(engine.ask({ ...toRead() } as never, tree, bytesOf, never)).rejects.toThrow('for an admission only')
})

test('a tag that no change names is not written; one that is, is there with its ref, and settled', async () => {
  const words = { name: 'empty', tagger: { name: 'Ada', email: 'ada@example.com' }, message: 'of nothing', at: 0 }
  const tag = makeTag({ ...words, target: { id: emptyTree, type: 'tree' } })
  await expect(engine.changeRefs(toChange(create('refs/tags/empty')), tag, never)).rejects.toThrow('no change names')
  const admission = toChange({ ref: 'refs/tags/empty', oldId: '0'.repeat(40), newId: tag.id })
  expect(await engine.changeRefs(admission, tag, never)).toEqual({ kind: 'exited', code: 0 })
  expect((await repositories.refs(id)).get('refs/tags/empty')).toBe(tag.id)
  expect(settled).toContain('refs/tags/empty')
})

test('what is there already, or changed meanwhile, stays as it is', async () => {
  const zero = '0'.repeat(40)
  const [again, gone] = [
    { ref: 'refs/tags/empty', oldId: zero, newId: emptyTree },
    { ref: 'refs/tags/empty', oldId: emptyTree, newId: zero },
  ]
  const before = await repositories.refs(id)
  expect(await engine.changeRefs(toChange(again), undefined, never)).toMatchObject({ kind: 'exited', code: 128 })
  expect(await engine.changeRefs(toChange(gone), undefined, never)).toMatchObject({ kind: 'exited', code: 128 })
  const both = toChange({ ref: 'refs/tags/other', oldId: zero, newId: emptyTree }, gone)
  expect(await engine.changeRefs(both, undefined, never)).toMatchObject({ kind: 'exited', code: 128 })
  expect(await repositories.refs(id)).toEqual(before)
})
