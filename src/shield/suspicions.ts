import { setImmediate as turn } from 'node:timers/promises'
import type { Reader } from '../store/routes.ts'
import type { Digest } from '../tokens/digest.ts'
import type { Finding, Place } from './findings.ts'
import type { LiveToken } from './live-token.ts'
import { liveAmong } from './live-tokens.ts'
import type { Candidate } from './scan.ts'

/** Candidates that are looked up together. */
const batch = 500

/** Digests that are kept for being no secret's; beyond that they are asked about again. */
const mostKnown = 200_000

/** Findings that are kept: far more than there are tokens in any repository. */
const mostFindings = 100_000

interface Suspicion {
  readonly candidate: Candidate
  readonly place: Place
}

/** Turns texts that look like secrets into findings, by asking the store for many of them at once. */
export class Suspicions {
  readonly #reader: Reader
  readonly #now: number
  readonly #waiting: Suspicion[] = []
  readonly #innocent = new Set<Digest>()
  readonly #live = new Map<Digest, LiveToken>()
  readonly #findings: Finding[] = []

  constructor(reader: Reader, now: number) {
    this.#reader = reader
    this.#now = now
  }

  /** Whether it is time for `settle`. */
  get isFull(): boolean {
    return this.#waiting.length >= batch
  }

  add(candidate: Candidate, place: Place): void {
    if (this.#innocent.has(candidate.digest)) return
    const token = this.#live.get(candidate.digest)
    if (token === undefined) this.#waiting.push({ candidate, place })
    else this.#keep({ token, place })
  }

  /** There is more than can be looked up. */
  giveUp(place: Place): void {
    this.#keep({ token: undefined, place })
  }

  /** Asks the store about all that wait. Others have their turn in between: the database answers in step. */
  async settle(): Promise<void> {
    while (this.#waiting.length > 0) {
      const due = this.#waiting.splice(0, batch)
      for (const form of ['marked', 'bare'] as const) await this.#ask(due, form)
      this.#sort(due)
      await turn()
    }
  }

  async findings(): Promise<readonly Finding[]> {
    await this.settle()
    return this.#findings
  }

  async #ask(due: readonly Suspicion[], form: Candidate['form']): Promise<void> {
    const digests = new Set(due.flatMap(({ candidate }) => (candidate.form === form ? [candidate.digest] : [])))
    for (const token of await liveAmong(this.#reader, form, [...digests], this.#now)) this.#live.set(token.digest, token)
  }

  #sort(due: readonly Suspicion[]): void {
    if (this.#innocent.size > mostKnown) this.#innocent.clear()
    for (const { candidate, place } of due) {
      const token = this.#live.get(candidate.digest)
      if (token === undefined) this.#innocent.add(candidate.digest)
      else this.#keep({ token, place })
    }
  }

  #keep(finding: Finding): void {
    if (this.#findings.length < mostFindings) this.#findings.push(finding)
  }
}
