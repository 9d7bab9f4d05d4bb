import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Duplex, PassThrough } from 'node:stream'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Admission, decide } from '../../src/access/decide.ts'
import { wasRefused } from '../../src/access/gate.ts'
import type { Ends, SessionEngine } from '../../src/git/engine.ts'
import type { Invocation } from '../../src/git/invocation.ts'
import type { PlaceLimits } from '../../src/git/places.ts'
import { type SpawnMessage, startGit } from '../../src/git/process.ts'
import { Repositories } from '../../src/git/repositories.ts'
import { StockGit } from '../../src/git/stock-git.ts'
import { branchRule, byUser, factsWith, projectWith, push, role, update } from '../access/case.ts'
import { seesNothing } from '../support/push-inspection.ts'

const never = new AbortController().signal

const mayPull = (): Admission<'upload-pack'> => {
  const facts = factsWith({ project: projectWith({ visibility: 'public' }) })
  const decision = decide({ who: byUser(), action: { kind: 'pull', service: 'upload-pack' }, facts })
  if (wasRefused(decision) || 'path' in decision || decision.service !== 'upload-pack') throw new Error('not admitted')
  return decision
}

const mayPush = (): Admission<'receive-pack'> => {
  const decision = decide({ who: byUser(), action: push(update('refs/heads/topic')), facts: factsWith({ role: 30 }) })
  if (wasRefused(decision) || !('obligations' in decision) || decision.service !== 'receive-pack') throw new Error('not so')
  return decision as Admission<'receive-pack'>
}

/** A Developer pushes to a branch that only Maintainers may push to: declined in any case, but force is asked first. */
const mayOnlyKnow = (): Admission<'quarantine'> => {
  const facts = factsWith({ role: 30, rules: [branchRule('main', [role('push', 40)])] })
  const decision = decide({ who: byUser(), action: push(update('refs/heads/main')), facts })
  if (wasRefused(decision) || !('obligations' in decision) || decision.service !== 'quarantine') throw new Error('not so')
  return decision as Admission<'quarantine'>
}

let home: string
let repositories: Repositories
const spawned: SpawnMessage[] = []
const spy = (message: unknown) => void spawned.push(message as SpawnMessage)

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'process-'))
  repositories = new Repositories(home)
  await repositories.create(mayPull().repository, 'main')
  spawned.length = 0
  subscribe('sallyport:spawn', spy)
})
afterEach(async () => {
  unsubscribe('sallyport:spawn', spy)
  await rm(home, { recursive: true })
})

const invocation = (changes: Partial<Invocation> = {}): Invocation => ({
  mode: 'advertise',
  directory: repositories.directoryOf(mayPull().repository),
  protocol: undefined,
  maxPush: 1_000,
  hook: undefined,
  ...changes,
})

describe('no admission, no process', () => {
  const real = mayPull()
  test.each<[string, () => unknown]>([
    ['a literal', () => ({ service: 'upload-pack', repository: real.repository, obligations: [] })],
    ['a copy', () => ({ ...real })],
    ['a clone', () => structuredClone({ ...real })],
    ['one that inherits', () => Object.create(real)],
    ['one of the same class', () => Reflect.construct(real.constructor, ['upload-pack', byUser(), projectWith(), []])],
    ['nothing', () => undefined],
  ])('%s starts nothing', async (_, forge) => {
    await expect(startGit(forge() as Admission, invocation(), never)).rejects.toThrow()
    expect(spawned).toEqual([])
  })

  test('an admission starts only its own program', async () => {
    await expect(startGit(mayOnlyKnow(), invocation({ mode: 'session' }), never)).rejects.toThrow()
    expect(spawned).toEqual([])
  })

  test('obligations without the hook start nothing', async () => {
    await expect(startGit(mayOnlyKnow(), invocation({ mode: 'stateless' }), never)).rejects.toThrow('obligations need the hook')
    expect(spawned).toEqual([])
  })

  test('a repository that is not there is a fault, and starts nothing', async () => {
    await repositories.remove(mayPull().repository)
    const engine = engineWith()
    await expect(engine.advertise(mayPull(), undefined, new PassThrough(), never)).rejects.toThrow('not on disk')
    expect(spawned).toEqual([])
  })
})

const engineWith = (idleLimit?: number, places?: PlaceLimits): SessionEngine =>
  new StockGit({
    repositories,
    settle: async () => {},
    inspect: seesNothing,
    maxPush: 1_000,
    log: pino({ level: 'silent' }),
    ...(idleLimit !== undefined && { idleLimit }),
    ...(places !== undefined && { places }),
  })

/** A client that says nothing and stays. */
const silentEnds = (): Ends & { output: PassThrough; input: PassThrough } => ({
  input: new PassThrough(),
  output: new PassThrough().resume(),
  errors: undefined,
})

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

/** Waits for the next start of git. */
const nextSpawn = (): Promise<number> =>
  new Promise((resolve) => {
    const once = (message: unknown) => {
      unsubscribe('sallyport:spawn', once)
      resolve((message as SpawnMessage).pid ?? 0)
    }
    subscribe('sallyport:spawn', once)
  })

describe('a running git', () => {
  test('has an environment built from nothing', async () => {
    process.env['GIT_DIR'] = '/elsewhere'
    process.env['NODE_OPTIONS'] = '--no-warnings'
    process.env['SECRET_OF_OURS'] = 'x'
    const abort = new AbortController()
    const pid = nextSpawn()
    const ended = engineWith().uploadPack(mayPull(), 'session', 'version=2', silentEnds(), abort.signal)
    const variables = readFileSync(`/proc/${await pid}/environ`, 'utf8').split('\0')
    for (const name of ['GIT_DIR', 'NODE_OPTIONS', 'SECRET_OF_OURS']) delete process.env[name]
    const names = variables.map((line) => line.split('=')[0] ?? '').filter((name) => name !== '')
    const fixed = names.filter((name) => !/^GIT_CONFIG_(KEY|VALUE)_\d+$/.test(name))
    const expected = ['PATH', 'LANG', 'LC_ALL', 'HOME', 'XDG_CONFIG_HOME', 'GIT_CONFIG_NOSYSTEM', 'GIT_CONFIG_GLOBAL']
    const more = [
      'SALLYPORT_GIT',
      'GIT_ATTR_NOSYSTEM',
      'GIT_TERMINAL_PROMPT',
      'GIT_OPTIONAL_LOCKS',
      'GIT_CONFIG_COUNT',
      'GIT_PROTOCOL',
    ]
    expect(fixed.sort()).toEqual([...expected, ...more].sort())
    expect(variables).toContain('GIT_PROTOCOL=version=2')
    abort.abort()
    await ended
  })

  test('ends with its request, and its end is waited for', async () => {
    const abort = new AbortController()
    const pid = nextSpawn()
    const ended = engineWith().uploadPack(mayPull(), 'session', undefined, silentEnds(), abort.signal)
    const child = await pid
    expect(isAlive(child)).toBe(true)
    abort.abort(new Error('access was withdrawn'))
    expect(await ended).toEqual({ kind: 'aborted', reason: 'access was withdrawn' })
    expect(isAlive(child)).toBe(false)
  })

  test.each(['input', 'output'] as const)('ends when the client closes its %s', async (end) => {
    const ends = silentEnds()
    const pid = nextSpawn()
    const ended = engineWith().uploadPack(mayPull(), 'session', undefined, ends, never)
    const child = await pid
    ends[end].destroy()
    expect(await ended).toEqual({ kind: 'aborted', reason: 'the client went away' })
    expect(isAlive(child)).toBe(false)
  })

  test('ends when no byte moved for too long', async () => {
    const ended = engineWith(200).uploadPack(mayPull(), 'session', undefined, silentEnds(), never)
    expect(await ended).toEqual({ kind: 'aborted', reason: 'no byte moved for too long' })
  })

  test('ends when the client takes nothing for too long', async () => {
    const stuck = new Duplex({ read() {}, write() {} })
    const ends = { input: new PassThrough(), output: stuck, errors: undefined }
    const ended = engineWith(200).uploadPack(mayPull(), 'session', undefined, ends, never)
    expect(await ended).toMatchObject({ kind: 'aborted' })
  })

  test('is not started for a request that is over, or dies at once', async () => {
    const ended = await engineWith().uploadPack(mayPull(), 'session', undefined, silentEnds(), AbortSignal.abort())
    expect(ended).toMatchObject({ kind: 'aborted' })
  })

  test('that ends by itself tells its code, while the client may stay', async () => {
    const ends = silentEnds()
    const ended = engineWith().uploadPack(mayPull(), 'session', undefined, ends, never)
    ends.input.write('garbage that is no packet')
    expect(await ended).toEqual({ kind: 'exited', code: 128 })
    expect(ends.input.destroyed).toBe(false)
  })

  test('that cannot be found is a fault', async () => {
    const path = process.env['PATH']
    process.env['PATH'] = '/nonexistent'
    try {
      await expect(engineWith().advertise(mayPull(), undefined, new PassThrough(), never)).rejects.toThrow('ENOENT')
    } finally {
      process.env['PATH'] = path
    }
  })

  test('is not started where too many run, and is where one of them has ended', async () => {
    const engine = engineWith(undefined, { running: 2, waiting: 2, patience: 100 })
    const fetchWith = (signal: AbortSignal) => engine.uploadPack(mayPull(), 'session', undefined, silentEnds(), signal)
    const first = new AbortController()
    const second = new AbortController()
    const pid = nextSpawn()
    const running = fetchWith(first.signal)
    await pid
    expect(await fetchWith(never)).toEqual({ kind: 'busy' })
    expect(spawned).toHaveLength(1)
    const waiting = fetchWith(second.signal)
    first.abort()
    await running
    const next = await nextSpawn()
    expect(isAlive(next)).toBe(true)
    second.abort()
    expect(await waiting).toMatchObject({ kind: 'aborted' })
  })

  test('that is sent more than a push may hold is ended', async () => {
    const ends = silentEnds()
    const zeros = '0'.repeat(40)
    const line = (number: number) => {
      const text = `${zeros} ${'1'.repeat(40)} refs/heads/${number}\n`
      return (text.length + 4).toString(16).padStart(4, '0') + text
    }
    const request = { updates: [], capabilities: new Set<string>(), raw: Buffer.from(line(0)) }
    const ended = engineWith().receivePack(mayPush(), request, ends, never, undefined)
    ends.input.write(Array.from({ length: 30_000 }, (_, number) => line(number + 1)).join(''))
    expect(await ended).toEqual({ kind: 'aborted', reason: 'more was sent than is taken' })
  })
})
