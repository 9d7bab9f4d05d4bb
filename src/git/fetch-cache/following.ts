import { type FSWatcher, fstatSync, readSync, watch } from 'node:fs'
import { link, open, unlink } from 'node:fs/promises'
import { unlessAbsent } from '../system-errors.ts'
import { Answer } from './answer.ts'
import { letGo, unlinkOwn } from './claim.ts'
import { type Header, headerLength, parseHeader } from './header.ts'
import { type Layout, partOf } from './layout.ts'
import { isAlive } from './living.ts'
import { endOrphan } from './orphans.ts'

/** How often it is asked whether the maker lives, in milliseconds. */
const vigilance = 500

/** A maker that lives shows itself every second; one that stands still for this long, in milliseconds, counts as dead. */
const longestSilence = 10_000

/** How often a growing file is looked at where the system does not tell of changes, in milliseconds. */
const pollInterval = 10

/** A header and a size that are no older than it; both come from memory. */
const look = (answer: Answer): { readonly header: Header | undefined; readonly size: number; readonly changedAt: number } => {
  const bytes = Buffer.alloc(headerLength)
  const header = parseHeader(bytes.subarray(0, readSync(answer.handle.fd, bytes, 0, headerLength, 0)))
  const { size, mtimeMs } = fstatSync(answer.handle.fd)
  return { header, size: Math.max(0, size - headerLength), changedAt: mtimeMs }
}

/** Watches how another process makes an answer: one watcher, however many read it here. */
class Watch {
  readonly #answer: Answer
  readonly #name: string
  #watcher: FSWatcher | undefined
  #poll: NodeJS.Timeout | undefined
  readonly #vigil: NodeJS.Timeout

  constructor(answer: Answer, name: string) {
    this.#answer = answer
    this.#name = name
    this.#vigil = setInterval(() => void this.#keepVigil().catch(() => this.#finish({ kind: 'broken' })), vigilance)
    this.#watch()
    this.#look()
  }

  stop(): void {
    clearInterval(this.#vigil)
    clearInterval(this.#poll)
    this.#watcher?.close()
  }

  #watch(): void {
    try {
      this.#watcher = watch(this.#answer.link, { persistent: false }, () => this.#look())
      this.#watcher.on('error', () => this.#startPolling())
    } catch {
      this.#startPolling()
    }
  }

  #startPolling(): void {
    this.#watcher?.close()
    this.#poll ??= setInterval(() => this.#answer.isAwaited && this.#look(), pollInterval)
  }

  #look(): void {
    if (this.#answer.end !== undefined) return
    try {
      const { header, size } = look(this.#answer)
      this.#answer.grew(size)
      if (header?.end !== undefined) this.#finish(header.end)
    } catch {
      this.#finish({ kind: 'broken' })
    }
  }

  async #keepVigil(): Promise<void> {
    this.#look()
    if (this.#answer.end !== undefined || isTended(this.#answer)) return
    // It may have ended well just before it died.
    this.#look()
    this.#finish({ kind: 'lost' })
    endOrphan(look(this.#answer).header)
    await unlinkOwn(partOf(this.#name), this.#answer).catch(() => {})
  }

  #finish(end: Parameters<Answer['finish']>[0]): void {
    this.stop()
    this.#answer.finish(end)
  }
}

const isTended = (answer: Answer): boolean => {
  const { header, changedAt } = look(answer)
  return header !== undefined && isAlive(header.maker) && Date.now() - changedAt < longestSilence
}

/** An answer that is there already, whole or growing. */
export interface Followed {
  readonly answer: Answer
  /** Whether those who ask later find it too. */
  readonly isKept: boolean
  readonly stop: () => void
}

/** Holds the file first, so that what is opened is what is held. */
const hold = async (layout: Layout, path: string): Promise<Answer | undefined> => {
  const held = layout.newLink('reading')
  if ((await unlessAbsent(link(path, held).then(() => true))) === undefined) return undefined
  try {
    const handle = await open(held, 'r')
    return new Answer(handle, held, (await handle.stat()).ino)
  } catch (fault) {
    await unlessAbsent(unlink(held)).catch(() => {})
    throw fault
  }
}

const asWhole = (answer: Answer, isKept: boolean): Followed | undefined => {
  const { header, size } = look(answer)
  if (header?.end?.kind !== 'whole') return undefined
  answer.grew(size)
  answer.finish(header.end)
  return { answer, isKept, stop: () => {} }
}

const giveUp = async (path: string, answer: Answer): Promise<undefined> => {
  await unlinkOwn(path, answer)
  await letGo(answer)
}

const openWhole = async (layout: Layout, name: string): Promise<Followed | undefined> => {
  const answer = await hold(layout, name)
  if (answer === undefined) return undefined
  return asWhole(answer, true) ?? giveUp(name, answer)
}

const openGrowing = async (layout: Layout, name: string): Promise<Followed | undefined> => {
  const answer = await hold(layout, partOf(name))
  if (answer === undefined) return undefined
  const whole = asWhole(answer, false)
  if (whole !== undefined) return whole
  // It failed, or its maker is dead: the name is free for the next one.
  if (look(answer).header?.end !== undefined || !isTended(answer)) {
    endOrphan(look(answer).header)
    return giveUp(partOf(name), answer)
  }
  const watching = new Watch(answer, name)
  return { answer, isKept: false, stop: () => watching.stop() }
}

/** Opens the whole answer, or else the one that another process makes; undefined where there is none. */
export const openAnswer = async (layout: Layout, name: string): Promise<Followed | undefined> =>
  (await openWhole(layout, name)) ?? (await openGrowing(layout, name))
