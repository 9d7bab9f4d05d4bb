import { rm } from 'node:fs/promises'
import type { Writable } from 'node:stream'
import { LRUCache } from 'lru-cache'
import type { Clock } from '../../core/clock.ts'
import type { ProjectId } from '../../core/ids.ts'
import type { Logger } from '../../log.ts'
import { Entries, type Role } from './entries.ts'
import { type FetchKey, Layout } from './layout.ts'
import type { Make } from './making.ts'
import { type Begin, Reader } from './reader.ts'
import { Room } from './room.ts'
import { type DirectReason, type Served, Serving } from './serving.ts'

/** Who is served: where to, until when. */
export interface Client {
  /**
   * Stays open. A piece that it was given belongs to it until it calls back; whoever copies later than that corrupts
   * what it sends.
   */
  readonly output: Writable
  /** Ends this client's reading, and nobody else's. */
  readonly signal: AbortSignal
  readonly begin: Begin
}

/** Counted since the start of this process. */
export interface FetchCacheStats {
  /** Requests whose answer was there. */
  readonly hits: number
  /** Requests that joined an answer that was being made. */
  readonly follows: number
  /** Answers that were begun. */
  readonly makes: number
  /** Requests that have to be served without the cache. */
  readonly directs: number
  /** Answers that broke off behind their beginning. */
  readonly cuts: number
  /** Bytes that were handed to clients. */
  readonly bytes: number
  /** Answers that were removed for their age, or for want of room. */
  readonly evictions: number
}

/**
 * Answers of git to fetches, on disk, for all processes of one server. It knows nothing of credentials: whoever calls
 * it has checked the client's, and aborts the client's signal when it ends.
 */
export interface FetchCache {
  /**
   * Serves a client from what is there, from what is being made, or begins the making. Rejects with what `make` threw,
   * while nothing was sent.
   */
  serve(key: FetchKey, make: Make, client: Client): Promise<Served>
  /** Forgets a repository's answers, in every process; who reads one reads on. */
  forget(repository: ProjectId): Promise<void>
  stats(): FetchCacheStats
  /** Ends what this process makes, and closes what it reads. */
  close(): Promise<void>
}

export interface FetchCacheParts {
  readonly directory: string
  /** Bytes on disk at most, over all processes; 0 for no cache. */
  readonly limit: number
  /** How long an answer is kept that nobody asks for, in milliseconds. */
  readonly age?: number
  readonly clock: Clock
  readonly log: Logger
}

const standardAge = 60 * 60 * 1_000
const mostAnswers = 10_000

/** How long a disk is left alone that failed, in milliseconds. */
const diskPause = 30_000

/** Requests that are remembered as too large, and how long, in milliseconds. */
const mostTooLarge = 1_000
const tooLargeFor = 60 * 60 * 1_000

class DiskCache implements FetchCache {
  readonly #parts: FetchCacheParts
  readonly #layout: Layout
  readonly #room: Room
  readonly #entries: Entries
  readonly #tooLarge = new LRUCache<string, true>({ max: mostTooLarge, ttl: tooLargeFor })
  readonly #counts = { hits: 0, follows: 0, makes: 0, directs: 0, cuts: 0, bytes: 0, evictions: 0 }
  #pausedUntil = Number.NEGATIVE_INFINITY
  #isClosed = false

  constructor(parts: FetchCacheParts) {
    const { directory, limit, age, clock, log } = parts
    this.#parts = parts
    this.#layout = new Layout(directory)
    const limits = { bytes: limit, answers: mostAnswers, age: age ?? standardAge }
    this.#room = new Room(this.#layout, limits, {
      clock,
      onEvicted: () => {
        this.#counts.evictions += 1
      },
      complain: (fault) => log.warn({ err: fault }, 'the fetch cache could not be tidied'),
    })
    this.#entries = new Entries({ layout: this.#layout, room: this.#room, clock, log })
  }

  async serve(key: FetchKey, make: Make, { output, signal, begin }: Client): Promise<Served> {
    const name = this.#layout.nameOf(key)
    // A push makes an answer no smaller.
    const wish = `${key.repository} ${key.request}`
    const reader = new Reader(output, signal, begin)
    try {
      const served = await new Serving({
        entries: this.#entries,
        name,
        make,
        reader,
        directBecause: () => this.#directBecause(wish),
        onEntered: (role) => this.#count(role),
        onTooLarge: () => this.#tooLarge.set(wish, true),
        onDiskFault: (fault) => this.#pause(fault),
      }).run()
      if (served.kind === 'direct') this.#counts.directs += 1
      if (served.kind === 'cut') this.#counts.cuts += 1
      return served
    } finally {
      this.#counts.bytes += reader.offset
      reader.close()
    }
  }

  async forget(repository: ProjectId): Promise<void> {
    const folder = this.#layout.folderOf(repository)
    this.#entries.forget(folder)
    await rm(folder, { recursive: true, force: true }).catch((fault: unknown) => {
      // They go with time; and nobody is admitted to them any more.
      this.#parts.log.warn({ err: fault }, 'the answers of a removed repository are still there')
    })
  }

  stats(): FetchCacheStats {
    return { ...this.#counts }
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await this.#entries.close()
    await this.#room.close()
  }

  #directBecause(wish: string): DirectReason | undefined {
    if (this.#isClosed) return 'closed'
    if (this.#parts.limit <= 0 || this.#tooLarge.has(wish)) return 'too-large'
    return this.#parts.clock() < this.#pausedUntil ? 'disk' : undefined
  }

  #count(role: Role): void {
    if (role === 'hit') this.#counts.hits += 1
    else if (role === 'follow') this.#counts.follows += 1
    else this.#counts.makes += 1
  }

  #pause(fault: unknown): void {
    if (this.#parts.clock() >= this.#pausedUntil)
      this.#parts.log.warn({ err: fault }, 'the fetch cache is left alone for a while')
    this.#pausedUntil = this.#parts.clock() + diskPause
  }
}

export const makeFetchCache = (parts: FetchCacheParts): FetchCache => new DiskCache(parts)
