import type { Ending } from '../engine.ts'
import type { Answer } from './answer.ts'
import type { End } from './ending.ts'
import type { Entries, Entry, Role } from './entries.ts'
import type { Make } from './making.ts'
import type { Reader } from './reader.ts'
import { beginsAlike } from './same-beginning.ts'

/** Why an answer has to be made without the cache. */
export type DirectReason = 'too-large' | 'disk' | 'unsettled' | 'closed'

/** How one request was served. */
export type Served =
  | { readonly kind: 'whole'; readonly bytes: number }
  /** Git failed. All that it said until then was handed on. */
  | { readonly kind: 'failed'; readonly ending: Ending; readonly bytes: number }
  /** The answer broke off behind its beginning, and must not look complete. */
  | { readonly kind: 'cut'; readonly reason: string; readonly bytes: number }
  /** The signal aborted, or the output was closed. */
  | { readonly kind: 'aborted'; readonly bytes: number }
  /** Nothing was handed on: make the answer without the cache. */
  | { readonly kind: 'direct'; readonly because: DirectReason }

/** What a cache knows and does about one request beyond its answer. */
export interface ServingParts {
  readonly entries: Entries
  readonly name: string
  readonly make: Make
  readonly reader: Reader
  /** Why this request is not for the cache now. */
  readonly directBecause: () => DirectReason | undefined
  readonly onEntered: (role: Role) => void
  readonly onTooLarge: () => void
  readonly onDiskFault: (fault: unknown) => void
}

/** A reader whose answer is lost goes on with the next one this often. */
const mostAnswers = 5

/** One request, over as many answers as it takes: a maker that dies is followed by another one. */
export class Serving {
  readonly #parts: ServingParts
  /** The answer that was handed on until now, though it was lost. */
  #earlier: Entry | undefined

  constructor(parts: ServingParts) {
    this.#parts = parts
  }

  async run(): Promise<Served> {
    try {
      for (let answers = 0; answers < mostAnswers; answers += 1) {
        const served = this.#refusal() ?? (await this.#serveOnce())
        if (served !== 'again') return served
      }
      return this.#giveUp('unsettled')
    } finally {
      this.#replaceEarlier(undefined)
    }
  }

  get #bytes(): number {
    return this.#parts.reader.offset
  }

  #refusal(): Served | undefined {
    if (this.#parts.reader.isGone) return this.#aborted()
    const because = this.#parts.directBecause()
    return because === undefined ? undefined : this.#giveUp(because)
  }

  async #serveOnce(): Promise<Served | 'again'> {
    const { entries, name, make, onEntered, onDiskFault } = this.#parts
    try {
      const { entry, role } = await entries.enter(name, make)
      onEntered(role)
      return await this.#serveFrom(entry, role)
    } catch (fault) {
      if (fault instanceof MakingFault) throw fault.cause
      onDiskFault(fault)
      return this.#giveUp('disk')
    }
  }

  async #serveFrom(entry: Entry, role: Role): Promise<Served | 'again'> {
    const { reader, entries } = this.#parts
    let isKept = false
    try {
      if (!(await this.#continues(entry))) return this.#discontinued(entry)
      const end = await reader.follow(entry.answer)
      if (end === undefined) return this.#aborted()
      const served = this.#servedBy(entry.answer, end, role)
      isKept = served === 'again'
      if (isKept) this.#replaceEarlier(entry)
      return served
    } finally {
      if (!isKept) entries.leave(entry)
    }
  }

  /** Whether what was handed on until now is the beginning of this answer too. */
  async #continues({ answer }: Entry): Promise<boolean> {
    if (this.#earlier === undefined || this.#bytes === 0) return true
    return (await beginsAlike(this.#parts.reader, this.#earlier.answer, answer)) === true
  }

  #discontinued({ answer }: Entry): Served | 'again' {
    if (this.#parts.reader.isGone) return this.#aborted()
    const kind = answer.end?.kind
    return kind === 'lost' || kind === 'abandoned' ? 'again' : this.#cut('another answer was made of the same request')
  }

  #servedBy({ size }: Answer, end: End, role: Role): Served | 'again' {
    const bytes = this.#bytes
    switch (end.kind) {
      case 'whole':
        return { kind: 'whole', bytes }
      case 'failed':
        // That there was no place for git concerns who asked for one.
        return end.ending.kind === 'busy' && bytes === 0 && role !== 'make' ? 'again' : { ...end, bytes }
      case 'lost':
      case 'abandoned':
        return 'again'
      case 'too-large':
        // Where it was known before the first byte, it may fit another time.
        if (size > 0) this.#parts.onTooLarge()
        return this.#giveUp('too-large')
      case 'broken':
        this.#parts.onDiskFault(new Error('an answer broke off, since the disk failed'))
        return this.#giveUp('disk')
      case 'faulty':
        if (bytes === 0) throw new MakingFault(end.fault)
        return this.#cut('the answer could not be made')
    }
  }

  #giveUp(because: DirectReason): Served {
    return this.#bytes === 0 ? { kind: 'direct', because } : this.#cut(`the fetch cache gave up: ${because}`)
  }

  #cut(reason: string): Served {
    return { kind: 'cut', reason, bytes: this.#bytes }
  }

  #aborted(): Served {
    return { kind: 'aborted', bytes: this.#bytes }
  }

  #replaceEarlier(entry: Entry | undefined): void {
    if (this.#earlier !== undefined) this.#parts.entries.leave(this.#earlier)
    this.#earlier = entry
  }
}

/** A fault of whoever makes answers, and none of the disk. */
class MakingFault extends Error {
  constructor(cause: unknown) {
    super('an answer could not be made', { cause })
  }
}
