import { readdir, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { Clock } from '../../core/clock.ts'
import type { Logger } from '../../log.ts'
import { unlessAbsent } from '../system-errors.ts'
import type { Answer } from './answer.ts'
import { claim, leadsTo, letGo } from './claim.ts'
import { type Followed, openAnswer } from './following.ts'
import { type Layout, partOf } from './layout.ts'
import { type Make, Making } from './making.ts'
import type { Room } from './room.ts'

/** How somebody came to an answer: it was there, it was being made, or this one began the making. */
export type Role = 'hit' | 'follow' | 'make'

/** An answer that is open in this process, with the number of its readers here. */
export interface Entry {
  readonly name: string
  readonly answer: Answer
  /** Stops watching, where another process makes it. */
  readonly stop: () => void
  /** While this process makes it. */
  making: Making | undefined
  /** Whether it is known to stay when nobody reads it. */
  isKept: boolean
  readers: number
  isClosed: boolean
  touchedAt: number
  linger: NodeJS.Timeout | undefined
}

export interface EntryParts {
  readonly layout: Layout
  readonly room: Room
  readonly clock: Clock
  readonly log: Logger
}

/** Small answers stay open this long for the next one who asks, in milliseconds. */
const lingerTime = 2_000
const lingerSize = 2 ** 20
const mostLingering = 64

/** The last use is written down this often at most, in milliseconds. */
const touchInterval = 5_000

/** Two processes may be in each other's way while an answer begins and ends; never this often. */
const mostTries = 50

/** The answers that are open in this process: each one once, however many read it. */
export class Entries {
  readonly #parts: EntryParts
  readonly #open = new Map<string, Promise<Entry>>()
  readonly #all = new Set<Entry>()
  readonly #lingering = new Set<Entry>()
  #isClosing = false

  constructor(parts: EntryParts) {
    this.#parts = parts
  }

  /** Joins the answer of this name, or begins to make it. Rejects where the disk does not let us. */
  async enter(name: string, make: Make): Promise<{ readonly entry: Entry; readonly role: Role }> {
    for (let tries = 0; tries < mostTries; tries += 1) {
      const known = this.#open.get(name)
      if (known === undefined) return this.#enterNew(name, make)
      const entry = await known
      if (await this.#join(entry)) return { entry, role: entry.answer.end === undefined ? 'follow' : 'hit' }
      if (this.#open.get(name) === known) this.#open.delete(name)
    }
    throw new Error('an answer in the fetch cache does not come to rest')
  }

  leave(entry: Entry): void {
    entry.readers -= 1
    this.#settle(entry)
  }

  /** Nobody joins the answers of this folder any more; who reads one reads on. */
  forget(folder: string): void {
    for (const name of this.#open.keys()) if (name.startsWith(join(folder, '/'))) this.#open.delete(name)
  }

  /** Ends what is made, and closes everything. */
  async close(): Promise<void> {
    this.#isClosing = true
    const makings = [...this.#all].flatMap(({ making }) => making ?? [])
    await Promise.all(makings.map(async (making) => making.abandon().then(() => making.over)))
    await Promise.all([...this.#all].map((entry) => this.#close(entry)))
  }

  async #enterNew(name: string, make: Make): Promise<{ readonly entry: Entry; readonly role: Role }> {
    const opening = this.#find(name, make)
    const opened = opening.then(({ entry }) => entry)
    this.#open.set(name, opened)
    // Whoever waits for it is told as well; nobody may wait.
    opened.catch(() => this.#open.get(name) === opened && this.#open.delete(name))
    return opening
  }

  async #join(entry: Entry): Promise<boolean> {
    if (entry.isClosed) return false
    entry.readers += 1
    this.#lingering.delete(entry)
    clearTimeout(entry.linger)
    let isJoined = false
    try {
      isJoined = await isCurrent(entry)
      if (isJoined) await this.#touch(entry)
      return isJoined
    } finally {
      if (!isJoined) this.leave(entry)
    }
  }

  async #find(name: string, make: Make): Promise<{ readonly entry: Entry; readonly role: Role }> {
    for (let tries = 0; tries < mostTries; tries += 1) {
      const followed = await openAnswer(this.#parts.layout, name)
      if (followed !== undefined) {
        const entry = this.#add(name, followed)
        await this.#touch(entry)
        return { entry, role: entry.answer.end === undefined ? 'follow' : 'hit' }
      }
      const own = await this.#claim(name)
      if (own !== undefined) return { entry: this.#begin(name, own, make), role: 'make' }
    }
    throw new Error('a place in the fetch cache does not come to rest')
  }

  async #claim(name: string): Promise<Answer | undefined> {
    const { layout, room, log } = this.#parts
    await layout.prepare()
    if (await layout.prepareFolder(name)) {
      removeOtherStates(name).catch((fault: unknown) => log.warn({ err: fault }, 'old answers could not be removed'))
    }
    return claim(layout, name, room.firstStep)
  }

  #begin(name: string, answer: Answer, make: Make): Entry {
    const entry = this.#add(name, { answer, isKept: false, stop: () => {} })
    const making = new Making(answer, name, make, () => entry.readers > 0, this.#parts)
    entry.making = making
    void making.over.then(async () => {
      await this.#touch(entry)
      entry.isKept = making.isKept
      entry.making = undefined
      this.#settle(entry)
    })
    this.#parts.room.makeSoon()
    return entry
  }

  /** The one who found it is its first reader. */
  #add(name: string, { answer, isKept, stop }: Followed): Entry {
    const entry: Entry = {
      name,
      answer,
      stop,
      making: undefined,
      isKept,
      readers: 1,
      isClosed: false,
      touchedAt: 0,
      linger: undefined,
    }
    this.#all.add(entry)
    return entry
  }

  #settle(entry: Entry): void {
    if (entry.readers > 0 || entry.isClosed) return
    entry.answer.pieces.clear()
    if (entry.making !== undefined) void entry.making.endUnread().catch((fault: unknown) => this.#complain(fault))
    else if (this.#mayLinger(entry)) this.#lingerOn(entry)
    else void this.#close(entry)
  }

  #mayLinger({ answer, isKept }: Entry): boolean {
    return !this.#isClosing && isKept && answer.size <= lingerSize && this.#lingering.size < mostLingering
  }

  #lingerOn(entry: Entry): void {
    this.#lingering.add(entry)
    entry.linger = setTimeout(() => void this.#close(entry), lingerTime).unref()
  }

  async #close(entry: Entry): Promise<void> {
    if (entry.isClosed) return
    entry.isClosed = true
    this.#all.delete(entry)
    this.#lingering.delete(entry)
    clearTimeout(entry.linger)
    entry.stop()
    const known = this.#open.get(entry.name)
    const current = await known?.catch(() => undefined)
    if (current === entry && this.#open.get(entry.name) === known) this.#open.delete(entry.name)
    await letGo(entry.answer).catch((fault: unknown) => this.#complain(fault))
  }

  /** The time of a file is the last use of its answer. */
  async #touch(entry: Entry): Promise<void> {
    const now = this.#parts.clock()
    if (entry.answer.end?.kind !== 'whole' || now - entry.touchedAt < touchInterval) return
    entry.touchedAt = now
    const used = new Date(now)
    await entry.answer.handle.utimes(used, used).catch((fault: unknown) => this.#complain(fault))
  }

  #complain(fault: unknown): void {
    this.#parts.log.warn({ err: fault }, 'the fetch cache could not put something away')
  }
}

/** An answer that was removed meanwhile, or failed, is joined by nobody new. */
const isCurrent = async ({ name, answer }: Entry): Promise<boolean> => {
  if (answer.end !== undefined && answer.end.kind !== 'whole') return false
  return (answer.end === undefined && (await leadsTo(partOf(name), answer))) || leadsTo(name, answer)
}

/** The answers to a repository's earlier states are never asked for again. */
const removeOtherStates = async (name: string): Promise<void> => {
  const own = dirname(name)
  const repository = dirname(own)
  for (const state of (await unlessAbsent(readdir(repository))) ?? []) {
    if (state !== basename(own)) await rm(join(repository, state), { recursive: true, force: true })
  }
}
