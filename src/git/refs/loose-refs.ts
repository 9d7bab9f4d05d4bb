import { type Dirent, readdirSync, readFileSync } from 'node:fs'
import { setImmediate as turn } from 'node:timers/promises'
import { isValidRefName } from '../../access/rules/ref-name.ts'
import { unlessMissing } from '../system-errors.ts'
import { isSame, type Stamp, stampOf } from './stamps.ts'

/** What a loose ref file says. */
export type LooseValue = { readonly kind: 'object'; readonly id: string } | { readonly kind: 'symbolic'; readonly name: string }

export interface LooseFile {
  readonly stamp: Stamp | undefined
  readonly value: LooseValue
}

/** All that lies below `refs/`, by full name. A folder counts too: it changes whenever a name in it comes or goes. */
export interface LooseRefs {
  readonly files: ReadonlyMap<string, LooseFile>
  readonly folders: ReadonlyMap<string, Stamp | undefined>
}

/** Something that git takes in a way of its own, such as the symbolic links of its first years: it is left to git. */
export class StrangeRef extends Error {}

const objectLine = /^([0-9a-f]{40})(?:\s|$)/i

/** As `parse_loose_ref_contents` of git's `files-backend.c` reads it. Undefined for what git calls a broken ref. */
export const parseLooseRef = (text: string): LooseValue | undefined => {
  const line = text.trimEnd()
  if (line.startsWith('ref:')) {
    const name = line.slice('ref:'.length).trimStart()
    return isValidRefName(name) ? { kind: 'symbolic', name } : undefined
  }
  const id = objectLine.exec(line)?.[1]?.toLowerCase()
  return id === undefined || /^0+$/.test(id) ? undefined : { kind: 'object', id }
}

/** Git shows broken refs in some answers and not in others, so that a repository with one is left to it. */
const wellFormed = (name: string, text: string): LooseValue => {
  const value = isValidRefName(name) ? parseLooseRef(text) : undefined
  if (value === undefined) throw new StrangeRef(`${name} is broken`)
  return value
}

/** Names keep their bytes, and a home may have any name of its own. */
export const placeOf = (directory: string, name: string): Buffer =>
  Buffer.concat([Buffer.from(`${directory}/`), Buffer.from(name, 'latin1')])

/** So many files are read in one go before others get their turn. */
const atOnce = 200

/** Reads the loose refs of one repository; what an earlier reading knows of a file that has not changed is taken over. */
class LooseReading {
  readonly files = new Map<string, LooseFile>()
  readonly folders = new Map<string, Stamp | undefined>()
  readonly #directory: string
  readonly #known: LooseRefs | undefined
  #read = 0

  constructor(directory: string, known: LooseRefs | undefined) {
    this.#directory = directory
    this.#known = known
  }

  /** @param skip full names of folders that are left alone */
  async folder(name: string, skip: ReadonlySet<string>): Promise<void> {
    const place = placeOf(this.#directory, name)
    this.folders.set(name, stampOf(place))
    const entries = unlessMissing(() => readdirSync(place, { withFileTypes: true, encoding: 'latin1' })) ?? []
    for (const entry of entries) await this.#entry(name, entry, skip)
  }

  async #entry(folder: string, entry: Dirent, skip: ReadonlySet<string>): Promise<void> {
    const name = `${folder}/${entry.name}`
    if (entry.name.startsWith('.') || entry.name.endsWith('.lock') || skip.has(name)) return
    if (entry.isDirectory()) await this.folder(name, skip)
    else if (!entry.isFile()) throw new StrangeRef(`${name} is neither a file nor a folder`)
    else await this.#file(name)
  }

  async #file(name: string): Promise<void> {
    this.#read += 1
    if (this.#read % atOnce === 0) await turn()
    const place = placeOf(this.#directory, name)
    const stamp = stampOf(place)
    const known = this.#known?.files.get(name)
    if (known !== undefined && isSame(known.stamp, stamp)) this.files.set(name, known)
    else {
      const text = unlessMissing(() => readFileSync(place, 'latin1'))
      if (text !== undefined) this.files.set(name, { stamp, value: wellFormed(name, text) })
    }
  }
}

/** @param known of an earlier reading whose stamps can be relied on */
export const readLooseRefs = async (
  directory: string,
  skip: ReadonlySet<string>,
  known: LooseRefs | undefined,
): Promise<LooseRefs> => {
  const reading = new LooseReading(directory, known)
  await reading.folder('refs', skip)
  return reading
}
