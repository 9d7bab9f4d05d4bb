import { existsSync, statSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ProjectId } from '../../src/core/ids.ts'
import { Repositories } from '../../src/git/repositories.ts'
import { type ChainReport, verifyChain } from '../../src/store/activity/verify-chain.ts'
import { openStore } from '../../src/store/sqlite.ts'
import { type Done, Load, type TokenMade, until } from '../backup/load.ts'
import { sallyport } from '../cli/command-line.ts'
import { git } from '../git/maintenance/repository.ts'
import { Api } from '../support/api.ts'
import { rootToken, type Sallyport, startSallyport } from '../support/sallyport.ts'

/** Between the two machines' idea of a moment and ours: both clocks tell whole milliseconds. */
const tick = 1

interface Span {
  /** Milliseconds: what was answered before this is in the backup. */
  readonly from: number
  /** What was asked for after this is not. */
  readonly to: number
}

let folder: string
let restored: Sallyport
let load: Load
let span: Span
/** What was found while all workers wrote. */
let underWriters: ChainReport

const answeredBefore = <What>(done: readonly Done<What>[]): What[] =>
  done.filter(({ answered }) => answered < span.from - tick).map(({ what }) => what)
const askedAfter = <What>(done: readonly Done<What>[]): What[] =>
  done.filter(({ asked }) => asked > span.to + tick).map(({ what }) => what)

const verified = (home: string): Promise<ChainReport> => {
  const store = openStore(join(home, 'sallyport.db'))
  return verifyChain(store).finally(() => store.close())
}

const parse = (line: string): Record<string, unknown> => JSON.parse(line)

const spanOf = (stdout: string): Span => {
  const told = stdout.trimEnd().split('\n').map(parse)
  const { at, held } = told.find(({ kind }) => kind === 'moment') ?? {}
  const from = Date.parse(String(at))
  return { from, to: from + Number(held) }
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sallyport-backup-'))
  const server = await startSallyport({ workers: 2 })
  const api = new Api(server.http)
  const projects = await Promise.all(
    ['one', 'two', 'three'].map(
      async (path) => (await api.make('POST', '/projects', { path, name: path, initialize_with_readme: true })).id,
    ),
  )
  load = new Load(server, projects)
  load.start()
  await until(() => load.deleted.length > 0)
  const verifying = verified(server.home)
  const { code, stdout, stderr } = await sallyport(['backup', join(folder, 'backup'), '--json', '--home', server.home])
  expect([code, stderr]).toEqual([0, ''])
  span = spanOf(stdout)
  underWriters = await verifying
  const [births, branches] = [load.births.length, load.branches.length]
  await until(() => load.births.length > births + 2 && load.branches.length > branches + 2)
  await load.stop()
  await server[Symbol.asyncDispose]()
  const home = join(folder, 'home')
  const ran = await sallyport(['restore', join(folder, 'backup'), '--home', home])
  expect([ran.code, ran.stderr]).toEqual([0, ''])
  restored = await startSallyport({ home, workers: 1 })
}, 90_000)

afterAll(async () => {
  await restored?.[Symbol.asyncDispose]()
  await rm(folder, { recursive: true, force: true })
})

const isAlive = async (token: string): Promise<boolean> =>
  (await new Api(restored.http, token).call('GET', '/personal_access_tokens/self')).status === 200

const branchesOf = (project: number): Set<string> => {
  const directory = new Repositories(join(restored.home, 'repos')).directoryOf(project as ProjectId)
  return new Set(git(directory, 'for-each-ref', '--format=%(refname:lstrip=2)', 'refs/heads').split('\n'))
}

const isThere = async (project: number): Promise<boolean> =>
  (await new Api(restored.http, rootToken).call('GET', `/projects/${project}`)).status === 200

describe('a backup that was made under load, on another home', () => {
  test('the load went on before the moment and after it', () => {
    expect(answeredBefore(load.branches).length).toBeGreaterThan(0)
    expect(askedAfter(load.branches).length).toBeGreaterThan(0)
    expect(answeredBefore(load.ends).length).toBeGreaterThan(0)
    expect(askedAfter(load.births).length).toBeGreaterThan(0)
  })

  test('every branch that was answered before the moment is there, and none that was asked for after it', () => {
    const found = new Map([...new Set(load.branches.map(({ what }) => what.project))].map((id) => [id, branchesOf(id)]))
    expect(answeredBefore(load.branches).filter(({ project, branch }) => !found.get(project)?.has(branch))).toEqual([])
    expect(askedAfter(load.branches).filter(({ project, branch }) => found.get(project)?.has(branch))).toEqual([])
  })

  test('every token lives that lived at the moment; what was revoked stays revoked; later ones are unknown', async () => {
    const ended = new Set(answeredBefore(load.ends).map(({ id }) => id))
    const unsure = new Set(load.ends.map(({ what }) => what.id).filter((id) => !ended.has(id)))
    const endedLater = new Set(askedAfter(load.ends).map(({ id }) => id))
    const living = answeredBefore(load.births).filter(({ id }) => endedLater.has(id) || !(ended.has(id) || unsure.has(id)))
    const dead = answeredBefore(load.births).filter(({ id }) => ended.has(id))
    const later = askedAfter(load.births)
    const wrong = async (made: readonly TokenMade[], expected: boolean): Promise<number[]> => {
      const asked = await Promise.all(made.map(async ({ id, token }) => ({ id, isRight: (await isAlive(token)) === expected })))
      return asked.filter(({ isRight }) => !isRight).map(({ id }) => id)
    }
    expect(await Promise.all([wrong(living, true), wrong(dead, false), wrong(later, false)])).toEqual([[], [], []])
  })

  test('projects are there as they were, each with its repository', async () => {
    const gone = new Set(answeredBefore(load.deleted))
    const unsure = new Set(load.deleted.map(({ what }) => what).filter((id) => !gone.has(id)))
    for (const id of answeredBefore(load.created)) {
      if (gone.has(id)) expect(await isThere(id)).toBe(false)
      else if (!unsure.has(id)) expect([await isThere(id), branchesOf(id).has('main')]).toEqual([true, true])
    }
  })

  test('the chain of audit events was whole while several workers wrote, and is so now', async () => {
    const now = await verified(restored.home)
    expect([underWriters.events > 0, underWriters.faults]).toEqual([true, []])
    expect([now.events > 0, now.faults]).toEqual([true, []])
  })

  test('the file is for its owner alone, and nothing is left of the making', () => {
    expect(statSync(join(folder, 'backup')).mode & 0o777).toBe(0o600)
    expect(existsSync(join(restored.home, 'restoring'))).toBe(false)
  })
})
