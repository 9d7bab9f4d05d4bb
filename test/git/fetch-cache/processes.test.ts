import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, utimesSync } from 'node:fs'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { emptyFetchCache } from '../../../src/git/fetch-cache/empty.ts'
import { identityOf, isAlive } from '../../../src/git/fetch-cache/living.ts'
import type { News, Order } from './cache-process.ts'
import { CacheCase, Collected, keyOf, making } from './case.ts'

/** A process with a cache, and what it told. */
class Other {
  readonly child: ChildProcess
  readonly news: News[] = []

  constructor(directory: string) {
    this.child = fork(join(import.meta.dirname, 'cache-process.ts'), [directory], { execArgv: [] })
    this.child.on('message', (news: News) => this.news.push(news))
  }

  order(order: Order): void {
    this.child.send(order)
  }

  count(kind: News['kind']): number {
    return this.news.filter((news) => news.kind === kind).length
  }

  until(kind: News['kind'], count = 1): Promise<void> {
    return vi.waitFor(() => expect(this.count(kind)).toBeGreaterThanOrEqual(count), { timeout: 15_000, interval: 5 })
  }

  async write(text: string): Promise<void> {
    const before = this.count('written')
    this.order({ kind: 'write', text })
    await this.until('written', before + 1)
  }

  async report(): Promise<Extract<News, { kind: 'report' }>> {
    const before = this.count('report')
    this.order({ kind: 'report' })
    await this.until('report', before + 1)
    const last = this.news.findLast((news) => news.kind === 'report')
    if (last?.kind !== 'report') throw new Error('no report')
    return last
  }

  /** Waits until every client of it was given exactly this. */
  async hasRead(text: string): Promise<void> {
    await vi.waitFor(async () => expect(new Set((await this.report()).texts)).toEqual(new Set([text])), { timeout: 15_000 })
  }

  get served(): Extract<News, { kind: 'served' }>[] {
    return this.news.filter((news) => news.kind === 'served')
  }

  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const gone = once(this.child, 'exit')
    if (this.child.exitCode === null && this.child.signalCode === null && this.child.kill(signal)) await gone
  }
}

let stage: CacheCase
const others: Other[] = []

const start = async (): Promise<Other> => {
  const other = new Other(stage.directory)
  others.push(other)
  await other.until('ready')
  return other
}

beforeEach(async () => {
  stage = await CacheCase.begin()
})
afterEach(async () => {
  await Promise.all(others.splice(0).map((other) => other.kill()))
  await stage.end()
})

/** One process makes, the other follows; both have clients that read the beginning. */
const makerAndFollower = async (clients = 1): Promise<readonly [Other, Other]> => {
  const [maker, follower] = await Promise.all([start(), start()])
  maker.order({ kind: 'ask', clients })
  await maker.until('making')
  await maker.write('one ')
  follower.order({ kind: 'ask', clients })
  await Promise.all([maker.hasRead('one '), follower.hasRead('one ')])
  return [maker, follower]
}

describe('several processes', () => {
  test('make an answer once for everybody, whoever asks first', async () => {
    const all = await Promise.all([start(), start()])
    for (const other of all) other.order({ kind: 'ask', clients: 25 })
    await vi.waitFor(() => expect(all.some((other) => other.count('making') > 0)).toBe(true))
    const maker = all.find((other) => other.count('making') > 0)
    await maker?.write('PACK and more')
    await Promise.all(all.map((other) => other.hasRead('PACK and more')))
    maker?.order({ kind: 'finish' })
    await Promise.all(all.map((other) => other.until('served', 25)))
    for (const { served, text } of all.flatMap((other) => other.served)) {
      expect([served, text]).toEqual([{ kind: 'whole', bytes: 13 }, 'PACK and more'])
    }
    expect(all.map((other) => other.count('making')).reduce((sum, count) => sum + count)).toBe(1)
    expect(await stage.names()).toEqual(['7/01/aa'])
  })

  test('go on where the maker was killed, when the beginning is made again as it was', async () => {
    const [maker, follower] = await makerAndFollower(3)
    const killedAt = performance.now()
    await maker.kill()
    await follower.until('making')
    expect(performance.now() - killedAt).toBeLessThan(3_000)
    await follower.write('on')
    await follower.write('e two')
    follower.order({ kind: 'finish' })
    await follower.until('served', 3)
    for (const { served, text } of follower.served) expect([served, text]).toEqual([{ kind: 'whole', bytes: 7 }, 'one two'])
    expect(follower.count('making')).toBe(1)
  })

  test.each([
    ['begins otherwise', 'ONE two'],
    ['is shorter', 'on'],
  ])('cut off whom the maker left in the middle, when what is made again %s', async (_, again) => {
    const [maker, follower] = await makerAndFollower()
    await maker.kill()
    await follower.until('making')
    await follower.write(again)
    follower.order({ kind: 'finish' })
    await follower.until('served')
    expect(follower.served[0]).toMatchObject({ served: { kind: 'cut', bytes: 4 }, text: 'one ' })
    expect(await new Collected().ask(stage.cache(), making('anew'))).toMatchObject({ kind: 'whole' })
  })

  test('begin again where the maker was killed before its first byte', async () => {
    const [maker, follower] = await Promise.all([start(), start()])
    maker.order({ kind: 'ask', clients: 1 })
    await maker.until('making')
    follower.order({ kind: 'ask', clients: 2 })
    await vi.waitFor(async () => expect(await stage.held()).toHaveLength(2))
    await maker.kill()
    await follower.until('making')
    await follower.write('PACK')
    follower.order({ kind: 'finish' })
    await follower.until('served', 2)
    for (const { served } of follower.served) expect(served).toEqual({ kind: 'whole', bytes: 4 })
  })

  test('do not wait for a maker that died while nobody followed', async () => {
    const maker = await start()
    maker.order({ kind: 'ask', clients: 1 })
    await maker.until('making')
    await maker.kill()
    expect(await new Collected().ask(stage.cache(), making('whole'))).toEqual({ kind: 'whole', bytes: 5 })
  })

  test('do not wait for a maker that stands still', async () => {
    const [maker, follower] = await makerAndFollower()
    maker.child.kill('SIGSTOP')
    const part = join(stage.directory, '7', '01', 'aa.part')
    const longAgo = new Date(Date.now() - 11_000)
    await vi.waitFor(
      () => {
        if (existsSync(part)) utimesSync(part, longAgo, longAgo)
        expect(follower.count('making')).toBe(1)
      },
      { timeout: 5_000 },
    )
    await follower.write('one two')
    follower.order({ kind: 'finish' })
    await follower.until('served')
    expect(follower.served[0]).toMatchObject({ served: { kind: 'whole' }, text: 'one two' })
    // It wakes up and ends, and what it has does no harm.
    maker.child.kill('SIGCONT')
    await maker.write('late')
    maker.order({ kind: 'finish' })
    await maker.until('served')
    expect(maker.served[0]).toMatchObject({ served: { kind: 'whole' }, text: 'one late' })
    const client = new Collected()
    await client.ask(stage.cache(), making('never'))
    expect(client.text).toBe('one two')
  })

  test('end a making when the last reader of another process was killed', async () => {
    const [maker, follower] = await makerAndFollower()
    maker.order({ kind: 'leave' })
    await maker.until('served')
    await maker.write('two')
    await follower.hasRead('one two')
    expect((await maker.report()).stopped).toBe(false)
    await follower.kill()
    await vi.waitFor(async () => expect((await maker.report()).stopped).toBe(true), { timeout: 8_000 })
    await vi.waitFor(async () => expect([...(await stage.names()), ...(await stage.held())]).toEqual([]))
  })

  test('leave nothing behind that is not cleared away', async () => {
    const [maker, follower] = await makerAndFollower()
    await Promise.all([maker.kill(), follower.kill()])
    expect(await stage.held()).toHaveLength(2)
    const cache = stage.cache({ limit: 100_000 })
    const large = making(Buffer.alloc(20_000))
    await new Collected().ask(cache, large, keyOf('bb'))
    await vi.waitFor(async () => expect(await stage.names()).toEqual(['7/01/bb']))
    expect((await stage.held()).filter((name) => !name.startsWith(`${process.pid}.`))).toEqual([])
  })
})

describe('at the start of a server', () => {
  test('a cache is emptied, with what an earlier start could not remove', async () => {
    await new Collected().ask(stage.cache(), making('old'))
    const left = `${stage.directory}-removed-1.2.3`
    await mkdir(left)
    await writeFile(join(left, 'file'), '')
    const removal = emptyFetchCache(stage.directory)
    expect(existsSync(stage.directory)).toBe(false)
    await removal
    expect(await readdir(join(stage.directory, '..'))).toEqual([])
  })

  test('there may be none', async () => {
    await emptyFetchCache(stage.directory)
    expect(await readdir(join(stage.directory, '..'))).toEqual([])
  })
})

describe('the program that writes for a process that is killed', () => {
  /** Starts one and kills its maker. */
  const orphan = async (): Promise<string> => {
    const other = await start()
    other.order({ kind: 'ask', clients: 1 })
    await other.until('making')
    other.order({ kind: 'delegate' })
    await other.until('delegated')
    await other.kill()
    const told = other.news.find((news) => news.kind === 'delegated')
    if (told?.kind !== 'delegated') throw new Error('nothing was delegated')
    const identity = identityOf(told.pid)
    expect(isAlive(identity)).toBe(true)
    return identity
  }

  const isEnded = (identity: string): Promise<void> => vi.waitFor(() => expect(isAlive(identity)).toBe(false), { timeout: 5_000 })

  test('is ended by the next one who asks the same', async () => {
    const writer = await orphan()
    expect(await new Collected().ask(stage.cache(), making('anew'))).toEqual({ kind: 'whole', bytes: 4 })
    await isEnded(writer)
  })

  test('is ended by whoever asks something else', async () => {
    const writer = await orphan()
    expect(await new Collected().ask(stage.cache(), making('other'), keyOf('bb'))).toEqual({ kind: 'whole', bytes: 5 })
    await isEnded(writer)
  })

  test('is ended when the server starts anew', async () => {
    const writer = await orphan()
    await emptyFetchCache(stage.directory)
    await isEnded(writer)
  })
})
