import { type FileHandle, readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { ProjectId } from '../core/ids.ts'
import type { Repositories } from '../git/repositories.ts'
import { isAsSeen, type SeenRepository, seeRepository } from '../git/repository-copy.ts'
import type { LogLengths } from './job-copies.ts'
import { isKeyName } from './places.ts'

/** Where in the note the refs of a repository stand. */
interface Noted extends Omit<SeenRepository, 'refs'> {
  readonly at: number
  readonly length: number
}

export interface KeyFile {
  readonly name: string
  readonly content: Buffer
  readonly changedAt: number
}

/** What is read while nobody can write to the database. */
export interface Look {
  readonly keys: readonly KeyFile[]
  readonly logs: LogLengths
  /** The refs of each repository are kept in a file: there may be more of them than memory. */
  readonly repositories: ReadonlyMap<ProjectId, Noted>
  /** Projects whose repository is not on disk. */
  readonly missing: readonly ProjectId[]
  /** All refs stood so at one instant; else each repository has an instant of its own, while nobody could write to the database. */
  readonly isOneInstant: boolean
}

/** Looking went on for too long while a server waits to write. */
export class TooManyRefs extends Error {}

/** Of a key file, in bytes, and how many there may be. */
const largestKey = 1024 * 1024
const mostKeys = 1000

/** Nothing for a folder. A key that lies elsewhere, behind a link, is one of the server's keys all the same. */
const readKey = async (directory: string, name: string): Promise<KeyFile[]> => {
  const file = join(directory, name)
  const found = await stat(file)
  if (!found.isFile()) return []
  if (found.size > largestKey) throw new Error(`${file} is too large for a key`)
  return [{ name, content: await readFile(file), changedAt: found.mtimeMs / 1000 }]
}

/** All files in the folder of keys. */
export const readKeys = async (directory: string): Promise<KeyFile[]> => {
  const names = (await readdir(directory)).filter(isKeyName)
  if (names.length > mostKeys) throw new Error(`${directory} holds more than ${mostKeys} files`)
  return (await Promise.all(names.map((name) => readKey(directory, name)))).flat()
}

/** So long it is tried to see all refs at one instant, in milliseconds. */
const patience = 300

/** Reads refs into a note: there may be more of them than memory. */
export class RefNotes {
  readonly #repositories: Repositories
  readonly #note: FileHandle
  readonly #noted = new Map<ProjectId, Noted>()
  #end = 0

  /** @param note an empty file, open for reading and writing */
  constructor(repositories: Repositories, note: FileHandle) {
    this.#repositories = repositories
    this.#note = note
  }

  /** Reads everything once, while nobody waits for it: what does not change until the moment need not be read then. */
  async readAhead(signal: AbortSignal): Promise<void> {
    for (const id of await this.#repositories.all()) {
      signal.throwIfAborted()
      await this.#read(id)
    }
  }

  /**
   * What these repositories hold now, where nobody can write to the database.
   * @param until when it has to be over, in milliseconds of `performance.now()`; throws `TooManyRefs` then
   */
  async readNow(projects: readonly ProjectId[], until: number): Promise<Omit<Look, 'keys' | 'logs'>> {
    const begun = performance.now()
    let isOneInstant = false
    while (!isOneInstant) {
      isOneInstant = (await this.#readChanged(projects, until)) === 0
      if (performance.now() - begun > patience) break
    }
    const found = projects.flatMap((id) => {
      const noted = this.#noted.get(id)
      return noted === undefined ? [] : [[id, noted] as const]
    })
    const repositories = new Map(found)
    return { repositories, missing: projects.filter((id) => !repositories.has(id)), isOneInstant }
  }

  /** Reads again what may have changed, and answers how many repositories that were. */
  async #readChanged(projects: readonly ProjectId[], until: number): Promise<number> {
    let changed = 0
    for (const id of projects) {
      const noted = this.#noted.get(id)
      if (noted !== undefined && isAsSeen(noted.stamps)) continue
      if (performance.now() > until) throw new TooManyRefs()
      if (await this.#read(id)) changed += 1
    }
    return changed
  }

  /** Answers whether it is another state than before. */
  async #read(id: ProjectId): Promise<boolean> {
    const before = this.#noted.get(id)
    const seen = seeRepository(this.#repositories.directoryOf(id))
    if (seen === undefined) return this.#noted.delete(id)
    const { refs, ...rest } = seen
    const isSame = before?.head.equals(seen.head) === true && (await this.readNoted(before)).equals(refs)
    const at = isSame ? before.at : await this.#append(refs)
    this.#noted.set(id, { ...rest, at, length: refs.length })
    return !isSame
  }

  async #append(bytes: Buffer): Promise<number> {
    const at = this.#end
    for (let written = 0; written < bytes.length; ) {
      written += (await this.#note.write(bytes, written, bytes.length - written, at + written)).bytesWritten
    }
    this.#end += bytes.length
    return at
  }

  /** The refs that were noted. */
  async readNoted({ at, length }: Pick<Noted, 'at' | 'length'>): Promise<Buffer> {
    const buffer = Buffer.alloc(length)
    for (let filled = 0; filled < length; ) {
      const { bytesRead } = await this.#note.read(buffer, filled, length - filled, at + filled)
      if (bytesRead === 0) throw new Error('the note of refs is shorter than it was')
      filled += bytesRead
    }
    return buffer
  }
}
