import { type FileHandle, readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { ProjectId } from '../core/ids.ts'
import type { Repositories } from '../git/repositories.ts'
import { seeRepository } from '../git/repository-copy.ts'
import { isKeyName } from './places.ts'

/** Where in the note the refs of a repository stand. */
interface Noted {
  readonly head: string
  readonly at: number
  readonly length: number
  readonly count: number
}

export interface KeyFile {
  readonly name: string
  readonly content: Buffer
  readonly changedAt: number
}

/** What is read while nobody can write to the database. */
export interface Look {
  readonly keys: readonly KeyFile[]
  /** The refs of each repository are kept in a file: there may be more of them than memory. */
  readonly repositories: ReadonlyMap<ProjectId, Noted>
  /** Projects whose repository is not on disk. */
  readonly missing: readonly ProjectId[]
}

/** Looking went on for too long while a server waits to write. */
export class TooManyRefs extends Error {}

/** Of a key file, in bytes, and how many there may be. */
const largestKey = 1024 * 1024
const mostKeys = 1000

const readKeys = async (directory: string): Promise<KeyFile[]> => {
  const names = (await readdir(directory, { withFileTypes: true })).filter((entry) => entry.isFile() && isKeyName(entry.name))
  if (names.length > mostKeys) throw new Error(`${directory} holds more than ${mostKeys} files`)
  const read = async (name: string): Promise<KeyFile> => {
    const { size, mtimeMs } = await stat(join(directory, name))
    if (size > largestKey) throw new Error(`${join(directory, name)} is too large for a key`)
    return { name, content: await readFile(join(directory, name)), changedAt: mtimeMs / 1000 }
  }
  return Promise.all(names.map(({ name }) => read(name)))
}

export interface LookParts {
  readonly keys: string
  readonly repositories: Repositories
  /** Takes the refs; read again by position. */
  readonly note: FileHandle
  /** When looking has to be over, in milliseconds of `performance.now()`; nobody waits where it is infinite. */
  readonly until: number
}

/** Reads the keys, and the refs of all these repositories. Throws `TooManyRefs`. */
export const lookAtHome = async (parts: LookParts, projects: readonly ProjectId[]): Promise<Look> => {
  const found = new Map<ProjectId, Noted>()
  const missing: ProjectId[] = []
  let at = 0
  for (const id of projects) {
    if (performance.now() > parts.until) throw new TooManyRefs()
    const seen = await seeRepository(parts.repositories.directoryOf(id))
    if (seen === undefined) {
      missing.push(id)
      continue
    }
    const bytes = Buffer.from(seen.refs)
    for (let written = 0; written < bytes.length; ) {
      written += (await parts.note.write(bytes, written, bytes.length - written, at + written)).bytesWritten
    }
    found.set(id, { head: seen.head, at, length: bytes.length, count: seen.count })
    at += bytes.length
  }
  return { keys: await readKeys(parts.keys), repositories: found, missing }
}

/** The refs that were noted. */
export const readNoted = async (note: FileHandle, { at, length }: Noted): Promise<Buffer> => {
  const buffer = Buffer.alloc(length)
  for (let filled = 0; filled < length; ) {
    const { bytesRead } = await note.read(buffer, filled, length - filled, at + filled)
    if (bytesRead === 0) throw new Error('the note of refs is shorter than it was')
    filled += bytesRead
  }
  return buffer
}
