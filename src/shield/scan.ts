import { type Digest, digestOfBytes, digestOfText } from '../tokens/digest.ts'
import { bareLength, bareWords } from './bare-words.ts'
import { longRuns, type Run } from './long-runs.ts'
import type { Mark } from './marks.ts'
import { NeedleSearch } from './needle-search.ts'
import { needlesFor } from './needles.ts'
import { longestText, secretsAt } from './token-texts.ts'

/** A text that has the form of a secret of ours. Whether it is one, only the store knows. */
export interface Candidate {
  readonly digest: Digest
  /** Tokens of OAuth are 64 hexadecimal characters and nothing else. */
  readonly form: 'marked' | 'bare'
  /** Where it stands, in bytes. */
  readonly at: number
}

/** How a piece is searched. */
export interface Search {
  /**
   * Whether a word of OAuth's form is to be told, by its digest; undefined where none is. A digest for each takes time, and
   * sums of files look the same.
   */
  readonly isBare: ((digest: Digest) => boolean) | undefined
  /** Characters before the first that begins a group of base64: 0, but where the piece begins inside of a run. */
  readonly skip: number
  readonly found: (candidate: Candidate) => void
}

export interface Searched {
  /** False where it was given up, since somebody filled this with beginnings of secrets. */
  readonly isWhole: boolean
  /** Where a group of base64 begins of a run that goes on behind this piece. */
  readonly openRun: number | undefined
}

/** Base64 inside base64; what is wrapped once more was hidden on purpose. */
const deepest = 2

/** Beginnings of secrets in a piece of a MiB that are looked at: no file for people has one in every two hundred bytes. */
const mostMarks = 5_000

/** Looks for secrets in bytes, as they are and in base64. Finds forms, not secrets. */
export class SecretScan {
  readonly #search: NeedleSearch
  #marksLeft = 0
  /** What base64 is undone into, at each depth. */
  readonly #rooms: Buffer[] = []

  constructor(marks: readonly Mark[]) {
    this.#search = new NeedleSearch(needlesFor(marks))
  }

  /** Looks through at most a MiB or so. */
  scan(bytes: Buffer, search: Search): Searched {
    this.#marksLeft = mostMarks
    const last = this.#scan(bytes, search, 0)
    const isOpen = last !== undefined && last.to === bytes.length && !last.isHexadecimal
    return { isWhole: this.#marksLeft > 0, openRun: isOpen ? last.from + skipped(last, search) : undefined }
  }

  #scan(bytes: Buffer, search: Search, depth: number): Run | undefined {
    this.#search.find(bytes, (needle, at) => {
      for (const secret of secretsAt(bytes.toString('latin1', at, at + longestText), needle)) {
        search.found({ digest: digestOfText(secret), form: 'marked', at })
      }
      this.#marksLeft -= 1
      return this.#marksLeft > 0
    })
    this.#findBare(bytes, search)
    return depth === deepest ? undefined : this.#scanRuns(bytes, search, depth)
  }

  #findBare(bytes: Buffer, { isBare, found }: Search): void {
    if (isBare === undefined) return
    for (const at of bareWords(bytes)) {
      const digest = digestOfBytes(bytes.subarray(at, at + bareLength))
      if (isBare(digest)) found({ digest, form: 'bare', at })
    }
  }

  /** @returns the last one */
  #scanRuns(bytes: Buffer, search: Search, depth: number): Run | undefined {
    let last: Run | undefined
    for (const run of longRuns(bytes)) {
      last = run
      if (run.isHexadecimal) continue
      const start = run.from + skipped(run, search)
      const inner = this.#undo(bytes, start, run.to, depth)
      const scale = (run.to - start) / inner.length
      const found = (candidate: Candidate) => search.found({ ...candidate, at: start + Math.floor(candidate.at * scale) })
      this.#scan(inner, { isBare: search.isBare, skip: 0, found }, depth + 1)
    }
    return last
  }

  /** Bytes that hold until the next base64 of this depth. Line ends are left out. */
  #undo(bytes: Buffer, from: number, to: number, depth: number): Buffer {
    let room = this.#rooms[depth]
    if (room === undefined || room.length < to - from) {
      room = Buffer.allocUnsafe(to - from)
      this.#rooms[depth] = room
    }
    return room.subarray(0, room.write(bytes.toString('latin1', from, to), 'base64'))
  }
}

const skipped = ({ from }: Run, { skip }: Search): number => (from === 0 ? skip : 0)
