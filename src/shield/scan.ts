import { type Digest, digestOfText } from '../tokens/digest.ts'
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

type Found = (candidate: Candidate) => void

/** Base64 inside base64; what is wrapped once more was hidden on purpose. */
const deepest = 2

/** No text has a base64 of these characters alone: such a run is a sum or an id. */
const hexadecimal = /^[0-9a-f]+$/

const bareToken = /(?<![0-9A-Za-z])[0-9a-f]{64}(?![0-9A-Za-z])/g

/** Beginnings of secrets in a piece of a MiB that are looked at: no file for people has one in every two hundred bytes. */
const mostMarks = 5_000

/** Looks for secrets in bytes, as they are and in base64. Finds forms, not secrets. */
export class SecretScan {
  readonly #search: NeedleSearch
  #marksLeft = 0

  constructor(marks: readonly Mark[]) {
    this.#search = new NeedleSearch(needlesFor(marks))
  }

  /**
   * Looks through at most a MiB or so. False where it was given up, since somebody filled this with beginnings of secrets.
   * @param startsAnew whether a text begins here; a piece of one may begin in the middle of its base64
   */
  scan(bytes: Buffer, startsAnew: boolean, found: Found): boolean {
    this.#marksLeft = mostMarks
    this.#scan(bytes, startsAnew, 0, found)
    return this.#marksLeft > 0
  }

  #scan(bytes: Buffer, startsAnew: boolean, depth: number, found: Found): void {
    this.#search.find(bytes, (needle, at) => {
      for (const secret of secretsAt(bytes.toString('latin1', at, at + longestText), needle)) {
        found({ digest: digestOfText(secret), form: 'marked', at })
      }
      this.#marksLeft -= 1
      return this.#marksLeft > 0
    })
    for (const run of longRuns(bytes)) this.#scanRun(bytes, run, startsAnew || run.from > 0, depth, found)
  }

  #scanRun(bytes: Buffer, { from, to }: Run, startsAnew: boolean, depth: number, found: Found): void {
    const text = bytes.toString('latin1', from, to)
    for (const match of text.matchAll(bareToken)) {
      found({ digest: digestOfText(match[0]), form: 'bare', at: from + match.index })
    }
    if (depth === deepest || hexadecimal.test(text)) return
    const joined = text.replaceAll(/\s+/g, '')
    for (const skipped of startsAnew ? [0] : [0, 1, 2, 3]) {
      const inner = Buffer.from(joined.slice(skipped), 'base64')
      const scale = (to - from) / inner.length
      this.#scan(inner, true, depth + 1, (candidate) => found({ ...candidate, at: from + Math.floor(candidate.at * scale) }))
    }
  }
}
