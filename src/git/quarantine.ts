import { createReadStream, type Dirent, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream'
import { createInflate, inflateSync } from 'node:zlib'
import { ByteReader } from './byte-reader.ts'
import { type ObjectLine, parseObjectLine } from './object-reader.ts'
import { codeOf } from './system-errors.ts'

/** As git makes them (`tmp-objdir.c`, `receive-pack.c`); nothing in it leads elsewhere. */
const form = /^tmp_objdir-incoming-[0-9A-Za-z]{6,}$/

const folderForm = /^[0-9a-f]{2}$/
const fileForm = /^(?:[0-9a-f]{38}|[0-9a-f]{62})$/

/** An object that git has unpacked into a file of its own. */
export interface LooseObject {
  readonly id: string
  readonly path: string
}

/**
 * Where the new objects of a push lie until it is taken.
 * @param repository its absolute path, made from its id
 * @param name of the folder, as the hook tells it
 */
export const quarantineOf = (repository: string, name: string): string => {
  if (!form.test(name)) throw new Error('the hook named no quarantine')
  return join(repository, 'objects', name)
}

/** Git has just written here: nothing waits for a disk, and asking in turns would take ten times as long. */
const entriesOf = (directory: string): Dirent[] => readdirSync(directory, { withFileTypes: true })

const looseIn = (folder: string, prefix: string): readonly LooseObject[] | undefined => {
  const entries = entriesOf(folder)
  if (!entries.every((entry) => entry.isFile() && fileForm.test(entry.name))) return undefined
  return entries.map(({ name }) => ({ id: prefix + name, path: join(folder, name) }))
}

/** All objects of a small push; undefined where there is a pack, or anything that we do not read ourselves. */
export const looseObjects = (quarantine: string): readonly LooseObject[] | undefined => {
  const objects: LooseObject[] = []
  for (const entry of entriesOf(quarantine)) {
    const folder = join(quarantine, entry.name)
    const isPacks = entry.name === 'pack'
    if (!entry.isDirectory() || !(isPacks || folderForm.test(entry.name))) return undefined
    const found = isPacks ? noneIn(folder) : looseIn(folder, entry.name)
    if (found === undefined) return undefined
    objects.push(...found)
  }
  return objects
}

const noneIn = (folder: string): readonly LooseObject[] | undefined => (entriesOf(folder).length === 0 ? [] : undefined)

/** Files up to this size are read whole, and contents up to this size are; in bytes. */
const smallFile = 64 * 2 ** 10
const smallContent = 2 ** 20

const small = (path: string): Buffer | undefined => {
  if (statSync(path).size > smallFile) return undefined
  try {
    return inflateSync(readFileSync(path), { maxOutputLength: smallContent })
  } catch (fault) {
    if (codeOf(fault) === 'ERR_BUFFER_TOO_LARGE') return undefined
    throw fault
  }
}

/** A fault of either stream comes out of the second. */
const toldInFor = (): void => {}

/** What a loose object holds, with the header that leads it. A few KiB may become many MiB, which are not held. */
async function* inflated(path: string): AsyncGenerator<Buffer> {
  const whole = small(path)
  if (whole !== undefined) yield whole
  else yield* pipeline(createReadStream(path), createInflate(), toldInFor) as AsyncIterable<Buffer>
}

/** Reads an object: its header, and what follows, which has to be taken before this resolves. */
export const readLoose = async <Result>(
  { id, path }: LooseObject,
  read: (object: ObjectLine, content: ByteReader) => Promise<Result>,
): Promise<Result> => {
  const chunks = inflated(path)
  try {
    const reader = new ByteReader(chunks)
    const header = await reader.until(0, longestHeader)
    const object = header && parseObjectLine(`${id} ${header.toString('latin1')}`)
    if (object === undefined) throw new Error('an object in quarantine cannot be read')
    return await read(object, reader)
  } finally {
    await chunks.return(undefined)
  }
}

/** A type and a size. */
const longestHeader = 32
