import { fstatSync } from 'node:fs'
import { link } from 'node:fs/promises'
import { finished } from 'node:stream/promises'
import type { Logger } from '../../log.ts'
import type { Ending } from '../engine.ts'
import { codeOf } from './absent.ts'
import type { Answer } from './answer.ts'
import { leadsTo, unlinkOwn } from './claim.ts'
import { probeDisk } from './disk-probe.ts'
import type { End, StoredEnd } from './ending.ts'
import { endPatches, headerLength, type Patch } from './header.ts'
import { partOf } from './layout.ts'
import { Reservation } from './reservation.ts'
import type { Room } from './room.ts'
import { AnswerSink } from './sink.ts'

/** How the making of an answer ended. Only what is whole can be kept, and is kept only where it may be. */
export type MakingEnd = { readonly kind: 'whole'; readonly keep: boolean } | { readonly kind: 'failed'; readonly ending: Ending }

/**
 * Makes an answer, and writes all of it to `sink`, which is left open. `stop` aborts when nothing more can be taken and
 * when nobody reads any more. Resolves when the making is over, and nobody writes.
 */
export type Make = (sink: AnswerSink, stop: AbortSignal) => Promise<MakingEnd>

/** How often a maker shows that it lives and looks whether anybody reads, in milliseconds. */
const beat = 1_000

/** How often the file is looked at while a program writes it by itself, in milliseconds. Costs 2 µs. */
const lookInterval = 5

export interface MakingParts {
  readonly room: Room
  readonly log: Logger
}

/** An answer that this process makes. It goes on for as long as anybody reads it, whoever asked first. */
export class Making {
  readonly answer: Answer
  /** Resolves when nothing of it runs any more. */
  readonly over: Promise<void>
  readonly #name: string
  readonly #reservation: Reservation
  readonly #log: Logger
  readonly #stop = new AbortController()
  readonly #isRead: () => boolean
  #concluded: Promise<void> | undefined
  #isKept = false
  /** Whether we write the answer ourselves, and know how much there is. */
  #isFed = false
  #written = 0

  /** @param isRead whether anybody in this process reads it */
  constructor(answer: Answer, name: string, make: Make, isRead: () => boolean, { room, log }: MakingParts) {
    this.answer = answer
    this.#name = name
    this.#reservation = new Reservation(room, answer.inode, (patch) => this.#patch(patch))
    this.#log = log
    this.#isRead = isRead
    this.over = this.#run(make)
  }

  /** Whether it stays for those who ask later. */
  get isKept(): boolean {
    return this.#isKept
  }

  /** Ends it where nobody is left, in this process or another. */
  async endUnread(): Promise<void> {
    if (this.answer.end !== undefined || this.#isRead()) return
    const { nlink } = await this.answer.handle.stat()
    const own = (await leadsTo(partOf(this.#name), this.answer)) ? 2 : 1
    if (nlink <= own && !this.#isRead()) await this.abandon()
  }

  async abandon(): Promise<void> {
    await this.#conclude({ kind: 'abandoned' }, false)
  }

  async #run(make: Make): Promise<void> {
    const pulse = setInterval(() => void this.#beat().catch((fault: unknown) => this.#complain(fault)), beat)
    const sink = new AnswerSink(this.answer.handle.fd, (chunks) => this.#append(chunks))
    const looks = setInterval(() => this.#look() && sink.emit('growth'), lookInterval)
    try {
      const said = await make(sink, this.#stop.signal)
      sink.end()
      await finished(sink)
      await this.#settle(said)
    } catch (fault) {
      if (this.#concluded === undefined) this.#log.error({ err: fault }, 'an answer could not be made')
      await this.#conclude({ kind: 'faulty', fault }, false)
    } finally {
      sink.destroy()
      clearInterval(pulse)
      clearInterval(looks)
    }
  }

  async #settle(said: MakingEnd): Promise<void> {
    this.#look()
    if (said.kind === 'failed') await this.#fail(said)
    else await this.#conclude({ kind: 'whole' }, said.keep && (await this.#reservation.take(this.#length)))
  }

  async #fail(said: Extract<MakingEnd, { kind: 'failed' }>): Promise<void> {
    try {
      if (!this.#isFed) await probeDisk(`${this.answer.link}.probe`)
    } catch (fault) {
      return this.#break(fault)
    }
    await this.#conclude(said, false)
  }

  async #beat(): Promise<void> {
    const now = new Date()
    await this.answer.handle.utimes(now, now)
    await this.endUnread()
  }

  /** Bytes of the file. */
  get #length(): number {
    return headerLength + this.#written
  }

  /** Finds what a program wrote by itself; false where that is nothing. It does not wait for room, so that is taken before it needs it. */
  #look(): boolean {
    if (this.#isFed || this.#concluded !== undefined) return false
    const { size } = fstatSync(this.answer.handle.fd)
    if (size <= this.#length) return false
    this.#written = size - headerLength
    this.answer.grew(this.#written)
    this.#takeRoomAhead(size).catch((fault: unknown) => this.#break(fault))
    return true
  }

  async #takeRoomAhead(size: number): Promise<void> {
    if (!(await this.#reservation.takeAhead(size))) await this.#conclude({ kind: 'too-large' }, false)
  }

  async #append(chunks: readonly Buffer[]): Promise<void> {
    this.#isFed = true
    const length = chunks.reduce((sum, chunk) => sum + chunk.length, 0)
    try {
      if (!(await this.#reservation.take(this.#length + length))) {
        await this.#conclude({ kind: 'too-large' }, false)
        throw new Error('the fetch cache has no room for this answer')
      }
      await this.#writeAll(chunks, length)
    } catch (fault) {
      await this.#break(fault)
      throw fault
    }
    this.answer.grew(this.#written)
  }

  /** A disk may take a part of what it is given. */
  async #writeAll(chunks: readonly Buffer[], length: number): Promise<void> {
    const { bytesWritten } = await this.answer.handle.writev(chunks, this.#length)
    this.#written += bytesWritten
    if (bytesWritten === length) return
    if (bytesWritten === 0) throw new Error('the disk takes nothing more')
    await this.#writeAll([Buffer.concat(chunks).subarray(bytesWritten)], length - bytesWritten)
  }

  async #patch({ bytes, position }: Patch): Promise<void> {
    await this.answer.handle.write(bytes, 0, bytes.length, position)
  }

  async #break(fault: unknown): Promise<void> {
    if (this.#concluded === undefined) this.#complain(fault)
    await this.#conclude({ kind: 'broken' }, false)
  }

  #conclude(end: End, keep: boolean): Promise<void> {
    this.#concluded ??= this.#publish(end, keep)
    return this.#concluded
  }

  /** First the file says how it ended, then its names change, so that whoever finds a name finds the end too. */
  async #publish(end: End, keep: boolean): Promise<void> {
    try {
      for (const patch of endPatches(stored(end))) await this.#patch(patch)
      if (keep) await this.#keep()
      await unlinkOwn(partOf(this.#name), this.answer)
    } catch (fault) {
      this.#complain(fault)
    }
    this.answer.finish(end)
    if (end.kind !== 'whole' && end.kind !== 'failed') this.#stop.abort(new Error(reasons[end.kind]))
  }

  /** Where another was first, or the folder is gone, what we have is not needed. */
  async #keep(): Promise<void> {
    try {
      await link(this.answer.link, this.#name)
      this.#isKept = true
    } catch (fault) {
      if (codeOf(fault) !== 'EEXIST' && codeOf(fault) !== 'ENOENT') throw fault
    }
  }

  #complain(fault: unknown): void {
    this.#log.warn({ err: fault }, 'an answer in the fetch cache could not be written')
  }
}

const reasons = {
  abandoned: 'nobody reads the answer any more',
  'too-large': 'the answer is too large for the fetch cache',
  broken: 'the fetch cache could not be written',
  lost: 'the answer was lost',
  faulty: 'the answer could not be made',
} as const

const stored = (end: End): StoredEnd => (end.kind === 'faulty' || end.kind === 'lost' ? { kind: 'broken' } : end)
