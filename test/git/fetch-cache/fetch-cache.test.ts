import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readdirSync, writeSync } from 'node:fs'
import { chmod, mkdir, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Writable } from 'node:stream'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Make } from '../../../src/git/fetch-cache/making.ts'
import { CacheCase, Collected, keyOf, making, StepwiseMaking } from './case.ts'

let stage: CacheCase
beforeEach(async () => {
  stage = await CacheCase.begin()
})
afterEach(() => stage.end())

const neverAsked: Make = () => {
  throw new Error('nothing had to be made')
}

describe('a whole answer', () => {
  test('is made once and then read', async () => {
    const cache = stage.cache()
    const content = randomBytes(3_000_000)
    const [first, second] = [new Collected(), new Collected()]
    expect(await first.ask(cache, making(content))).toEqual({ kind: 'whole', bytes: content.length })
    expect(await second.ask(cache, neverAsked)).toEqual({ kind: 'whole', bytes: content.length })
    expect(first.bytes.equals(content)).toBe(true)
    expect(second.bytes.equals(content)).toBe(true)
    expect(second.lengths).toEqual([content.length])
    expect(cache.stats()).toMatchObject({ hits: 1, follows: 0, makes: 1, bytes: 2 * content.length })
  })

  test('lies in a file for its owner alone', async () => {
    await new Collected().ask(stage.cache(), making('PACK'))
    expect(await stage.names()).toEqual(['7/01/aa'])
    const path = join(stage.directory, '7', '01', 'aa')
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect((await stat(dirname(path))).mode & 0o777).toBe(0o700)
    expect((await stat(stage.directory)).mode & 0o777).toBe(0o700)
  })

  test('may be empty', async () => {
    const cache = stage.cache()
    const client = new Collected()
    expect(await client.ask(cache, making(''))).toEqual({ kind: 'whole', bytes: 0 })
    expect(client.lengths).toEqual([0])
  })

  test('is not kept where it may not be', async () => {
    const cache = stage.cache()
    const make = making('once', false)
    for (const _ of [1, 2]) expect(await new Collected().ask(cache, make)).toEqual({ kind: 'whole', bytes: 4 })
    expect(make.count).toBe(2)
    await vi.waitFor(async () => expect([...(await stage.names()), ...(await stage.held())]).toEqual([]))
  })

  test('of another request, state or repository is another one', async () => {
    const cache = stage.cache()
    for (const key of [keyOf('aa'), keyOf('bb'), keyOf('aa', '01', 8)]) await new Collected().ask(cache, making('x'), key)
    expect(cache.stats().makes).toBe(3)
  })

  test('of an earlier state goes when there is a new one', async () => {
    const cache = stage.cache()
    await new Collected().ask(cache, making('old'), keyOf('aa', '01'))
    await new Collected().ask(cache, making('other'), keyOf('aa', '01', 8))
    await new Collected().ask(cache, making('new'), keyOf('aa', '02'))
    await vi.waitFor(async () => expect((await stage.names()).sort()).toEqual(['7/02/aa', '8/01/aa']))
  })

  test('is forgotten with its repository, by another process too', async () => {
    const cache = stage.cache()
    const make = making('x')
    await new Collected().ask(cache, make)
    await cache.forget(keyOf().repository)
    await new Collected().ask(cache, make)
    await stage.cache().forget(keyOf().repository)
    await new Collected().ask(cache, make)
    expect(make.count).toBe(3)
  })

  test.each([keyOf('../x'), keyOf('aa', '..'), keyOf('aa', ''), keyOf('aa', '01', -1), keyOf('aa', '01', Number.NaN)])(
    'has a path from numbers and digits alone: %j',
    async (key) => {
      await expect(new Collected().ask(stage.cache(), neverAsked, key)).rejects.toThrow()
    },
  )
})

describe('an answer that grows', () => {
  test('is followed by everybody, at once', async () => {
    const [cache, other] = [stage.cache(), stage.cache()]
    const slow = new StepwiseMaking()
    const first = new Collected()
    const served = [first.ask(cache, slow.make)]
    await slow.write('one ')
    const late = [cache, cache, other, other].map((asked) => ({ client: new Collected(), asked }))
    for (const { client, asked } of late) served.push(client.ask(asked, neverAsked))
    await vi.waitFor(() => expect(late.map(({ client }) => client.text)).toEqual(late.map(() => 'one ')))
    await slow.write('two')
    await vi.waitFor(() => expect(late.map(({ client }) => client.text)).toEqual(late.map(() => 'one two')))
    slow.finish()
    for (const end of await Promise.all(served)) expect(end).toEqual({ kind: 'whole', bytes: 7 })
    expect(first.lengths).toEqual([undefined])
    expect(slow.count).toBe(1)
  })

  test('is begun by one alone, however many find nothing at the same moment', async () => {
    const caches = Array.from({ length: 8 }, () => stage.cache())
    for (let round = 0; round < 10; round += 1) {
      const slow = new StepwiseMaking()
      const served = caches.map((cache) => new Collected().ask(cache, slow.make, keyOf(`a${round}`)))
      const follows = () => caches.reduce((sum, cache) => sum + cache.stats().follows, 0)
      await vi.waitFor(() => expect(follows()).toBe((round + 1) * (caches.length - 1)), { interval: 5 })
      await slow.write('once')
      slow.finish(false)
      for (const end of await Promise.all(served)) expect(end).toEqual({ kind: 'whole', bytes: 4 })
      expect(slow.count).toBe(1)
      await vi.waitFor(async () => expect(await stage.held()).toEqual([]), { interval: 5 })
    }
  })

  test('goes on when the one who asked first leaves', async () => {
    const cache = stage.cache()
    const slow = new StepwiseMaking()
    const [first, second] = [new Collected(), new Collected()]
    const gone = first.ask(cache, slow.make)
    await slow.write('one ')
    const stays = second.ask(cache, neverAsked)
    await vi.waitFor(() => expect(second.text).toBe('one '))
    first.leave()
    expect(await gone).toEqual({ kind: 'aborted', bytes: 4 })
    await slow.write('two')
    slow.finish()
    expect(await stays).toEqual({ kind: 'whole', bytes: 7 })
    expect(slow.stopped).toBeUndefined()
  })

  test('goes on for readers of another process alone, and ends without them', async () => {
    const [cache, other] = [stage.cache(), stage.cache()]
    const slow = new StepwiseMaking()
    const [first, second] = [new Collected(), new Collected()]
    const gone = first.ask(cache, slow.make)
    await slow.write('one ')
    const stays = second.ask(other, neverAsked)
    await vi.waitFor(() => expect(second.text).toBe('one '))
    first.leave()
    await gone
    await slow.write('two')
    await vi.waitFor(() => expect(second.text).toBe('one two'))
    expect(slow.stopped).toBeUndefined()
    second.leave()
    expect(await stays).toEqual({ kind: 'aborted', bytes: 7 })
    await vi.waitFor(() => expect(slow.stopped).toBeInstanceOf(Error), { timeout: 4_000 })
    await vi.waitFor(async () => expect([...(await stage.names()), ...(await stage.held())]).toEqual([]))
  })

  test('ends at once when nobody reads it', async () => {
    const cache = stage.cache()
    const slow = new StepwiseMaking()
    const client = new Collected()
    const gone = client.ask(cache, slow.make)
    await slow.write('one')
    client.destroy()
    expect(await gone).toMatchObject({ kind: 'aborted' })
    await vi.waitFor(() => expect(slow.stopped).toBeInstanceOf(Error), { timeout: 500 })
    expect(await new Collected().ask(cache, making('anew'))).toMatchObject({ kind: 'whole' })
  })

  test('is not held up by a client that takes nothing', async () => {
    const cache = stage.cache()
    const content = randomBytes(5_000_000)
    const slow = new StepwiseMaking()
    const stuck = new (class extends Collected {
      override _write(): void {}
    })()
    const waits = stuck.ask(cache, slow.make)
    await slow.write(content)
    const client = new Collected()
    const served = client.ask(cache, neverAsked)
    slow.finish()
    expect(await served).toMatchObject({ kind: 'whole' })
    expect(client.bytes.equals(content)).toBe(true)
    stuck.leave()
    expect(await waits).toMatchObject({ kind: 'aborted' })
  })

  test('is read by whoever has it open, also when it is forgotten', async () => {
    const cache = stage.cache()
    const slow = new StepwiseMaking()
    const client = new Collected()
    const served = client.ask(cache, slow.make)
    await slow.write('one ')
    await vi.waitFor(() => expect(client.text).toBe('one '))
    await cache.forget(keyOf().repository)
    expect(await new Collected().ask(cache, making('anew'))).toEqual({ kind: 'whole', bytes: 4 })
    await slow.write('two')
    slow.finish()
    expect(await served).toEqual({ kind: 'whole', bytes: 7 })
  })

  test('reads from a client no piece anew before it was taken', async () => {
    const cache = stage.cache()
    const content = randomBytes(2_000_000)
    await new Collected().ask(cache, making(content))
    const taken: Buffer[] = []
    const patient = new Writable({
      highWaterMark: 2 ** 24,
      write(piece: Buffer, _encoding, done) {
        setTimeout(() => done(taken.push(Buffer.from(piece)) > 0 ? null : undefined), 5)
      },
    })
    const client = { output: patient, signal: new AbortController().signal, begin: () => {} }
    expect(await cache.serve(keyOf(), neverAsked, client)).toMatchObject({ kind: 'whole' })
    expect(Buffer.concat(taken).equals(content)).toBe(true)
  })
})

describe('an answer that a program writes by itself', () => {
  /** Each program is bounded by itself and ends by itself, so that a test that fails leaves nothing that writes on. */
  const running =
    (program: string, keep = true): Make =>
    async ({ descriptor }, stop) => {
      const child = spawn('sh', ['-c', program], { stdio: ['ignore', descriptor, 'ignore'] })
      stop.addEventListener('abort', () => child.kill('SIGKILL'))
      const [code] = await once(child, 'close')
      return code === 0 ? { kind: 'whole', keep } : { kind: 'failed', ending: { kind: 'exited', code: Number(code) } }
    }

  test('is handed on while it grows, and kept', async () => {
    const [cache, other] = [stage.cache(), stage.cache()]
    const go = join(stage.directory, 'go')
    const [first, second] = [new Collected(), new Collected()]
    const waiting = `printf one; for tries in $(seq 2000); do [ -e '${go}' ] && break; sleep 0.01; done; printf ' two'`
    const served = [first.ask(cache, running(waiting))]
    await vi.waitFor(() => expect(first.text).toBe('one'))
    served.push(second.ask(other, neverAsked))
    await vi.waitFor(() => expect(second.text).toBe('one'))
    await writeFile(go, '')
    const whole = { kind: 'whole', bytes: 7 }
    expect(await Promise.all(served)).toEqual([whole, whole])
    expect([first.text, second.text]).toEqual(['one two', 'one two'])
    expect(await new Collected().ask(stage.cache(), neverAsked)).toEqual(whole)
  })

  test('is large, and comes whole', async () => {
    const client = new Collected()
    const bytes = 20_000_000
    const program = `head -c ${bytes} /dev/zero | tr '\\0' x`
    expect(await client.ask(stage.cache({ limit: 50_000_000 }), running(program))).toEqual({ kind: 'whole', bytes })
    expect(client.bytes.equals(Buffer.alloc(bytes, 'x'))).toBe(true)
  })

  test('ends where it grows beyond the limit', async () => {
    const cache = stage.cache({ limit: 1_000_000 })
    expect((await new Collected().ask(cache, running('exec head -c 50000000 /dev/zero'))).kind).toMatch(/cut|direct/)
    expect(await new Collected().ask(cache, neverAsked)).toEqual({ kind: 'direct', because: 'too-large' })
    await vi.waitFor(async () => expect([...(await stage.names()), ...(await stage.held())]).toEqual([]))
  })

  test('is not kept where the program failed', async () => {
    const client = new Collected()
    const ending = { kind: 'exited', code: 3 }
    expect(await client.ask(stage.cache(), running('printf half; exit 3'))).toEqual({ kind: 'failed', ending, bytes: 4 })
    expect(client.text).toBe('half')
    await vi.waitFor(async () => expect([...(await stage.names()), ...(await stage.held())]).toEqual([]))
  })
})

describe('a failure', () => {
  const failing =
    (text: string, code = 128): Make =>
    async ({ descriptor }) => {
      writeSync(descriptor, text)
      return { kind: 'failed', ending: { kind: 'exited', code } }
    }

  test('of git is told with what git said, and not kept', async () => {
    const cache = stage.cache()
    const client = new Collected()
    const ending = { kind: 'exited', code: 128 }
    expect(await client.ask(cache, failing('ERR'))).toEqual({ kind: 'failed', ending, bytes: 3 })
    expect(client.text).toBe('ERR')
    expect(await new Collected().ask(cache, making('whole'))).toEqual({ kind: 'whole', bytes: 5 })
  })

  test('of git is told in other processes too', async () => {
    const [cache, other] = [stage.cache(), stage.cache()]
    const slow = new StepwiseMaking()
    const [first, second] = [new Collected(), new Collected()]
    const served = [first.ask(cache, slow.make)]
    await slow.write('half')
    served.push(second.ask(other, neverAsked))
    await vi.waitFor(() => expect(second.text).toBe('half'))
    slow.end.resolve({ kind: 'failed', ending: { kind: 'exited', code: 3 } })
    const failed = { kind: 'failed', ending: { kind: 'exited', code: 3 }, bytes: 4 }
    expect(await Promise.all(served)).toEqual([failed, failed])
  })

  test('to find a place for git concerns the one who asked for it', async () => {
    const cache = stage.cache()
    const slow = new StepwiseMaking()
    const busy = new Collected().ask(cache, slow.make)
    await slow.file.promise
    const follower = new Collected().ask(cache, making('mine'))
    await vi.waitFor(() => expect(cache.stats().follows).toBe(1))
    slow.end.resolve({ kind: 'failed', ending: { kind: 'busy' } })
    expect(await busy).toEqual({ kind: 'failed', ending: { kind: 'busy' }, bytes: 0 })
    expect(await follower).toEqual({ kind: 'whole', bytes: 4 })
  })

  test('of the maker itself is thrown before the first byte, and cuts behind it', async () => {
    const cache = stage.cache()
    const fault = new Error('git cannot be started')
    await expect(new Collected().ask(cache, () => Promise.reject(fault))).rejects.toBe(fault)
    const half: Make = async ({ descriptor }, stop) => {
      writeSync(descriptor, 'half')
      await vi.waitFor(() => expect(client.text).toBe('half'))
      expect(stop.aborted).toBe(false)
      throw fault
    }
    const client = new Collected()
    expect(await client.ask(cache, half)).toMatchObject({ kind: 'cut', bytes: 4 })
  })

  test('of the disk is known before a byte was sent, and leaves the disk alone for a while', async () => {
    let now = 1_000_000
    await mkdir(dirname(stage.directory), { recursive: true })
    await writeFile(stage.directory, 'no folder')
    const cache = stage.cache({ clock: () => now })
    const client = new Collected()
    expect(await client.ask(cache, neverAsked)).toEqual({ kind: 'direct', because: 'disk' })
    expect(client.lengths).toEqual([])
    await rm(stage.directory)
    expect(await new Collected().ask(cache, neverAsked)).toEqual({ kind: 'direct', because: 'disk' })
    now += 31_000
    expect(await new Collected().ask(cache, making('x'))).toEqual({ kind: 'whole', bytes: 1 })
  })

  test('to write ends every reader', async () => {
    const [cache, other] = [stage.cache(), stage.cache()]
    const slow = new StepwiseMaking()
    const [first, second] = [new Collected(), new Collected()]
    const served = [first.ask(cache, slow.make)]
    await slow.write('half')
    served.push(second.ask(other, neverAsked))
    await vi.waitFor(() => expect([first.text, second.text]).toEqual(['half', 'half']))
    const probe = await fullDisk()
    slow.end.resolve({ kind: 'failed', ending: { kind: 'exited', code: 128 } })
    for (const end of await Promise.all(served)) expect(end).toMatchObject({ kind: 'cut', bytes: 4 })
    probe.mockRestore()
    expect(await new Collected().ask(cache, neverAsked)).toEqual({ kind: 'direct', because: 'disk' })
  })

  test('of a program that could not write is no failure of git', async () => {
    const probe = await fullDisk()
    const failed: Make = async () => ({ kind: 'failed', ending: { kind: 'exited', code: 128 } })
    expect(await new Collected().ask(stage.cache(), failed)).toEqual({ kind: 'direct', because: 'disk' })
    probe.mockRestore()
    expect(await new Collected().ask(stage.cache(), failed)).toMatchObject({ kind: 'failed' })
    await vi.waitFor(async () => expect(await stage.held()).toEqual([]))
  })
})

/** From now on what is written finds the disk full. */
const fullDisk = async () => {
  const { open } = await import('node:fs/promises')
  const handle = await open('/dev/null')
  const full = Object.assign(new Error('no space left'), { code: 'ENOSPC' })
  const prototype: Pick<typeof handle, 'writeFile'> = Object.getPrototypeOf(handle)
  await handle.close()
  return vi.spyOn(prototype, 'writeFile').mockRejectedValue(full)
}

describe('the limits', () => {
  test('the least recently used answers go first', async () => {
    let now = 1_000_000
    const cache = stage.cache({ limit: 100_000, clock: () => now })
    for (const request of ['aa', 'bb', 'cc']) {
      await new Collected().ask(cache, making(randomBytes(20_000)), keyOf(request))
      now += 10_000
    }
    await new Collected().ask(cache, neverAsked, keyOf('aa'))
    await settled()
    const slow = new StepwiseMaking()
    const served = new Collected().ask(cache, slow.make, keyOf('dd'))
    await slow.write(randomBytes(40_000))
    slow.finish()
    await served
    expect(await stage.names()).not.toContain('7/01/bb')
    expect(await stage.names()).toEqual(expect.arrayContaining(['7/01/aa', '7/01/dd']))
    expect(cache.stats().evictions).toBeGreaterThan(0)
  })

  test('an answer that nobody asked for goes with time', async () => {
    let now = Date.now()
    const cache = stage.cache({ limit: 100_000, age: 60_000, clock: () => now })
    await new Collected().ask(cache, making('old'), keyOf('aa'))
    await settled()
    now += 61_000
    await new Collected().ask(cache, making(randomBytes(10_000)), keyOf('bb'))
    await vi.waitFor(async () => expect(await stage.names()).toEqual(['7/01/bb']))
  })

  test('an answer larger than the cache ends, and the next one goes by itself', async () => {
    const cache = stage.cache({ limit: 100_000 })
    const slow = new StepwiseMaking()
    const client = new Collected()
    const served = client.ask(cache, slow.make)
    await slow.write(randomBytes(50_000))
    await vi.waitFor(() => expect(client.bytes.length).toBe(50_000))
    await slow.write(randomBytes(60_000))
    expect(await served).toMatchObject({ kind: 'cut' })
    expect(slow.stopped).toBeInstanceOf(Error)
    expect(await new Collected().ask(cache, neverAsked)).toEqual({ kind: 'direct', because: 'too-large' })
  })

  test('an answer that is known to be larger goes by itself before a byte of it was made, and may fit later', async () => {
    const cache = stage.cache({ limit: 100_000 })
    const asking =
      (length: number): Make =>
      async (file) => {
        if (!(await file.hasRoomFor(length))) return { kind: 'no-room' }
        writeSync(file.descriptor, Buffer.alloc(length))
        return { kind: 'whole', keep: true }
      }
    const client = new Collected()
    expect(await client.ask(cache, asking(200_000))).toEqual({ kind: 'direct', because: 'too-large' })
    expect(client.lengths).toEqual([])
    expect(await new Collected().ask(cache, asking(80_000))).toEqual({ kind: 'whole', bytes: 80_000 })
  })

  test('what is too large stays so when the repository changes', async () => {
    const cache = stage.cache({ limit: 100_000 })
    const slow = new StepwiseMaking()
    const served = new Collected().ask(cache, slow.make)
    await slow.write(randomBytes(120_000))
    expect((await served).kind).toMatch(/cut|direct/)
    expect(await new Collected().ask(cache, neverAsked, keyOf('aa', '02'))).toEqual({ kind: 'direct', because: 'too-large' })
  })

  test('where two want more than there is, the older one waits for the younger one to fail', async () => {
    const cache = stage.cache({ limit: 64_000 })
    const [older, younger] = [new StepwiseMaking(), new StepwiseMaking()]
    const first = new Collected().ask(cache, older.make, keyOf('aa'))
    await older.write(randomBytes(30_000))
    const late = new Collected()
    const second = late.ask(cache, younger.make, keyOf('bb'))
    await younger.write(randomBytes(25_000))
    await vi.waitFor(() => expect(late.bytes.length).toBe(25_000))
    const waiting = older.write(randomBytes(10_000))
    await younger.write(randomBytes(10_000))
    await waiting
    older.finish()
    expect(await first).toEqual({ kind: 'whole', bytes: 40_000 })
    expect(await second).toMatchObject({ kind: 'cut', reason: 'the fetch cache gave up: too-large' })
  })

  test('several makings together stay within the limit, in several processes too', async () => {
    const caches = [stage.cache({ limit: 200_000 }), stage.cache({ limit: 200_000 })]
    const makings = ['aa', 'bb', 'cc', 'dd', 'ee', 'ff'].map((request) => ({ request, slow: new StepwiseMaking() }))
    const served = makings.map(({ request, slow }, index) => {
      const cache = caches[index % 2]
      if (cache === undefined) throw new Error('no cache')
      return new Collected().ask(cache, slow.make, keyOf(request))
    })
    let most = 0
    for (let round = 0; round < 10; round += 1) {
      await Promise.all(makings.map(({ slow }) => slow.writeWithRoom(randomBytes(8_000))))
      most = Math.max(most, await sizeOf(join(stage.directory, 'open')))
    }
    for (const { slow } of makings) slow.finish()
    const kinds = (await Promise.all(served)).map(({ kind }) => kind)
    expect(most).toBeLessThanOrEqual(200_000)
    expect(kinds).toContain('whole')
    expect(kinds.some((kind) => kind === 'cut' || kind === 'direct')).toBe(true)
  })
})

const sizeOf = async (folder: string): Promise<number> => {
  const sizes = readdirSync(folder).map(async (name) => (await stat(join(folder, name)).catch(() => undefined))?.size ?? 0)
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0)
}

/** Small answers stay open for two seconds, and count as in use as long. */
const settled = () => vi.waitFor(async () => expect(await stage.held()).toEqual([]), { timeout: 5_000, interval: 50 })

describe('the end', () => {
  test('ends makings and lets go of every file', async () => {
    const before = readdirSync('/proc/self/fd').length
    const cache = stage.cache()
    const slow = new StepwiseMaking()
    const clients = [new Collected(), new Collected()]
    const served = clients.map((client) => client.ask(cache, slow.make))
    await slow.write('half')
    await new Collected().ask(cache, making('whole'), keyOf('bb'))
    await cache.close()
    expect(slow.stopped).toBeInstanceOf(Error)
    for (const end of await Promise.all(served)) expect(['cut', 'direct']).toContain(end.kind)
    expect(await stage.held()).toEqual([])
    expect(await new Collected().ask(cache, neverAsked)).toEqual({ kind: 'direct', because: 'closed' })
    await vi.waitFor(() => expect(readdirSync('/proc/self/fd').length).toBeLessThanOrEqual(before))
  })

  test('a client that is gone already starts nothing', async () => {
    const client = new Collected()
    client.leave()
    expect(await client.ask(stage.cache(), neverAsked)).toEqual({ kind: 'aborted', bytes: 0 })
  })

  test('a folder whose rights were lost is a failure of the disk', async () => {
    await mkdir(stage.directory, { recursive: true })
    await chmod(stage.directory, 0o700)
    await writeFile(join(stage.directory, '7'), 'no folder')
    expect(await new Collected().ask(stage.cache(), neverAsked)).toEqual({ kind: 'direct', because: 'disk' })
  })
})
