import { fstatSync } from 'node:fs'
import { link } from 'node:fs/promises'
import type { Logger } from '../../log.ts'
import type { Ending } from '../engine.ts'
import { codeOf } from '../system-errors.ts'
import type { Answer } from './answer.ts'
import type { AnswerFile } from './answer-file.ts'
import { leadsTo, unlinkOwn } from './claim.ts'
import { probeDisk } from './disk-probe.ts'
import type { End, StoredEnd } from './ending.ts'
import { endPatches, headerLength, type Patch, writerPatch } from './header.ts'
import { partOf } from './layout.ts'
import { identityOf } from './living.ts'
import { Reservation } from './reservation.ts'
import type { Room } from './room.ts'

/** How the making of an answer ended. Only what is whole can be kept, and is kept only where it may be. */
export type MakingEnd =
  | { readonly kind: 'whole'; readonly keep: boolean }
  | { readonly kind: 'failed'; readonly ending: Ending }
  /** There is no room for it, and nothing was written. */
  | { readonly kind: 'no-room' }

/**
 * Has an answer written to the end of `file`. `stop` aborts when nothing more can be taken and when nobody reads any
 * more. Resolves when the making is over, and nobody writes.
 */
export type Make = (file: AnswerFile, stop: AbortSignal) => Promise<MakingEnd>

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
  #written = 0
  #told: () => void = () => {}

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
    const looks = setInterval(() => this.#look(), lookInterval)
    try {
      await this.#settle(await make(this.#file(), this.#stop.signal))
    } catch (fault) {
      if (this.#concluded === undefined) this.#log.error({ err: fault }, 'an answer could not be made')
      await this.#conclude({ kind: 'faulty', fault }, false)
    } finally {
      clearInterval(pulse)
      clearInterval(looks)
    }
  }

  #file(): AnswerFile {
    return {
      descriptor: this.answer.handle.fd,
      writtenBy: (pid) => this.#patch(writerPatch(identityOf(pid))),
      hasRoomFor: (length) => this.#reservation.take(headerLength + length),
      onGrowth: (told) => {
        this.#told = told
      },
    }
  }

  async #settle(said: MakingEnd): Promise<void> {
    this.#look()
    if (said.kind === 'failed') await this.#fail(said)
    else if (said.kind === 'no-room') await this.#conclude({ kind: 'too-large' }, false)
    else await this.#conclude({ kind: 'whole' }, said.keep && (await this.#reservation.take(this.#length)))
  }

  async #fail(said: Extract<MakingEnd, { kind: 'failed' }>): Promise<void> {
    try {
      await probeDisk(`${this.answer.link}.probe`)
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

  /** Finds what was written. Who writes does not wait for room, so that is taken before it is needed. */
  #look(): void {
    if (this.#concluded !== undefined) return
    try {
      const { size } = fstatSync(this.answer.handle.fd)
      if (size <= this.#length) return
      this.#written = size - headerLength
      this.answer.grew(this.#written)
      this.#told()
      this.#takeRoomAhead(size).catch((fault: unknown) => this.#break(fault))
    } catch (fault) {
      void this.#break(fault)
    }
  }

  async #takeRoomAhead(size: number): Promise<void> {
    if (!(await this.#reservation.takeAhead(size))) await this.#conclude({ kind: 'too-large' }, false)
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
