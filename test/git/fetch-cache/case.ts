import { writeSync } from 'node:fs'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { pino } from 'pino'
import type { ProjectId } from '../../../src/core/ids.ts'
import type { AnswerFile } from '../../../src/git/fetch-cache/answer-file.ts'
import { type FetchCache, type FetchCacheParts, makeFetchCache } from '../../../src/git/fetch-cache/fetch-cache.ts'
import type { FetchKey } from '../../../src/git/fetch-cache/layout.ts'
import type { Make } from '../../../src/git/fetch-cache/making.ts'
import type { Served } from '../../../src/git/fetch-cache/serving.ts'

export const silent = pino({ level: 'silent' })

export const keyOf = (request = 'aa', state = '01', repository = 7): FetchKey => ({
  repository: repository as ProjectId,
  state,
  request,
})

/** A cache in a folder of its own. */
export class CacheCase {
  readonly directory: string
  readonly #caches: FetchCache[] = []

  private constructor(directory: string) {
    this.directory = directory
  }

  static async begin(): Promise<CacheCase> {
    return new CacheCase(join(await mkdtemp(join(tmpdir(), 'fetch-cache-')), 'cache', 'fetch'))
  }

  cache(changes: Partial<FetchCacheParts> = {}): FetchCache {
    const cache = makeFetchCache({ directory: this.directory, limit: 2 ** 30, clock: Date.now, log: silent, ...changes })
    this.#caches.push(cache)
    return cache
  }

  /** Names below the cache's folder, without those in `open/`. */
  async names(): Promise<string[]> {
    const all = await readdir(this.directory, { recursive: true, withFileTypes: true })
    const paths = all.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name))
    return paths.map((path) => path.slice(this.directory.length + 1)).filter((path) => !path.startsWith('open/'))
  }

  async held(): Promise<string[]> {
    return readdir(join(this.directory, 'open')).catch(() => [])
  }

  async end(): Promise<void> {
    await Promise.all(this.#caches.map((cache) => cache.close()))
    await rm(join(this.directory, '..', '..'), { recursive: true, force: true })
  }
}

/** What a client was given. */
export class Collected extends Writable {
  readonly pieces: Buffer[] = []
  readonly lengths: (number | undefined)[] = []
  readonly #leaving = new AbortController()

  constructor() {
    super({ highWaterMark: 2 ** 16 })
    this.on('error', () => {})
  }

  override _write(piece: Buffer, _encoding: BufferEncoding, done: () => void): void {
    // A copy: the piece is read anew once it is taken.
    this.pieces.push(Buffer.from(piece))
    done()
  }

  get bytes(): Buffer {
    return Buffer.concat(this.pieces)
  }

  get text(): string {
    return this.bytes.toString()
  }

  get signal(): AbortSignal {
    return this.#leaving.signal
  }

  leave(): void {
    this.#leaving.abort(new Error('revoked'))
  }

  ask(cache: FetchCache, make: Make, key: FetchKey = keyOf()): Promise<Served> {
    return cache.serve(key, make, { output: this, signal: this.signal, begin: (length) => void this.lengths.push(length) })
  }
}

/** Makes a whole answer at once, and counts how often. */
export const making = (text: string | Buffer, keep = true): Make & { count: number } => {
  const make: Make & { count: number } = Object.assign(
    async ({ descriptor }: AnswerFile): ReturnType<Make> => {
      make.count += 1
      writeSync(descriptor, Buffer.from(text))
      return { kind: 'whole', keep }
    },
    { count: 0 },
  )
  return make
}

/** A making that goes on only when it is told to. */
export class StepwiseMaking {
  readonly file = Promise.withResolvers<AnswerFile>()
  readonly end = Promise.withResolvers<Awaited<ReturnType<Make>>>()
  count = 0
  stopped: unknown
  #written = 0

  readonly make: Make = (file, stop) => {
    this.count += 1
    this.file.resolve(file)
    stop.addEventListener('abort', () => {
      this.stopped = stop.reason
      this.end.resolve({ kind: 'failed', ending: { kind: 'aborted', reason: 'stopped' } })
    })
    return this.end.promise
  }

  async write(text: string | Buffer): Promise<void> {
    const { descriptor } = await this.file.promise
    this.#written += writeSync(descriptor, Buffer.from(text))
  }

  /** The same, as long as there is room. */
  async writeWithRoom(content: Buffer): Promise<void> {
    const { hasRoomFor } = await this.file.promise
    if (this.stopped !== undefined) return
    if (!(await hasRoomFor(this.#written + content.length))) this.end.resolve({ kind: 'no-room' })
    else if (this.stopped === undefined) await this.write(content)
  }

  finish(keep = true): void {
    this.end.resolve({ kind: 'whole', keep })
  }
}
