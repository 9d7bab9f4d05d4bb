import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { ProjectId } from '../../../src/core/ids.ts'
import { PushedRepositories } from '../../../src/git/maintenance/pushed.ts'
import { type RoundParts, Rounds } from '../../../src/git/maintenance/rounds.ts'
import { TendedRepository } from './repository.ts'

let folder: string

beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'pushed-')), 'pushed')
})
afterEach(() => rmSync(join(folder, '..'), { recursive: true }))

const ids = (...numbers: number[]) => numbers as ProjectId[]

test('a repository that took a push is named once, when it is at rest', async () => {
  const pushed = new PushedRepositories(folder)
  expect(await pushed.take(Date.now())).toEqual([])
  for (const id of ids(3, 4, 3)) await pushed.add(id)
  expect(await pushed.take(Date.now())).toEqual([])
  expect(await pushed.take(Date.now() + 31_000)).toEqual(ids(3, 4))
  expect(await pushed.take(Date.now() + 31_000)).toEqual([])
})

test('one that is never at rest is named after a while', async () => {
  const pushed = new PushedRepositories(folder)
  await pushed.add(3 as ProjectId)
  expect(await pushed.take(Date.now())).toEqual([])
  const later = Date.now() + 600_000
  expect(await new PushedRepositories(folder, { quiet: 1e9, longest: 600_000 }).take(later)).toEqual([])
  expect(await pushed.take(later)).toEqual(ids(3))
})

interface Told {
  readonly stop?: AbortSignal
  readonly exclusively?: RoundParts['exclusively']
  readonly rest?: number
}

const roundsOn = (repository: TendedRepository, pushed: PushedRepositories, { stop, exclusively, rest }: Told = {}): Rounds =>
  new Rounds(
    {
      repositories: repository.repositories,
      pushed,
      careFor: () => repository.care({ rest: rest ?? 0 }, stop),
      exclusively: exclusively ?? ((work) => work()),
      onFault: (fault) => {
        throw fault
      },
    },
    stop ?? new AbortController().signal,
  )

const plansOf = (repository: TendedRepository): unknown[] =>
  repository.events.flatMap((event) => (event.kind === 'ended' ? [event.plan] : []))

test('all are looked at once a day, and those that took a push in between; what is not due is left alone', async () => {
  const repository = await TendedRepository.make()
  const pushed = new PushedRepositories(folder, { quiet: 0, longest: 0 })
  const rounds = roundsOn(repository, pushed)
  const now = Date.now()
  await rounds.turn(now)
  expect(repository.events).toEqual([])
  repository.commit(3)
  repository.push('HEAD:refs/heads/main', 'packed')
  await rounds.turn(now)
  expect(repository.events).toEqual([])
  await pushed.add(repository.id)
  await rounds.turn(now)
  expect(plansOf(repository)).toEqual(['whole'])
  await pushed.add(repository.id)
  await rounds.turn(now)
  await rounds.turn(now + 86_400_000)
  expect(plansOf(repository)).toEqual(['whole'])
  for (let count = 0; count < 3; count += 1) {
    repository.commit()
    repository.push('HEAD:refs/heads/main', 'packed')
  }
  await rounds.turn(now + 2 * 86_400_000)
  expect(plansOf(repository)).toEqual(['whole', 'growth'])
  expect(repository.check()).toBe('')
  repository.remove()
})

test('nothing is begun while another process maintains, and it is not forgotten', async () => {
  const repository = await TendedRepository.make()
  repository.commit()
  repository.push('HEAD:refs/heads/main', 'packed')
  let isHeld = true
  const exclusively: RoundParts['exclusively'] = async (work) => (isHeld ? undefined : await work())
  const rounds = roundsOn(repository, new PushedRepositories(folder), { exclusively })
  const now = Date.now()
  await rounds.turn(now)
  expect(repository.events).toEqual([])
  isHeld = false
  await rounds.turn(now)
  expect(plansOf(repository)).toEqual(['whole'])
  repository.remove()
})

test('old packs go at a later turn, when their rest is over', async () => {
  const repository = await TendedRepository.make()
  for (let count = 0; count < 2; count += 1) {
    repository.commit()
    repository.push('HEAD:refs/heads/main', 'packed')
  }
  const rounds = roundsOn(repository, new PushedRepositories(folder), { rest: 60_000 })
  await rounds.turn(Date.now())
  await rounds.turn(Date.now())
  expect(plansOf(repository)).toEqual(['whole'])
  expect(repository.packs).toHaveLength(3)
  const after = roundsOn(repository, new PushedRepositories(folder), { rest: 0 })
  await after.turn(Date.now())
  expect(plansOf(repository)).toEqual(['whole', 'retirement'])
  expect(repository.packs).toHaveLength(1)
  repository.remove()
})

test('a stop ends git that works, and no harm is done', async () => {
  const repository = await TendedRepository.make()
  repository.commit(3)
  repository.push('HEAD:refs/heads/main', 'packed')
  const stop = new AbortController()
  const tended = repository.care({}, stop.signal)
  const rounds = new Rounds(
    {
      repositories: repository.repositories,
      pushed: new PushedRepositories(folder),
      careFor: () => ({
        ...tended,
        heard: (event) => {
          tended.heard(event)
          if (event.kind === 'step' && event.step === 'pack-refs') stop.abort(new Error('the server stops'))
        },
      }),
      exclusively: (work) => work(),
      onFault: () => {},
      every: { look: 1, round: 1 },
    },
    stop.signal,
  )
  await rounds.run()
  expect(String(repository.faults)).toContain('the server stops')
  expect(repository.events.at(-1)).toMatchObject({ kind: 'failed', wasEnded: true })
  expect(repository.check()).toBe('')
  expect(await roundsOn(repository, new PushedRepositories(folder)).turn(Date.now())).toBeUndefined()
  expect(repository.packs).toHaveLength(1)
  repository.remove()
})
