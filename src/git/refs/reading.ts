import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause, setImmediate as turn } from 'node:timers/promises'
import { hiddenRefs } from '../invocation.ts'
import { unlessMissing } from '../system-errors.ts'
import { type LooseRefs, type LooseValue, parseLooseRef, placeOf, readLooseRefs, StrangeRef } from './loose-refs.ts'
import { parsePackedRefs } from './read-packed.ts'
import { isSame, isYoung, type Stamp, stampOf } from './stamps.ts'
import type { StoredRef } from './stored-ref.ts'

/** A file or folder, and how it was when it was read. */
interface Stamped {
  readonly place: Buffer
  readonly stamp: Stamp | undefined
}

/** What the files of a repository say about its refs, and by which stamps that holds. */
export interface Reading {
  readonly head: LooseValue
  readonly packed: readonly StoredRef[]
  readonly loose: LooseRefs
  /** Of the files that stand beside the folder `refs`. */
  readonly beside: ReadonlyMap<string, Stamp | undefined>
  /** All stamps again, with the places that have them. */
  readonly stamps: readonly Stamped[]
  /** False where a change in the same moment could have left the same stamps: then it is good for one answer only. */
  readonly isLasting: boolean
}

/**
 * `config` could name another format of refs or ids; `shallow` adds lines to an advertisement. Both are left to git, and
 * are watched because they could come.
 */
const besideRefs = ['HEAD', 'packed-refs', 'config', 'shallow'] as const

/** An extension that changes how refs or ids are stored (git's `repository-version`). */
const otherFormat = /^\s*(?:objectformat|refstorage|partialclone|worktreeconfig)\s*=/im

const hidden: ReadonlySet<string> = new Set(hiddenRefs)

/**
 * Some 130,000 refs in bytes. A list of more takes so long to be put together that others would wait for it: it is left to
 * git, in a process of its own.
 */
export const longestPackedRefs = 8 * 2 ** 20

/** So many times a repository is read again that changes while it is read. */
const mostTries = 6

/** So many stamps are looked at in one go before others get their turn. */
const atOnce = 256

const textOf = (directory: string, name: string): string | undefined =>
  unlessMissing(() => readFileSync(join(directory, name), 'latin1'))

const stampsBeside = (directory: string): Map<string, Stamp | undefined> =>
  new Map(besideRefs.map((name) => [name, stampOf(join(directory, name))]))

const isOfOtherFormat = (directory: string, beside: ReadonlyMap<string, Stamp | undefined>): boolean =>
  beside.get('shallow') !== undefined || otherFormat.test(textOf(directory, 'config') ?? '')

const packedRefs = async (
  directory: string,
  stamp: Stamp | undefined,
  known: Reading | undefined,
): Promise<readonly StoredRef[] | undefined> =>
  known !== undefined && isSame(known.beside.get('packed-refs'), stamp)
    ? known.packed
    : parsePackedRefs(textOf(directory, 'packed-refs') ?? '')

/** Loose refs come first: one that is packed meanwhile is then found among the packed ones. */
const readOnce = async (directory: string, known: Reading | undefined): Promise<Omit<Reading, 'isLasting'> | undefined> => {
  const loose = await readLooseRefs(directory, hidden, known?.loose)
  const beside = stampsBeside(directory)
  const head = parseLooseRef(textOf(directory, 'HEAD') ?? '')
  const isTooLong = (beside.get('packed-refs')?.size ?? 0) > longestPackedRefs
  if (head === undefined || isTooLong || isOfOtherFormat(directory, beside)) return undefined
  const packed = await packedRefs(directory, beside.get('packed-refs'), known)
  return packed && { head, packed, loose, beside, stamps: stampsOf(directory, { loose, beside }) }
}

const stampsOf = (directory: string, { loose, beside }: Pick<Reading, 'loose' | 'beside'>): Stamped[] => {
  const stamped = ([name, stamp]: readonly [string, Stamp | undefined]): Stamped => ({ place: placeOf(directory, name), stamp })
  const files = [...loose.files].map(([name, { stamp }]) => [name, stamp] as const)
  return [...beside, ...loose.folders, ...files].map(stamped)
}

const isUnchanged = ({ place, stamp }: Stamped): boolean => isSame(stamp, stampOf(place))

const areUnchangedInTurns = async (stamps: readonly Stamped[]): Promise<boolean> => {
  for (let at = 0; at < stamps.length; at += atOnce) {
    if (at > 0) await turn()
    if (!stamps.slice(at, at + atOnce).every(isUnchanged)) return false
  }
  return true
}

/** Whether everything still is as it was read. In step where that is quick, since a turn of the loop costs more. */
export const stillHolds = ({ stamps }: Pick<Reading, 'stamps'>): boolean | Promise<boolean> =>
  stamps.length <= atOnce ? stamps.every(isUnchanged) : areUnchangedInTurns(stamps)

/**
 * Reads a repository until what it read stood there all at once, which a second look at every stamp shows. Where it never
 * comes to rest, the last reading is what git, too, would have seen.
 * @returns undefined where the files are not those that git 2.39 writes for a plain repository: then git is to be asked
 */
export const readRepository = async (directory: string, known: Reading | undefined): Promise<Reading | undefined> => {
  try {
    for (let tries = 1; ; tries += 1) {
      const begun = Date.now()
      const read = await readOnce(directory, known)
      if (read === undefined) return undefined
      const holds = await stillHolds(read)
      if (holds || tries === mostTries)
        return { ...read, isLasting: holds && !read.stamps.some(({ stamp }) => isYoung(stamp, begun)) }
      await pause(tries)
    }
  } catch (fault) {
    if (fault instanceof StrangeRef) return undefined
    throw fault
  }
}
