import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause, setImmediate as turn } from 'node:timers/promises'
import { hiddenRefs } from '../invocation.ts'
import { type LooseRefs, type LooseValue, parseLooseRef, placeOf, readLooseRefs, StrangeRef } from './loose-refs.ts'
import { unlessMissing } from './missing.ts'
import { parsePackedRefs } from './read-packed.ts'
import { isSame, isYoung, type Stamp, stampOf } from './stamps.ts'
import type { StoredRef } from './stored-ref.ts'

/** What the files of a repository say about its refs, and by which stamps that holds. */
export interface Reading {
  readonly head: LooseValue
  readonly packed: readonly StoredRef[]
  readonly loose: LooseRefs
  /** Of the files that stand beside the folder `refs`. */
  readonly beside: ReadonlyMap<string, Stamp | undefined>
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

/** Some 400,000 refs in bytes: more would not be kept, and reading them anew each time is better done by git. */
const longestPackedRefs = 32 * 2 ** 20

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

const packedRefs = (directory: string, stamp: Stamp | undefined, known: Reading | undefined): readonly StoredRef[] | undefined =>
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
  const packed = packedRefs(directory, beside.get('packed-refs'), known)
  return packed && { head, packed, loose, beside }
}

type Stamped = Pick<Reading, 'loose' | 'beside'>

function* stampsOf(directory: string, { loose, beside }: Stamped): Generator<readonly [place: Buffer, stamp: Stamp | undefined]> {
  for (const [name, stamp] of beside) yield [placeOf(directory, name), stamp]
  for (const [name, stamp] of loose.folders) yield [placeOf(directory, name), stamp]
  for (const [name, { stamp }] of loose.files) yield [placeOf(directory, name), stamp]
}

const isFew = ({ loose }: Stamped): boolean => loose.files.size + loose.folders.size <= atOnce

const areTheSame = (stamps: Iterable<readonly [Buffer, Stamp | undefined]>): boolean => {
  for (const [place, stamp] of stamps) if (!isSame(stamp, stampOf(place))) return false
  return true
}

const areTheSameInTurns = async (stamps: Iterable<readonly [Buffer, Stamp | undefined]>): Promise<boolean> => {
  let looked = 0
  for (const [place, stamp] of stamps) {
    if (!isSame(stamp, stampOf(place))) return false
    looked += 1
    if (looked % atOnce === 0) await turn()
  }
  return true
}

/** Whether everything still is as it was read. In step where that is quick, since a turn of the loop costs more. */
export const stillHolds = (directory: string, reading: Stamped): boolean | Promise<boolean> => {
  const stamps = stampsOf(directory, reading)
  return isFew(reading) ? areTheSame(stamps) : areTheSameInTurns(stamps)
}

const isYoungIn = (directory: string, reading: Stamped, now: number): boolean => {
  for (const [, stamp] of stampsOf(directory, reading)) if (isYoung(stamp, now)) return true
  return false
}

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
      const holds = await stillHolds(directory, read)
      if (holds || tries === mostTries) return { ...read, isLasting: holds && !isYoungIn(directory, read, begun) }
      await pause(tries)
    }
  } catch (fault) {
    if (fault instanceof StrangeRef) return undefined
    throw fault
  }
}
