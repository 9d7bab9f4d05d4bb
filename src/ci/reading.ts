import { durationIn } from './duration.ts'
import type { Findings } from './invalid.ts'
import { isList, isMapping, isText, type Mapping, type Value } from './value.ts'

const aWeek = 604_800

/** Reads one mapping of the configuration and says what is wrong with it, in GitLab's words. */
export class Reading {
  readonly #mapping: Mapping
  readonly #findings: Findings
  /** `jobs:test:artifacts` */
  readonly place: string

  constructor(mapping: Mapping, place: string, findings: Findings) {
    this.#mapping = mapping
    this.place = place
    this.#findings = findings
  }

  get findings(): Findings {
    return this.#findings
  }

  has(key: string): boolean {
    return this.get(key) !== undefined
  }

  /** What stands there; nothing and null are the same. */
  get(key: string): Value | undefined {
    return this.#mapping.get(key) ?? undefined
  }

  wrong(key: string, sentence: string): undefined {
    this.#findings.error(`${this.place} ${key.replaceAll('_', ' ')} ${sentence}`)
    return undefined
  }

  /** As `wrong`, for keys that GitLab looks at as entries of their own. */
  wrongEntry(key: string, sentence: string): undefined {
    this.#findings.error(`${this.place}:${key} config ${sentence}`)
    return undefined
  }

  /** Only these keys may stand here. */
  only(keys: ReadonlySet<string>): this {
    const odd = [...this.#mapping.keys()].filter((key) => !keys.has(key))
    if (odd.length > 0) this.#findings.error(`${this.place} config contains unknown keys: ${odd.slice(0, 20).join(', ')}`)
    return this
  }

  text(key: string): string | undefined {
    const value = this.get(key)
    if (value === undefined || isText(value)) return value
    return typeof value === 'number' ? String(value) : this.wrong(key, 'should be a string')
  }

  flag(key: string): boolean | undefined {
    const value = this.get(key)
    return value === undefined || typeof value === 'boolean' ? value : this.wrong(key, 'should be a boolean value')
  }

  word<Word extends string>(key: string, words: readonly Word[]): Word | undefined {
    const value = this.get(key)
    const found = words.find((word) => word === value)
    if (value !== undefined && found === undefined) this.wrong(key, `should be one of: ${words.join(', ')}`)
    return found
  }

  texts(key: string): readonly string[] | undefined {
    const value = this.get(key)
    if (value === undefined) return undefined
    const items = isList(value) ? value.flat(10) : []
    return isList(value) && items.every(isText) ? items : this.wrongEntry(key, 'should be an array of strings')
  }

  /** A string or a list of them. */
  textOrTexts(key: string): readonly string[] | undefined {
    const value = this.get(key)
    return isText(value) ? [value] : this.texts(key)
  }

  /** Seconds. */
  duration(key: string, most: number): number | undefined {
    const value = this.get(key)
    if (value === undefined) return undefined
    const seconds = isText(value) || typeof value === 'number' ? durationIn(String(value)) : undefined
    if (seconds === undefined) return this.wrong(key, 'should be a duration')
    return seconds <= most ? seconds : this.wrong(key, 'should not exceed the limit')
  }

  /** What the word `when` says, and after how many seconds a delayed job starts. */
  start<Word extends string>(words: readonly Word[]): { readonly when: Word | undefined; readonly startIn: number | undefined } {
    const [when, startIn] = [this.word('when', words), this.duration('start_in', aWeek)]
    if (when === 'delayed' && !this.has('start_in')) this.wrong('start_in', 'should be a duration')
    if (when !== 'delayed' && this.has('start_in')) this.wrong('start_in', 'must be blank')
    return { when, startIn }
  }

  /** Lines of a script, its nested lists made one. */
  script(key: string): readonly string[] | undefined {
    const value = this.get(key)
    if (value === undefined) return undefined
    const lines = isList(value) ? value.flat(10) : [value]
    if (lines.every(isText)) return lines
    return this.wrongEntry(key, 'should be a string or a nested array of strings up to 10 levels deep')
  }

  mapping(key: string): Reading | undefined {
    const value = this.get(key)
    if (value === undefined) return undefined
    if (isMapping(value)) return new Reading(value, `${this.place}:${key}`, this.#findings)
    return this.wrongEntry(key, 'should be a hash')
  }

  /** The mappings of a list; also of nested lists, as `!reference` leaves them. */
  mappings(key: string, what: string): readonly Reading[] | undefined {
    const value = this.get(key)
    if (value === undefined) return undefined
    const items = isList(value) ? value.flat(10) : []
    if (!isList(value) || !items.every(isMapping)) return this.wrongEntry(key, 'should be an array of hashes')
    return items.map((item) => new Reading(item, `${this.place}:${key}:${what}`, this.#findings))
  }

  get keys(): readonly string[] {
    return [...this.#mapping.keys()]
  }
}
